"""Which clue solved a case: an order, the most decisive first."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from cases import assignments, outcome_steps
from cases.models import Case, Clue, ClueKind, Outcome
from cases.querysets import lock

MOST = 10


@transaction.atomic
def add(*, actor: Actor, case: Case, kind: ClueKind, note: str = "") -> Clue:
    """Put a clue at the end of the order. Raises Conflict where no outcome is under way."""
    outcome = _held(actor, case)
    count = outcome.clues.count()
    if count >= MOST:
        raise Conflict("too_many", _("Ten clues are enough. Take one out first."))
    clue = Clue.objects.create(
        outcome=outcome, rank=count + 1, kind=kind, note=note.strip()[:2_000]
    )
    _recorded(actor, outcome, "add_clue")
    return clue


@transaction.atomic
def move_up(*, actor: Actor, case: Case, clue: Clue) -> None:
    """Rank a clue one higher; the first one stays where it is."""
    outcome = _held(actor, case)
    rank = _rank(outcome, clue)
    if rank > 1:
        outcome.clues.filter(rank=rank - 1).update(rank=rank)
        outcome.clues.filter(pk=clue.pk).update(rank=rank - 1)
        _recorded(actor, outcome, "rank_clue")


@transaction.atomic
def remove(*, actor: Actor, case: Case, clue: Clue) -> None:
    """Take a clue out; those below move up."""
    outcome = _held(actor, case)
    rank = _rank(outcome, clue)
    outcome.clues.filter(pk=clue.pk).delete()
    outcome.clues.filter(rank__gt=rank).update(rank=F("rank") - 1)
    _recorded(actor, outcome, "remove_clue")


def _held(actor: Actor, case: Case) -> Outcome:
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    assignments.deciding_user(actor, held)
    if not can(actor, Action.UPDATE, Group.OUTCOME, held):
        raise Forbidden
    outcome = outcome_steps.standing(held)
    if outcome is None:
        raise Conflict("no_outcome", _("No outcome is under way in this case."))
    return outcome


def _rank(outcome: Outcome, clue: Clue) -> int:
    found = outcome.clues.filter(pk=clue.pk).first()
    if found is None:
        raise NotFound
    return found.rank


def _recorded(actor: Actor, outcome: Outcome, action: str) -> None:
    audit.record(actor, action, "outcome", [outcome.pk], groups=[Group.OUTCOME])
