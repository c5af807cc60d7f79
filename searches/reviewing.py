"""Decisions on matches: two different reviewers make a lead; one yes and one no call a third."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.vocabularies import MatchStatus, ReviewDecision
from cases.querysets import lock
from families.services import guardian_of
from searches.models import Match, Review

DECIDABLE = {MatchStatus.PROPOSED, MatchStatus.IN_REVIEW, MatchStatus.NEEDS_INFORMATION}
REASON_LEAST = 3


@transaction.atomic
def decide(*, actor: Actor, match: Match, decision: ReviewDecision, reason: str) -> Review:
    """Record one reviewer's decision and what follows from all of them.

    Raises Invalid without a reason, Forbidden for kin or the reporter, Conflict when the match is
    already decided or the reviewer has decided before.
    """
    held: Match = lock(Match.objects.select_related("case__family", "sighting"), match.pk)
    if not can(actor, Action.CREATE, Group.REVIEWS, held) or actor.user is None:
        raise Forbidden
    if guardian_of(actor, held.case.family) or held.sighting.reporter_id == actor.user_id:
        raise Forbidden(_("You are too close to this match to decide on it."))
    if len(reason.strip()) < REASON_LEAST:
        raise Invalid({"reason": ("required", _("Say in a few words why. Others will read it."))})
    if held.status not in DECIDABLE:
        raise Conflict("already_decided", _("This match has been decided already."))
    if held.reviews.filter(reviewer=actor.user).exists():
        raise Conflict(
            "decided_by_you", _("You have decided on this match. It now waits for someone else.")
        )
    review = Review.objects.create(
        match=held, reviewer=actor.user, decision=decision, reason=reason.strip()
    )
    held.status = _status_after(list(held.reviews.values_list("decision", flat=True)))
    held.save(update_fields=["status", "updated_at"])
    audit.record(actor, Action.CREATE, "review", [held.pk], groups=[Group.REVIEWS])
    return review


def _status_after(decisions: list[str]) -> MatchStatus:
    """Two yes: a lead. Two no: rejected. Otherwise somebody else is needed."""
    accepted = decisions.count(ReviewDecision.ACCEPT)
    rejected = decisions.count(ReviewDecision.REJECT)
    if accepted >= 2:
        return MatchStatus.LEAD
    if rejected >= 2 or (rejected == 1 and accepted == 0 and len(decisions) == 1):
        return MatchStatus.REJECTED
    if accepted == 0 and rejected == 0:
        return MatchStatus.NEEDS_INFORMATION
    return MatchStatus.IN_REVIEW
