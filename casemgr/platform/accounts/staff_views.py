"""Pages of administrators: who holds which role, and what waits for a second of them."""

from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from casemgr.platform import audit, site
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.accounts import services
from casemgr.platform.accounts import staff as acts
from casemgr.platform.accounts.forms import ProposeRoleForm
from casemgr.platform.accounts.models import (
    ProposalState,
    RoleGrant,
    StaffProposal,
    StaffRole,
    User,
)
from casemgr.platform.accounts.second_factor import reauthenticated_within
from casemgr.platform.errors import DomainError, NotFound


@declares(Action.CREATE, Group.TOKENS)
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Members of staff and waiting proposals."""
    return _page(request, ProposeRoleForm())


@declares(Action.CREATE, Group.TOKENS)
@require_POST
@reauthenticated_within(minutes=5)
def propose_role(request: HttpRequest) -> HttpResponse:
    """One admin's half of giving a role."""
    form = ProposeRoleForm(request.POST)
    if form.is_valid():
        try:
            acts.propose_role(
                actor=_actor(request),
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=StaffRole(form.cleaned_data["role"]),
            )
            return redirect("staff")
        except DomainError as refused:
            form.add_error(None, str(refused.message))
    return _page(request, form)


@declares(Action.CREATE, Group.TOKENS)
@require_POST
@reauthenticated_within(minutes=5)
def propose_reset(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One admin's half of resetting a lost factor."""
    acts.propose_factor_reset(actor=_actor(request), user=_member(request, user_id))
    return redirect("staff")


@declares(Action.CREATE, Group.TOKENS)
@require_POST
@reauthenticated_within(minutes=5)
def revoke(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Take a role away, at once."""
    role = request.POST.get("role", "")
    if role not in StaffRole.values:
        raise NotFound
    acts.revoke_role(actor=_actor(request), user=_member(request, user_id), role=StaffRole(role))
    return redirect("staff")


@declares(Action.CREATE, Group.TOKENS)
@require_POST
@reauthenticated_within(minutes=5)
def decide(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """The second admin's half; a link that comes of it is shown once, to hand over."""
    actor = _actor(request)
    proposal = StaffProposal.objects.select_related("user").filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    if request.POST.get("act") == "drop":
        acts.drop(actor=actor, proposal=proposal)
        return redirect("staff")
    agreed = acts.agree(actor=actor, proposal=proposal)
    if not agreed.secret:
        return redirect("staff")
    link = site.address() + services.sign_in_path(agreed.secret)
    page = {"link": link, "proposal": proposal, "stay_at": "/staff/"}
    return render(request, "accounts/agreed.html", page)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _member(request: HttpRequest, user_id: UUID) -> User:
    """A person who holds a staff role."""
    held = RoleGrant.objects.filter(revoked_at__isnull=True)
    people = User.objects.visible_to(_actor(request)).filter(pk__in=held.values("user"))
    person: User | None = people.filter(pk=user_id).first()
    if person is None:
        raise NotFound
    return person


def _page(request: HttpRequest, form: ProposeRoleForm) -> HttpResponse:
    actor = _actor(request)
    held = RoleGrant.objects.filter(revoked_at__isnull=True).order_by("role")
    people = (
        User.objects.visible_to(actor)
        .filter(pk__in=held.values("user"))
        .prefetch_related(Prefetch("grants", queryset=held, to_attr="held"))
        .order_by("display_name", "email")
    )
    waiting = StaffProposal.objects.filter(state=ProposalState.WAITING).select_related(
        "user", "proposed_by"
    )
    audit.record(
        actor, Action.READ, "user", [person.pk for person in people], groups=[Group.ACCOUNTS]
    )
    page = {
        "form": form,
        "people": people,
        "waiting": waiting.order_by("proposed_at"),
        "stay_at": "/staff/",
    }
    return render(request, "accounts/staff.html", page, status=400 if form.errors else 200)
