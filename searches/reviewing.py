"""Decisions on matches: two different reviewers make a lead; one yes and one no call a third.

The second one is another person, not kin, not the reporter, and of no alliance with those before
while anybody else could do it.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from casemgr.platform.vocabularies import MatchStatus, ReviewDecision
from cases import assignments, second_seat
from cases.querysets import lock
from families.services import kin_of
from searches import ledger, rules, second_look
from searches.models import Match, Review, SecondLook

DECIDABLE = {MatchStatus.PROPOSED, MatchStatus.IN_REVIEW, MatchStatus.NEEDS_INFORMATION}
UNDO_WITHIN = timedelta(minutes=10)


@transaction.atomic
def decide(*, actor: Actor, match: Match, decision: ReviewDecision, reason: str) -> Review:
    """Record one reviewer's decision and what follows from all of them.

    Somebody who asked for information may decide once it is there. Raises Invalid without a reason,
    Forbidden for kin, the reporter or (where others exist) an ally of those before, Conflict when
    the match is already decided or the reviewer has decided before.
    """
    held = _locked(match)
    asked = [Action.CREATE] + [Action.APPROVE] * (decision is ReviewDecision.ACCEPT)
    granted = all(can(actor, action, Group.REVIEWS, held) for action in asked)
    if not granted or actor.user is None:
        raise Forbidden
    reporter = held.sighting.reporter_id
    if actor.user_id in kin_of(held.case.family_id) or reporter == actor.user_id:
        raise Forbidden(_("You are too close to this match to decide on it."))
    reason = assignments.require_reason(reason)
    if held.status not in DECIDABLE:
        raise Conflict("already_decided", _("This match has been decided already."))
    standing = _standing(held)
    mine = next((review for review in standing if review.reviewer_id == actor.user_id), None)
    if mine is not None and mine.decision != ReviewDecision.NEEDS_INFORMATION:
        raise Conflict(
            "decided_by_you", _("You have decided on this match. It now waits for someone else.")
        )
    # Whoever asked for information has decided nothing yet, and may do so later.
    earlier = _deciders(standing)
    if earlier:
        assignments.require_another(
            actor,
            held.case,
            earlier=earlier,
            subject=("match", held.pk),
            group=Group.REVIEWS,
            not_one_of=[reporter] if reporter else [],
        )
    if mine is not None:
        Review.objects.filter(pk=mine.pk).update(ended_at=Now())
        ledger.take_back([mine])
    review = Review.objects.create(
        match=held, reviewer=actor.user, decision=decision, reason=reason
    )
    ledger.write(held, review)
    _settle(held)
    audit.record(actor, Action.CREATE, "review", [held.pk], groups=[Group.REVIEWS])
    return review


@transaction.atomic
def undo(*, actor: Actor, review: Review) -> Match:
    """Take one's own decision back, within ten minutes and before anybody built on it.

    Raises NotFound for somebody else's, Conflict when it is too late.
    """
    held = _locked(review.match)
    mine = Review.objects.filter(pk=review.pk, match=held, reviewer=actor.user_id).first()
    if mine is None or not can(actor, Action.CREATE, Group.REVIEWS, held):
        raise NotFound
    built_on = (
        held.status not in {*DECIDABLE, MatchStatus.LEAD, MatchStatus.REJECTED}
        or held.reviews.filter(created_at__gt=mine.created_at).exists()
        or SecondLook.objects.filter(match=held, taken_at__isnull=False).exists()
    )
    recent = Review.objects.filter(
        pk=mine.pk, ended_at__isnull=True, created_at__gt=Now() - UNDO_WITHIN
    )
    if built_on or not recent.update(ended_at=Now()):
        raise Conflict(
            "too_late",
            _("It is too late to take this back: ten minutes have passed, or others went on."),
        )
    ledger.take_back([mine])
    _settle(held)
    audit.record(actor, "undo", "review", [held.pk], groups=[Group.REVIEWS])
    return held


def can_undo(actor: Actor, match: Match) -> Review | None:
    """The actor's decision that may still be taken back, as far as its age goes."""
    return Review.objects.filter(
        match=match,
        reviewer=actor.user_id,
        ended_at__isnull=True,
        created_at__gt=Now() - UNDO_WITHIN,
    ).last()


def _locked(match: Match) -> Match:
    rows = Match.objects.select_related("case__family", "sighting")
    held: Match = lock(rows, match.pk)
    return held


def _standing(match: Match) -> Sequence[Review]:
    return list(match.reviews.filter(ended_at__isnull=True))


def _deciders(standing: Sequence[Review]) -> set[UUID]:
    asked = ReviewDecision.NEEDS_INFORMATION
    return {review.reviewer_id for review in standing if review.decision != asked}


@second_seat.subject("match")
def _waits_for_second(match_id: UUID) -> second_seat.Waiting | None:
    """A match that somebody has decided on, and that needs another's word still."""
    match = Match.objects.select_related("case", "sighting").filter(pk=match_id).first()
    earlier = _deciders(_standing(match)) if match is not None else set()
    if match is None or not earlier or match.status != MatchStatus.IN_REVIEW:
        return None
    reporter = match.sighting.reporter_id
    return second_seat.Waiting(
        match.case,
        earlier,
        barred={reporter} if reporter else (),
        urgent=match.sighting.danger_now,
    )


def _settle(match: Match) -> None:
    """Bring the match's status, and whether a second look is due, in line with what stands."""
    match.status = rules.status_after([review.decision for review in _standing(match)])
    match.save(update_fields=["status", "updated_at"])
    second_look.settle(match)
    second_seat.settle("match", match.pk)
