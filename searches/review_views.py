"""Pages of reviewers: the queue, and one match with everything it rests on."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can, declares
from casemgr.platform.accounts.second_factor import require_recent
from casemgr.platform.errors import DomainError, Forbidden, Invalid, NotFound
from casemgr.platform.paging import start_of
from casemgr.platform.vocabularies import ReviewDecision
from cases import desk_queue, outcome_proposals, publication, second_seat, yearly
from cases import services as case_services
from cases.models import SecondSeat, TakeReason
from searches import evidence, fairness, follow_through, reopening, reviewing, second_look
from searches.forms import DecisionForm, TakeForm
from searches.models import Match, Review
from searches.presentation import face_views, waterfall
from searches.queue import waiting_cases
from searches.route import disappearance, of_sighting, route

QUEUE_SIZE = 50
MATCHES_SHOWN = 100


@declares(Action.READ, Group.OPERATIONS)
def queue(request: HttpRequest) -> HttpResponse:
    """Cases whose matches wait, and the waiting matches of the cases in hand."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    start = start_of(request.GET.get("start", "0"))
    rows = waiting_cases(actor, start=start, size=QUEUE_SIZE + 1)
    mine = (
        Match.objects.visible_to(actor)
        .waiting()
        .collapsed()
        .select_related("case__child", "sighting")
        .order_by("-weight_bits", "-pk")[:MATCHES_SHOWN]
    )
    if mine:
        seen = [key for row in mine for key in (row.pk, row.case_id, row.sighting_id)]
        audit.record(actor, Action.READ, "match", seen, groups=[Group.MATCHES, Group.CASE_DETAIL])
    page = {
        "rows": rows[:QUEUE_SIZE],
        "mine": mine,
        "drawn": second_seat.held_by(actor),
        "next_start": start + QUEUE_SIZE if len(rows) > QUEUE_SIZE else None,
        "start": start,
        "cases_wait": desk_queue.waiting_for(actor).exists(),
        "yearly_due": yearly.waiting_for(actor).exists(),
        "second_look_due": second_look.due(actor).exists(),
        "told_by_partners": outcome_proposals.cases_with_some(actor)[:QUEUE_SIZE],
        "reports_waiting": publication.reported_to(actor).count(),
    }
    return render(request, "searches/queue.html", page)


@declares(Action.CREATE, Group.REVIEWS)
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take a case in hand, then show what waits: what they were drawn for, what a
    partner says of it, or its strongest match.

    The first time it asks why, unless the button has said so.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    reference = request.POST.get("reference", "")
    asked = "why" in request.POST
    form = TakeForm(request.POST if asked else None)
    why, words = None, ""
    if form.is_valid():
        why, words = TakeReason(form.cleaned_data["why"]), form.cleaned_data["words"]
    try:
        assignment = case_services.take_in_hand(
            actor=actor, reference=reference, why=why, words=words
        )
    except Invalid as refused:
        if why is not None:
            form.take_refusals(refused)
        page = {"form": form, "reference": reference, "to": _to(request)}
        return render(request, "searches/take.html", page, status=400 if asked else 200)
    seat = second_seat.held_by(actor).filter(case=assignment.case_id).first()
    if seat is not None:
        return redirect(_where(seat, assignment.case.reference))
    if to := _to(request):
        return redirect(to) if to == "duplicates" else redirect(to, assignment.case.reference)
    strongest = (
        Match.objects.visible_to(actor)
        .waiting()
        .collapsed()
        .filter(case=assignment.case_id)
        .order_by("-weight_bits", "-pk")
        .first()
    )
    return redirect("match", strongest.pk) if strongest else redirect("queue")


def _to(request: HttpRequest) -> str:
    """Which page the button asked for; '' for none of those there are."""
    asked = request.POST.get("to", "")
    return asked if asked in {"outcome", "desk", "duplicates"} else ""


def _where(seat: SecondSeat, reference: str) -> str:
    """The page on which the decision waits."""
    if seat.subject_type in {"match", "claim"}:
        return reverse(seat.subject_type, args=[seat.subject_id])
    page = "outcome" if seat.subject_type == "outcome" else "desk"
    return reverse(page, args=[reference])


@declares(Action.READ, Group.MATCHES)
@require_http_methods(["GET", "POST"])
def match(request: HttpRequest, match_id: UUID) -> HttpResponse:
    """One match; POST decides on it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = Match.objects.visible_to(actor).with_pair().filter(pk=match_id).first()
    if found is None:
        raise NotFound
    if not can(actor, Action.READ, Group.MATCHES, found):
        raise Forbidden
    if request.method == "GET":
        return _match_page(request, actor, found, DecisionForm())
    if (asked := require_recent(request)) is not None:
        return asked
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            reviewing.decide(
                actor=actor,
                match=found,
                decision=ReviewDecision(form.cleaned_data["decision"]),
                reason=form.cleaned_data["reason"],
            )
            return redirect("match", found.pk)
        except Invalid as refused:
            form.take_refusals(refused)
        except DomainError as refused:
            form.add_error(None, str(refused.message))
    return _match_page(request, actor, found, form)


@declares(Action.CREATE, Group.REVIEWS)
@require_POST
def undo(request: HttpRequest, match_id: UUID) -> HttpResponse:
    """Take one's own decision back while that can be done."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = Match.objects.visible_to(actor).filter(pk=match_id).first()
    mine = reviewing.can_undo(actor, found) if found is not None else None
    if mine is None:
        raise NotFound
    reviewing.undo(actor=actor, review=mine)
    return redirect("match", match_id)


def _match_page(
    request: HttpRequest, actor: Actor, found: Match, form: DecisionForm
) -> HttpResponse:
    others, alike = _beside(actor, found)
    again = reopening.offered_again(found)
    fairness.looked_at(found.case_id)
    reviews = list(found.reviews.all())
    seat_of_another = second_seat.of_another(actor, "match", found.pk)
    family_gaps, child_gaps = evidence.gaps_of_match(found)
    seen = [found.pk, found.case_id, found.sighting_id]
    seen += [key for other in others for key in (other.pk, other.case_id)]
    seen += [key for other in alike for key in (other.pk, other.sighting_id)]
    audit.record(
        actor,
        Action.READ,
        "match",
        seen,
        groups=[Group.MATCHES, Group.CASE_DETAIL, Group.SIGHTING, Group.REVIEWS],
    )
    page = {
        "match": found,
        "case": found.case,
        "child": found.case.child,
        "sighting": found.sighting,
        "case_faces": face_views(found.case.photos.all()),
        "sighting_faces": face_views(found.sighting.photos.all()),
        "waterfall": waterfall(found, again.news if again else ()),
        "again": again,
        "route": route([disappearance(found.case), of_sighting(found)]),
        "family_gaps": family_gaps,
        "child_gaps": child_gaps,
        "followed": found.sighting.kind in follow_through.KINDS,
        "others": others,
        "alike": alike,
        "reviews": reviews,
        "decidable": found.status in reviewing.DECIDABLE
        and not _has_decided(actor, reviews)
        and not seat_of_another,
        "seat_of_another": seat_of_another,
        "undoable": reviewing.can_undo(actor, found),
        "form": form,
    }
    return render(request, "searches/match.html", page, status=400 if form.errors else 200)


def _beside(actor: Actor, found: Match) -> tuple[list[Match], list[Match]]:
    """The sighting's other matches, and the case's with sightings alike; the heaviest first."""
    others = (
        Match.objects.visible_to(actor)
        .filter(sighting=found.sighting_id)
        .exclude(pk=found.pk)
        .select_related("case__child")
        .order_by("-weight_bits")[:10]
    )
    alike = (
        Match.objects.visible_to(actor)
        .alike(found)
        .select_related("sighting")
        .order_by("-weight_bits", "-pk")[:MATCHES_SHOWN]
    )
    return list(others), list(alike)


def _has_decided(actor: Actor, reviews: Iterable[Review]) -> bool:
    """Asking for information decides nothing yet."""
    return any(
        review.reviewer_id == actor.user_id and review.decision != ReviewDecision.NEEDS_INFORMATION
        for review in reviews
    )
