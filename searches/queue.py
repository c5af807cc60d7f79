"""The reviewers' queue: which cases have matches that wait, and nothing of what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, Max, OuterRef, Q, Value, When
from django.utils import timezone

from casemgr.platform.access import Actor
from casemgr.platform.vocabularies import Band
from cases.models import Assignment
from families.models import Guardian
from families.services import kin_with
from searches.models import Match
from searches.querysets import MatchQuerySet

FRESH = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case: its reference, how many matches wait in each band, since when, and whose it is."""

    reference: str
    band: str
    strong: int
    possible: int
    weak: int
    newest: datetime
    mine: bool
    urgent: bool

    @property
    def fresh(self) -> bool:
        """Whether something came in within the last day."""
        return timezone.now() - self.newest < FRESH


def waiting_cases(actor: Actor, *, start: int, size: int) -> Sequence[QueueRow]:
    """Cases with undecided matches: those with a child in danger first, then by best band, then
    those that nobody has looked at for longest, then what came in last. Of sightings that say the
    same one is counted. Cases of the actor's kin are left out. One query.
    """
    kin = Guardian.objects.filter(family=OuterRef("case__family"), user__in=kin_with(actor.user_id))
    counted = _counted(Match.objects.waiting().collapsed().exclude(Exists(kin)), actor)
    rows = counted.order_by(
        F("urgent").desc(),
        F("has_strong").desc(),
        F("has_possible").desc(),
        F("looked_at").asc(nulls_first=True),
        F("newest").desc(),
        "case_id",
    )[start : start + size]
    return [
        QueueRow(
            reference=row["case__reference"],
            band=_best(row["strong"], row["possible"]),
            strong=row["strong"],
            possible=row["possible"],
            weak=row["weak"],
            newest=row["newest"],
            mine=row["mine"],
            urgent=row["urgent"],
        )
        for row in rows
    ]


def _counted(matches: MatchQuerySet, actor: Actor) -> Any:
    """One row for each case: how many of its matches are in each band, and what orders them."""
    danger = Q(
        sighting__danger_now=True,
        created_at__gt=timezone.now() - FRESH,
        band__in=[Band.STRONG, Band.POSSIBLE],
    )
    in_hand = Assignment.objects.filter(
        case=OuterRef("case_id"), reviewer=actor.user, released_at__isnull=True
    )
    return matches.values("case_id", "case__reference").annotate(
        strong=Count("pk", filter=Q(band=Band.STRONG)),
        possible=Count("pk", filter=Q(band=Band.POSSIBLE)),
        weak=Count("pk", filter=Q(band=Band.WEAK)),
        dangers=Count("pk", filter=danger),
        newest=Max("created_at"),
        looked_at=Max("case__clock__looked_at"),
        mine=Exists(in_hand),
        urgent=_flag(Q(dangers__gt=0)),
        has_strong=_flag(Q(strong__gt=0)),
        has_possible=_flag(Q(possible__gt=0)),
    )


def _flag(condition: Q) -> Case:
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def _best(strong: int, possible: int) -> str:
    if strong:
        return Band.STRONG
    return Band.POSSIBLE if possible else Band.WEAK
