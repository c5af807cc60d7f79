"""Every tenth decided match is judged once more, blind, to see how far reviewers agree.

Which ones is settled by the match's id alone, so that nobody can foresee or choose it, and asking
twice gives the same answer. The third reviewer sees the pair and neither score nor decisions: while
their look is open, the match itself is not there for them.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from casemgr.platform.vocabularies import MatchStatus, ReviewDecision
from cases import assignments
from cases.models import Assignment, TakeReason
from cases.querysets import lock
from families.models import Guardian
from searches.models import Match, Review, SecondLook

ONE_IN = 10
# A look that was begun and not finished may be begun by somebody else after this long.
ABANDONED = timedelta(hours=24)
DECIDED = {
    MatchStatus.REJECTED: ReviewDecision.REJECT,
    MatchStatus.LEAD: ReviewDecision.ACCEPT,
    MatchStatus.CONFIRMED: ReviewDecision.ACCEPT,
}


def is_chosen(match_id: UUID) -> bool:
    """Whether a match is among the tenth that is looked at again."""
    digest = hashlib.sha256(b"second look" + match_id.bytes).digest()
    return int.from_bytes(digest[:8], "big") % ONE_IN == 0


def settle(match: Match) -> None:
    """Make a decided match's look due, and one that was undone before anybody looked not due."""
    standing = DECIDED.get(MatchStatus(match.status))
    untouched = SecondLook.objects.filter(match=match, taken_at__isnull=True)
    if standing is None:
        untouched.delete()
    elif is_chosen(match.pk):
        SecondLook.objects.get_or_create(match=match, defaults={"standing": standing})


def due(actor: Actor) -> "QuerySet[SecondLook]":
    """Looks that the actor may begin: of matches that are new to them, and not of their own kin."""
    if actor.user is None or not actor.has(Role.REVIEWER):
        return SecondLook.objects.none()
    case = OuterRef("match__case")
    knows = (
        Exists(Assignment.objects.filter(case=case, reviewer=actor.user))
        | Exists(Review.objects.filter(match=OuterRef("match"), reviewer=actor.user))
        | Exists(
            Guardian.objects.filter(
                family=OuterRef("match__case__family"), family__guardians__user=actor.user
            )
        )
        | Q(match__sighting__reporter=actor.user)
    )
    free = Q(taken_at__isnull=True) | Q(taken_at__lt=Now() - ABANDONED)
    return SecondLook.objects.filter(~knows, free, decided_at__isnull=True).order_by("due_at", "id")


@transaction.atomic
def begin(*, actor: Actor) -> SecondLook | None:
    """Take the next look that is due, and with it the case in hand; None when none is."""
    if actor.user is None or not can(actor, Action.CREATE, Group.REVIEWS):
        raise Forbidden
    open_one = SecondLook.objects.filter(reviewer=actor.user, decided_at__isnull=True).first()
    if open_one is not None:
        return open_one
    look = due(actor).select_for_update(of=("self",), skip_locked=True).first()
    if look is None:
        return None
    if look.reviewer_id is not None:
        _put_back(look)
    SecondLook.objects.filter(pk=look.pk).update(reviewer=actor.user, taken_at=Now())
    assignments.take_in_hand(
        actor=actor, reference=look.match.case.reference, why=TakeReason.SECOND_LOOK
    )
    audit.record(actor, "second_look", "match", [look.match_id], groups=[Group.REVIEWS])
    return SecondLook.objects.get(pk=look.pk)


def opened(*, actor: Actor, look_id: UUID) -> SecondLook:
    """The actor's own open look with its pair, for a page without score or earlier decisions."""
    look = (
        SecondLook.objects.filter(pk=look_id, reviewer=actor.user_id, decided_at__isnull=True)
        .select_related("match__case__child", "match__sighting")
        .prefetch_related(
            "match__case__child__marks",
            "match__case__photos__face",
            "match__sighting__marks",
            "match__sighting__photos__face",
        )
        .first()
    )
    if look is None or not actor.has(Role.REVIEWER):
        raise NotFound
    return look


@transaction.atomic
def finish(*, actor: Actor, look: SecondLook, decision: ReviewDecision, reason: str) -> SecondLook:
    """Say what the pair looks like; the match stays as it was decided. Puts the case back.

    Raises NotFound for somebody else's look, Invalid without a reason, Conflict for no yes or no.
    """
    held: SecondLook = lock(SecondLook.objects.select_related("match"), look.pk)
    if held.reviewer_id != actor.user_id or held.decided_at is not None:
        raise NotFound
    if decision not in DECIDED.values():
        raise Conflict("yes_or_no", _("Say yes or no: this look is about agreement alone."))
    reason = assignments.require_reason(reason)
    SecondLook.objects.filter(pk=held.pk).update(decision=decision, reason=reason, decided_at=Now())
    _put_back(held)
    audit.record(actor, "second_look_done", "match", [held.match_id], groups=[Group.REVIEWS])
    held.refresh_from_db()
    return held


def _put_back(look: SecondLook) -> None:
    Assignment.objects.filter(
        case=look.match.case_id, reviewer=look.reviewer_id, released_at__isnull=True
    ).update(released_at=Now())


@dataclass(frozen=True, slots=True)
class Agreement:
    """Finished looks, by what had been decided and what the third reviewer made of it."""

    yes_and_yes: int
    no_and_no: int
    yes_and_no: int
    no_and_yes: int

    @property
    def looked(self) -> int:
        """How many looks were finished."""
        return self.yes_and_yes + self.no_and_no + self.yes_and_no + self.no_and_yes

    @property
    def share(self) -> float | None:
        """The share that agreed, from 0 to 1; None before the first look."""
        return (self.yes_and_yes + self.no_and_no) / self.looked if self.looked else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: agreement beyond chance, up to 1; None where all went one way."""
        if self.share is None:
            return None
        first = (self.yes_and_yes + self.yes_and_no) / self.looked
        second = (self.yes_and_yes + self.no_and_yes) / self.looked
        chance = first * second + (1 - first) * (1 - second)
        return None if chance == 1 else (self.share - chance) / (1 - chance)


def agreement(*, since: datetime | None = None) -> Agreement:
    """How far the looks finished (since a moment) agree with the decisions that they tested."""
    done = SecondLook.objects.filter(decided_at__isnull=False)
    if since is not None:
        done = done.filter(decided_at__gte=since)
    pairs = Counter(done.values_list("standing", "decision"))
    yes, no = ReviewDecision.ACCEPT, ReviewDecision.REJECT
    return Agreement(
        yes_and_yes=pairs[(yes, yes)],
        no_and_no=pairs[(no, no)],
        yes_and_no=pairs[(yes, no)],
        no_and_yes=pairs[(no, yes)],
    )
