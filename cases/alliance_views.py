"""The page of one alliance: who is in it, and its cases as the asker may see them."""

from uuid import UUID

from django.db.models import Case as CaseWhen
from django.db.models import Exists, OuterRef, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, any_account
from casemgr.platform.paging import newest_first, start_of
from casemgr.platform.vocabularies import CaseStatus
from cases.case_files import OVER
from cases.models import Case
from cases.querysets import shared_with
from families import alliances
from families.models import Alliance, Membership, MembershipRole
from families.views import own_alliance

PAGE_SIZE = 30
MEMBERS = 20


@any_account("whether somebody is in the alliance is asked of each one")
@require_safe
def alliance(request: HttpRequest, alliance_id: UUID) -> HttpResponse:
    """Members, and cases: its own, and those that a guardian shares with it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found, mine = own_alliance(actor, alliance_id)
    shared = shared_with([found.pk], OuterRef("pk"))
    cases = Case.objects.visible_to(actor).as_shown_to(actor).with_card()
    cases = cases.filter(Q(alliance=found) | Exists(shared))
    after = request.GET.get("after", "")
    rows = newest_first(cases, by="created_at", after=after, size=PAGE_SIZE)
    if rows.rows:
        seen = [case.pk for case in rows.rows]
        audit.record(actor, Action.READ, "case", seen, groups=[Group.CASE_DETAIL])
    leads = mine.role != MembershipRole.MEMBER
    start = start_of(request.GET.get("from", "0"))
    members = list(_leaders_first(found, actor)[start : start + MEMBERS + 1])
    page = {
        "alliance": found,
        "mine": mine,
        "leads": leads,
        "owns": mine.role == MembershipRole.OWNER,
        "members": members[:MEMBERS],
        "members_after": start + MEMBERS if len(members) > MEMBERS else None,
        "start": start,
        "cases": [_line(case, own=case.alliance_id == found.pk, leads=leads) for case in rows.rows],
        "after": rows.after,
        "further": bool(after),
    }
    return render(request, "families/alliance.html", page)


def _leaders_first(found: Alliance, actor: Actor) -> "QuerySet[Membership]":
    order = [MembershipRole.OWNER, MembershipRole.COORDINATOR]
    rank = CaseWhen(
        *(When(role=role, then=place) for place, role in enumerate(order)), default=len(order)
    )
    members = alliances.members_of(actor=actor, alliance=found)
    return members.order_by(rank, "joined_at", "id")


def _line(case: Case, *, own: bool, leads: bool) -> dict[str, object]:
    status = CaseStatus(case.shown_status)  # type: ignore[attr-defined]
    return {
        "reference": case.reference,
        "name": next(iter(case.child.names()), ""),
        "status": status,
        "shared": not own,
        "public": case.public,
        "copied": own and leads and status not in OVER and case.withdrawal_asked_at is None,
    }
