"""An alliance's wall: its open cases as large photos, for a screen in a room or for paper.

Strangers look at such a screen too. So what stands there without being asked for is what anybody
may see anyway, and no more than that; the other wall is for those who lead, among themselves.
"""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgr.platform import audit, site
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.dates import PartialDate
from casemgr.platform.paging import newest_first
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import CaseStatus, PhotoStatus
from cases.card import Ages, ages, public_card, public_name
from cases.leading import for_those_who_lead
from cases.models import Case, CasePhoto
from families.models import Alliance

PAGE_SIZE: Final = 60
AMONG_US: Final = "us"


@dataclass(frozen=True, slots=True)
class Pinned:
    """One child as those who lead the alliance see it."""

    reference: str
    name: str
    age_then: Ages | None
    missing_at: PartialDate
    missing_from: Place
    photo: CasePhoto | None
    public: bool


@for_those_who_lead
@require_safe
def wall(request: HttpRequest, actor: Actor, alliance: Alliance) -> HttpResponse:
    """Public cards of the alliance's own cases; `for=us` also shows what only those who lead see.

    A child who was located leaves the first at once. On the second it stays until the family was
    told, as everywhere: the wall is no place to read that from.
    """
    among_us = request.GET.get("for") == AMONG_US
    own = Case.objects.filter(alliance=alliance).with_card()
    if among_us:
        cases = own.visible_to(actor).as_shown_to(actor)
        cases = cases.filter(shown_status=CaseStatus.OPEN)  # type: ignore[misc]
        cases = cases.filter(withdrawal_asked_at__isnull=True)
    else:
        cases = own.public()
    by = "created_at" if among_us else "public_since"
    found = newest_first(cases, by=by, after=request.GET.get("after", ""), size=PAGE_SIZE)
    if among_us and found.rows:
        seen = [case.pk for case in found.rows]
        groups = [Group.CASE_DETAIL, Group.CASE_PHOTOS, Group.CASE_PLACE]
        audit.record(actor, Action.READ, "case", seen, groups=groups)
    page = {
        "alliance": alliance,
        "among_us": among_us,
        "cards": [_pinned(case) if among_us else public_card(case) for case in found.rows],
        "after": found.after,
        "further": "after" in request.GET,
        "address": site.address(),
    }
    return render(request, "families/wall.html", page)


def _pinned(case: Case) -> Pinned:
    ready = [photo for photo in case.photos.all() if photo.status == PhotoStatus.READY]
    return Pinned(
        reference=case.reference,
        name=case.child.full_name or public_name(case),
        age_then=ages(case.child.birth_date, case.missing_at),
        missing_at=case.missing_at,
        missing_from=case.missing_from,
        photo=ready[0] if ready else None,
        public=case.public,
    )
