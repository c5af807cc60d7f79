"""An alliance's case for those who lead the alliance: what they may see of it, and add to it.

Of an own case that is detail, place, small photos and how to reach the family; of one that a family
shares with the alliance the same without the family, and nothing of how it ends. No match, no
sighting, no flag, and nothing that a reviewer wrote down for review.
"""

from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from casemgr.platform import audit, limits
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import DomainError, Forbidden, NotFound, as_lines
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, report_views, timeline
from cases.alliance_case_steps import STEPS
from cases.leading import for_those_who_lead
from cases.models import Case
from cases.querysets import shared_with
from cases.report import CHANGEABLE
from cases.report_views import Screen
from families.models import Alliance, Contact

_GROUPS: Final = [Group.CASE_DETAIL, Group.CASE_PHOTOS, Group.CASE_PLACE]


@for_those_who_lead
@require_safe
def case(request: HttpRequest, actor: Actor, alliance: Alliance, reference: str) -> HttpResponse:
    """One case, own or shared with the alliance."""
    return _page(request, actor, alliance, _found(actor, alliance, reference))


@for_those_who_lead
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def step(
    request: HttpRequest, actor: Actor, alliance: Alliance, reference: str, name: str
) -> HttpResponse:
    """One screen of facts; POST keeps them."""
    found = _own(actor, alliance, reference)
    asked = STEPS.get(name)
    if asked is None:
        raise NotFound
    screen = Screen(request, actor, found)
    kept = False
    if screen.sent is None:
        asked.ask(screen)
        audit.record(actor, Action.READ, "case", [found.pk], groups=_GROUPS)
    else:
        limits.enforce(request, "writes")
        kept = report_views.kept(screen, asked)
    if kept:
        return redirect("alliance-case", alliance.pk, found.reference)
    page = {
        "alliance": alliance,
        "case": found,
        "form": screen.form,
        "title": asked.title,
        "name": name,
        "photos_lost": bool(request.FILES),
        **(screen.more or {}),
    }
    status = 200 if screen.sent is None else 400
    return render(request, "families/case_step.html", page, status=status)


@for_those_who_lead
@require_http_methods(["POST"])
def hand_in(request: HttpRequest, actor: Actor, alliance: Alliance, reference: str) -> HttpResponse:
    """Hand a draft in, for reviewers to read; what is missing is named."""
    found = _own(actor, alliance, reference)
    limits.enforce(request, "writes")
    if found.status == CaseStatus.DRAFT:
        try:
            lifecycle.transition(actor=actor, case=found, to=CaseStatus.SUBMITTED)
        except DomainError as refused:
            if isinstance(refused, Forbidden):
                raise
            return _page(request, actor, alliance, found, wrong=refused)
    return redirect("alliance-case", alliance.pk, found.reference)


def _found(actor: Actor, alliance: Alliance, reference: str) -> Case:
    """A case of this alliance, own or shared, with `shown_status`. Raises NotFound."""
    shared = shared_with([alliance.pk], OuterRef("pk"))
    cases = Case.objects.visible_to(actor).as_shown_to(actor).with_detail()
    found = cases.filter(Q(alliance=alliance) | Exists(shared), reference=reference).first()
    if found is None:
        raise NotFound
    return found


def _own(actor: Actor, alliance: Alliance, reference: str) -> Case:
    """A case that those who lead may change now. Raises Forbidden for one that is shared."""
    found = _found(actor, alliance, reference)
    if found.alliance_id != alliance.pk or not can(actor, Action.UPDATE, Group.CASE_DETAIL, found):
        raise Forbidden
    if _status(found) not in CHANGEABLE:
        raise NotFound
    return found


def _status(found: Case) -> CaseStatus:
    return CaseStatus(found.shown_status)  # type: ignore[attr-defined]


def _page(
    request: HttpRequest,
    actor: Actor,
    alliance: Alliance,
    found: Case,
    *,
    wrong: DomainError | None = None,
) -> HttpResponse:
    own = found.alliance_id == alliance.pk
    groups = list(_GROUPS)
    contacts: list[Contact] = []
    if own and can(actor, Action.READ, Group.FAMILY_CONTACT, found):
        groups.append(Group.FAMILY_CONTACT)
        people = Contact.objects.filter(guardian__family=found.family_id)
        people = people.filter(guardian__ended_at__isnull=True).select_related("guardian")
        contacts = list(people.order_by("guardian__created_at"))
    status = _status(found)
    may_change = own and status in CHANGEABLE
    page: dict[str, Any] = {
        "alliance": alliance,
        "case": found,
        "child": found.child,
        "name": next(iter(found.child.names()), ""),
        "status": status,
        "own": own,
        "may_change": may_change and can(actor, Action.UPDATE, Group.CASE_DETAIL, found),
        "draft": status == CaseStatus.DRAFT,
        "photos": found.photos.all(),
        "events": timeline.events_shown_to(actor, found),
        "contacts": contacts,
        "wrong": as_lines(wrong) if wrong is not None else [],
    }
    audit.record(actor, Action.READ, "case", [found.pk], groups=groups)
    return render(request, "families/case.html", page, status=400 if wrong else 200)
