"""A rejected pair is offered again only where new evidence adds enough, and says what is new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from django.db.models.functions import Now

from casemgr.platform.vocabularies import MatchStatus, ReviewDecision
from searches import ledger, second_look
from searches.matching.types import Scored
from searches.models import Evidence, LedgerEntry, Match

NEWS_BITS: Final = 3.0
"""What new evidence has to add before people are asked about a rejected pair once more."""


class Line(Protocol):
    """What telling news apart reads of a line of evidence, stored or freshly judged."""

    @property
    def comparison(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def weight_bits(self) -> float: ...
    @property
    def case_value(self) -> str: ...
    @property
    def sighting_value(self) -> str: ...


@dataclass(frozen=True, slots=True)
class OfferedAgain:
    """Since when a pair that had been rejected waits again, why it was rejected, and which
    comparisons have found something new."""

    since: datetime
    reason: str
    news: frozenset[str]


def added_bits(before: Iterable[Line], now: Iterable[Line]) -> float:
    """Bits that findings other than those of before add. Findings that only weigh otherwise, by a
    new version or calibration, are no news.
    """
    old, new = _told(before), _told(now)
    return sum(
        _bits(new.get(comparison)) - _bits(old.get(comparison))
        for comparison in old.keys() | new.keys()
        if _finding(old.get(comparison)) != _finding(new.get(comparison))
    )


def reopen(
    pairs: Mapping[tuple[UUID, UUID], Scored],
    *,
    case_revisions: Mapping[UUID, int],
    sighting_revisions: Mapping[UUID, int],
) -> set[tuple[UUID, UUID]]:
    """Put rejected pairs back among those that wait, where the news is worth it; returns which.

    What was decided stays on record and no longer stands. In the caller's transaction.
    """
    rejected = (
        Match.objects.select_for_update(of=("self",))
        .filter(
            status=MatchStatus.REJECTED,
            case__in={case for case, _seen in pairs},
            sighting__in={seen for _case, seen in pairs},
        )
        .select_related("case", "sighting")
        .prefetch_related("evidence")
        .order_by("case_id", "sighting_id")
    )
    opened = set()
    for match in rejected:
        pair = match.case_id, match.sighting_id
        as_judged = (
            match.case.revision == case_revisions[match.case_id]
            and match.sighting.revision == sighting_revisions[match.sighting_id]
        )
        if pair not in pairs or not as_judged:
            continue
        if added_bits(match.evidence.all(), pairs[pair].evidence) >= NEWS_BITS:
            _put_back(match)
            opened.add(pair)
    return opened


def offered_again(match: Match) -> OfferedAgain | None:
    """What is new on a match that had been rejected; None where it never was."""
    entry = (
        LedgerEntry.objects.filter(review__match=match, reopened_at__isnull=False)
        .filter(decision=ReviewDecision.REJECT)
        .select_related("review")
        .last()
    )
    if entry is None or entry.reopened_at is None or entry.review is None:
        return None
    known = {comparison: (level, round(bits, 1)) for comparison, level, bits, _ in entry.lines}
    same_version = entry.engine_version == match.engine_version
    news = {
        line.comparison
        for line in match.evidence.all()
        if line.comparison != ledger.WORKED_OUT and not _is_known(line, known, same_version)
    }
    return OfferedAgain(entry.reopened_at, entry.review.reason, frozenset(news))


def _is_known(line: Evidence, known: Mapping[str, tuple[str, float]], same_version: bool) -> bool:
    level, bits = known.get(line.comparison, ("", 0.0))
    return line.level == level and (not same_version or round(line.weight_bits, 1) == bits)


def _put_back(match: Match) -> None:
    standing = list(match.reviews.filter(ended_at__isnull=True))
    match.reviews.filter(ended_at__isnull=True).update(ended_at=Now())
    ledger.ask_anew(standing)
    match.status = MatchStatus.PROPOSED
    match.save(update_fields=["status", "updated_at"])
    second_look.settle(match)


def _told(lines: Iterable[Line]) -> dict[str, Line]:
    return {line.comparison: line for line in lines if line.comparison != ledger.WORKED_OUT}


def _bits(line: Line | None) -> float:
    return 0.0 if line is None else line.weight_bits


def _finding(line: Line | None) -> tuple[str, str, str]:
    """What was found, whatever it weighs; as told as it is stored."""
    return ("", "", "") if line is None else (line.level, line.case_value, line.sighting_value)
