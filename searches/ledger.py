"""The match ledger: every decision with the evidence it was made on, kept for learning.

Values are never copied here. They stay on the match and go with erasure; the levels remain.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from uuid import uuid4

from django.db.models.functions import Now

from casemgr.platform.vocabularies import MatchStatus
from searches import calibrations
from searches.matching.learning import Decided, Said
from searches.models import LedgerEntry, Match, Review
from searches.rules import status_after

# What is taken off a large sum is worked out anew whenever a pair is judged again.
WORKED_OUT = "together"
OUTCOMES: Mapping[MatchStatus, bool] = {MatchStatus.LEAD: True, MatchStatus.REJECTED: False}


def write(match: Match, review: Review) -> None:
    """Keep what `review` was decided on; in the caller's transaction."""
    weighing = calibrations.named(match.engine_version)
    earlier = LedgerEntry.objects.filter(review__match=match).first()
    LedgerEntry.objects.create(
        pair=earlier.pair if earlier is not None else uuid4(),
        review=review,
        decision=review.decision,
        prior_bits=match.prior_bits - weighing.prior_bits,
        weight_bits=match.weight_bits,
        engine_version=match.engine_version,
        lines=[
            [
                line.comparison,
                line.level,
                line.weight_bits,
                line.weight_bits / weighing.share(line.comparison, line.weight_bits),
            ]
            for line in match.evidence.all()
        ],
    )


def take_back(reviews: Iterable[Review]) -> None:
    """These decisions no longer stand."""
    LedgerEntry.objects.filter(review__in=reviews).update(stands=False)


def ask_anew(reviews: Iterable[Review]) -> None:
    """These decisions no longer stand, because the pair is offered again."""
    LedgerEntry.objects.filter(review__in=reviews).update(stands=False, reopened_at=Now())


def decided() -> list[Decided]:
    """Every pair that stands decided, yes or no, with the evidence of its last decision."""
    entries = LedgerEntry.objects.filter(stands=True).order_by("pair", "decided_at", "id")
    found = []
    for _pair, group in groupby(entries.iterator(), key=lambda entry: entry.pair):
        rows = list(group)
        outcome = OUTCOMES.get(status_after([row.decision for row in rows]))
        if outcome is not None:
            found.append(_as_decided(rows[-1], same=outcome))
    return found


def _as_decided(entry: LedgerEntry, *, same: bool) -> Decided:
    return Decided(
        tuple(
            Said(comparison, level, said)
            for comparison, level, _bits, said in entry.lines
            if comparison != WORKED_OUT
        ),
        entry.prior_bits,
        same,
    )
