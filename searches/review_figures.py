"""How reviewing goes, for reviewers alone: agreement, how right each band is, how long pairs wait.

Nobody is named: how single people agree is for the data-protection officer (see `pair_watch`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Aggregate, Count, DurationField, F, Min, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from casemgr.platform.vocabularies import Band, MatchStatus, ReviewDecision
from searches.models import Match, Review, SecondLook

YES: Final = (MatchStatus.LEAD, MatchStatus.CONFIRMED)
SAID: Final = (ReviewDecision.ACCEPT, ReviewDecision.REJECT)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of so many pairs of decisions, so many said the same."""

    pairs: int
    agreed: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there is no pair yet."""
        return self.agreed / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class BandFigures:
    """Matches of a band that reviewers decided: leads, and rejected."""

    band: str
    label: str
    leads: int
    rejected: int

    @property
    def precision(self) -> float | None:
        """The share of leads among those decided; None where none is."""
        decided = self.leads + self.rejected
        return self.leads / decided if decided else None


@dataclass(frozen=True, slots=True)
class QueueTimes:
    """How long pairs of a band waited for their first decision; and those that wait now."""

    band: str
    label: str
    decided: int
    half_within: timedelta | None
    nine_in_ten_within: timedelta | None
    waiting: int
    oldest: timedelta | None


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Everything on the page, as of a moment."""

    first_two: Agreement
    second_looks: Agreement
    bands: tuple[BandFigures, ...]
    queue: tuple[QueueTimes, ...]
    as_of: datetime


def review_figures() -> ReviewFigures:
    """The figures as of now, in five queries."""
    now = timezone.now()
    return ReviewFigures(_first_two(), _second_looks(), _bands(), _queue(now), now)


def _first_two() -> Agreement:
    """Of each match with two decisions that stand, whether the first two said the same."""
    place = Window(RowNumber(), partition_by=F("match"), order_by=["created_at", "pk"])
    rows = (
        Review.objects.filter(ended_at__isnull=True, decision__in=SAID)
        .annotate(place=place)
        .filter(place__lte=2)
        .values_list("match", "decision")
        .order_by()
    )
    said: dict[UUID, list[str]] = defaultdict(list)
    for match, decision in rows:
        said[match].append(decision)
    pairs = [decisions for decisions in said.values() if len(decisions) == 2]
    return Agreement(len(pairs), sum(first == second for first, second in pairs))


def _second_looks() -> Agreement:
    """Of the blind second looks, whether they said what had been decided."""
    found = SecondLook.objects.filter(decided_at__isnull=False, decision__in=SAID).aggregate(
        pairs=Count("pk"), agreed=Count("pk", filter=Q(decision=F("standing")))
    )
    return Agreement(found["pairs"], found["agreed"])


def _bands() -> tuple[BandFigures, ...]:
    rows = Match.objects.order_by().values("band")
    found = _by_band(
        rows.annotate(
            leads=Count("pk", filter=Q(status__in=YES)),
            rejected=Count("pk", filter=Q(status=MatchStatus.REJECTED)),
        )
    )
    return tuple(
        BandFigures(
            band, str(band.label), found[band].get("leads", 0), found[band].get("rejected", 0)
        )
        for band in Band
    )


class _Percentile(Aggregate):
    """PostgreSQL's percentile_cont over a length of time."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def _queue(now: datetime) -> tuple[QueueTimes, ...]:
    first = (
        Review.objects.filter(match=OuterRef("pk"), ended_at__isnull=True)
        .order_by()
        .values("match")
        .annotate(first=Min("created_at"))
        .values("first")
    )
    waited = Match.objects.annotate(waited=Subquery(first) - F("created_at")).exclude(waited=None)
    decided = _by_band(
        waited.order_by()
        .values("band")
        .annotate(
            decided=Count("pk"),
            half=_Percentile("waited", share=0.5),
            most=_Percentile("waited", share=0.9),
        )
    )
    waiting = _by_band(
        Match.objects.waiting()
        .collapsed()
        .order_by()
        .values("band")
        .annotate(waiting=Count("pk"), since=Min("created_at"))
    )
    return tuple(
        QueueTimes(
            band,
            str(band.label),
            decided[band].get("decided", 0),
            decided[band].get("half"),
            decided[band].get("most"),
            waiting[band].get("waiting", 0),
            now - waiting[band]["since"] if waiting[band] else None,
        )
        for band in Band
    )


def _by_band(rows: Iterable[Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        found[row["band"]] = dict(row)
    return found
