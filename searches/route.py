"""A case's route: where the child was, when, and how sure that is, for its reviewers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.dates import PartialDate
from casemgr.platform.fields import civil_zone
from casemgr.platform.maps import Dot, Drawing, Way, draw
from casemgr.platform.places import Place, locate
from casemgr.platform.vocabularies import MatchStatus, TimelineKind
from cases import outcome_steps
from cases.models import PROOFS, Case, StepKind
from cases.timeline import events_shown_to
from searches.models import Match, Sighting

# The drawn time line is this wide; a moment is never drawn thinner than this.
SPAN = 1_000.0
THINNEST = 8.0


class Certainty(StrEnum):
    """How sure a stop is."""

    TOLD = "told"
    LEAD = "lead"
    PROVEN = "proven"
    PROPOSED = "proposed"


WORDS = {
    Certainty.TOLD: pgettext_lazy("certainty", "As it was told."),
    Certainty.LEAD: pgettext_lazy("certainty", "A lead: two reviewers let it through. Not proven."),
    Certainty.PROVEN: pgettext_lazy("certainty", "Confirmed by the outcome."),
    Certainty.PROPOSED: pgettext_lazy("certainty", "Only proposed: nobody has decided yet."),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One place and time of the child; `match` is what a sighting came by, None otherwise."""

    label: str
    when: PartialDate
    place: Place
    certainty: Certainty
    match: UUID | None = None
    ids: tuple[UUID, ...] = ()

    @property
    def bounds(self) -> tuple[datetime, datetime] | None:
        """First and last moment, None where nobody knows."""
        return self.when.bounds(civil_zone())

    @property
    def words(self) -> str:
        """How sure it is, in words."""
        return str(WORDS[self.certainty])


@dataclass(frozen=True, slots=True)
class NumberedStop:
    """A stop with its number in the picture, where it lies on the time line (None: undated), and
    how far off its place may be, in kilometres (None: no place known).
    """

    number: int
    stop: Stop
    x: float | None
    width: float
    within_km: int | None


@dataclass(frozen=True, slots=True)
class Route:
    """Stops in order of time, undated ones last; `drawing` is None where no place is known."""

    stops: tuple[NumberedStop, ...]
    drawing: Drawing | None
    first: str
    last: str


def stops_of(actor: Actor, case: Case) -> list[Stop]:
    """Disappearance, timeline, sightings let through, and where the child was located.

    Only what the actor may read; the caller has asked whether they may read the case.
    """
    stops = [disappearance(case)]
    stops += [
        Stop(str(event.get_kind_display()), event.occurred_at, event.place, Certainty.TOLD)
        for event in events_shown_to(actor, case)
        if event.kind not in (TimelineKind.DISAPPEARANCE, TimelineKind.NOTE)
    ]
    through = (
        Match.objects.visible_to(actor)
        .filter(case=case, status__in=[MatchStatus.LEAD, MatchStatus.CONFIRMED])
        .select_related("sighting")
        .order_by("-weight_bits", "-pk")
    )
    stops += [of_sighting(match) for match in through]
    if can(actor, Action.READ, Group.OUTCOME, case):
        stops += _located(case)
    return in_order(stops)


def disappearance(case: Case) -> Stop:
    """Where and when the child went missing."""
    kind = TimelineKind.DISAPPEARANCE
    return Stop(str(kind.label), case.missing_at, case.missing_from, Certainty.TOLD)


def of_sighting(match: Match) -> Stop:
    """Where and when the sighting of a match was."""
    certainty = {
        MatchStatus.CONFIRMED: Certainty.PROVEN,
        MatchStatus.LEAD: Certainty.LEAD,
    }.get(MatchStatus(match.status), Certainty.PROPOSED)
    seen: Sighting = match.sighting
    kind = _("sighting: %(kind)s") % {"kind": seen.get_kind_display()}
    return Stop(kind, seen.seen_at, seen.place, certainty, match.pk, (match.pk, seen.pk))


def _located(case: Case) -> list[Stop]:
    outcome = outcome_steps.standing(case)
    if outcome is None or not outcome.place:
        return []
    proven = bool(set(outcome.identity_by) & set(PROOFS))
    agreed = outcome_steps.has_step(case, StepKind.CONFIRMED)
    sure = Certainty.PROVEN if proven and agreed else Certainty.TOLD
    place = Place(text=outcome.place)
    return [Stop(_("located"), outcome.occurred_at, place, sure, None, (outcome.pk,))]


def in_order(stops: Iterable[Stop]) -> list[Stop]:
    """By when they began; undated ones last."""
    return sorted(stops, key=lambda stop: (stop.bounds is None, stop.bounds and stop.bounds[0]))


def route(stops: Iterable[Stop]) -> Route:
    """Number the stops and draw them: each way leads to the next stop whose place is known."""
    numbered = list(in_order(stops))
    spots = [locate(stop.place) for stop in numbered]
    line = _TimeLine(numbered)
    dots: list[Dot] = []
    ways: list[Way] = []
    for index, (stop, spot) in enumerate(zip(numbered, spots, strict=True)):
        if spot is None:
            continue
        dots.append(Dot(spot[0], spot[1], str(index + 1), stop.certainty))
        if len(dots) > 1 and stop.bounds is not None:
            ways.append(Way(len(dots) - 2, len(dots) - 1, stop.certainty))
    return Route(
        stops=tuple(
            NumberedStop(
                number=index + 1,
                stop=stop,
                x=line.left(stop),
                width=line.width(stop),
                within_km=_within(spots[index]),
            )
            for index, stop in enumerate(numbered)
        ),
        drawing=draw(dots, ways) if dots else None,
        first=line.first,
        last=line.last,
    )


def _within(spot: tuple[float, float, int] | None) -> int | None:
    return None if spot is None else max(1, round(spot[2] / 1000))


class _TimeLine:
    """Moments to units of the drawn line; `first` and `last` are its ends, '' with fewer than two
    dated stops, where a line would say nothing.
    """

    def __init__(self, stops: Iterable[Stop]) -> None:
        bounds = [stop.bounds for stop in stops if stop.bounds is not None]
        self._start = min((first for first, _last in bounds), default=None)
        self._end = max((last for _first, last in bounds), default=None)
        self.first = self.last = ""
        if len(bounds) > 1 and self._start and self._end:
            self.first = str(self._start.astimezone(civil_zone()).year)
            self.last = str(self._end.astimezone(civil_zone()).year)

    def _at(self, moment: datetime) -> float:
        if self._start is None or self._end is None or self._end == self._start:
            return 0.0
        return SPAN * ((moment - self._start) / (self._end - self._start))

    def left(self, stop: Stop) -> float | None:
        if stop.bounds is None:
            return None
        return round(min(self._at(stop.bounds[0]), SPAN - THINNEST), 1)

    def width(self, stop: Stop) -> float:
        if stop.bounds is None:
            return 0.0
        return round(max(self._at(stop.bounds[1]) - self._at(stop.bounds[0]), THINNEST), 1)


def ids_of(stops: Iterable[Stop]) -> list[Any]:
    """Every id whose row a reader of these stops has seen."""
    return [key for stop in stops for key in stop.ids]
