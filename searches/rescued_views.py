"""Pages of found children and grown seekers whose family is unknown: the list, and one of them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import DomainError, NotFound, Words, as_lines
from casemgr.platform.paging import part
from searches import evidence, follow_through
from searches.models import FollowThroughKind, Match, Sighting

SHOWN = 100
LONGEST_WORDS = 2_000


@declares(Action.READ, Group.OPERATIONS)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Those in hand, and by kind and day alone those that nobody has; POST takes one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        sighting = follow_through.followed().filter(pk=_id(request.POST.get("item", ""))).first()
        if sighting is None:
            raise NotFound
        follow_through.take(actor=actor, sighting=sighting)
        return redirect("rescued", sighting.pk)
    mine = part(follow_through.in_hand(actor), typed=request.GET.get("mine"), size=SHOWN)
    if seen := [row.pk for row in mine.rows]:
        audit.record(actor, Action.READ, "sighting", seen, groups=[Group.SIGHTING])
    waiting = follow_through.waiting().exclude(reporter=actor.user)
    page = {
        "mine": mine,
        "waiting": part(waiting, typed=request.GET.get("start"), size=SHOWN),
    }
    return render(request, "searches/rescued_list.html", page)


@declares(Action.READ, Group.SIGHTING)
@require_http_methods(["GET", "POST"])
def rescued(request: HttpRequest, sighting_id: UUID) -> HttpResponse:
    """One in the reviewer's hand: what is known, done and lacking; POST writes down what was done.

    Their matches are listed only as far as the reviewer has the cases in hand.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    sighting = follow_through.in_hand(actor).with_detail().filter(pk=sighting_id).first()
    if sighting is None:
        raise NotFound
    wrong: list[Words] = []
    if request.method == "POST":
        try:
            return _done(actor, sighting, request)
        except NotFound:
            raise
        except DomainError as refused:
            wrong = as_lines(refused)
    matches = list(
        Match.objects.visible_to(actor)
        .filter(sighting=sighting)
        .select_related("case")
        .order_by("-weight_bits", "-pk")[:SHOWN]
    )
    seen = [sighting.pk, *(key for row in matches for key in (row.pk, row.case_id))]
    audit.record(actor, Action.READ, "sighting", seen, groups=[Group.SIGHTING, Group.MATCHES])
    page = _shown(sighting) | {"matches": matches, "wrong": wrong}
    return render(request, "searches/rescued.html", page, status=400 if wrong else 200)


def _shown(sighting: Sighting) -> dict[str, Any]:
    steps = list(sighting.follow_through.filter(undone_at__isnull=True).select_related("by"))
    taken = {step.kind for step in steps}
    facts, _work = evidence.known(sighting)
    return {
        "sighting": sighting,
        "steps": steps,
        "open_steps": [kind for kind in FollowThroughKind if kind not in taken],
        "gaps": evidence.gaps_of_sighting(sighting),
        "dna": _dna(facts.dna, taken),
    }


def _dna(kept: bool | None, taken: set[str]) -> str:
    """How far the sample of the child's side is, in words."""
    if kept:
        return _("in the database")
    if FollowThroughKind.DNA_TAKEN in taken:
        return _("taken, not in the database yet")
    if FollowThroughKind.DNA_ASKED in taken:
        return _("asked for")
    return _("none yet") if kept is False else _("not known")


def _done(actor: Actor, sighting: Sighting, request: HttpRequest) -> HttpResponse:
    act, words = request.POST.get("act", ""), request.POST.get("words", "")[:LONGEST_WORDS]
    if act == "put_back":
        follow_through.put_back(actor=actor, sighting=sighting)
        return redirect("rescued-list")
    wanted = request.POST.get("item", "")
    if wanted not in FollowThroughKind.values:
        raise NotFound
    kind = FollowThroughKind(wanted)
    if act == "done":
        follow_through.record(actor=actor, sighting=sighting, kind=kind, note=words)
    elif act == "undo":
        follow_through.take_back(actor=actor, sighting=sighting, kind=kind, reason=words)
    else:
        raise NotFound
    return redirect("rescued", sighting.pk)


def _id(text: str) -> UUID:
    try:
        return UUID(text[:40])
    except ValueError as error:
        raise NotFound from error
