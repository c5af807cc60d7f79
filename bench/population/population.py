"""The set itself: any number of cases, and sightings with the truth about each.

Every case is a function of seed, split and number alone: it is made when it is asked for, and the
first 10,000 of a million are the same as 10,000 alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from random import Random
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bench.population import children, families, witnesses
from bench.population.chance import Weighted
from bench.population.children import Child
from bench.population.phrases import Split
from bench.population.when import TODAY
from casemgr.platform.dates import DEFAULT_ZONE
from searches.matching.types import CaseProfile, SightingProfile

NOW: Final = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZoneInfo(DEFAULT_ZONE))

TWINS: Final = 0.004
"""Chance that a case and the next are of twins who were lost together."""
SIBLINGS: Final = 0.02
"""Share of the sightings of nobody on file that are of a brother or sister of a child on file."""
KINDS: Final = Weighted({"street": 55, "online": 8, "institution": 15, "seeker": 22})

__all__ = ["NOW", "TODAY", "Population", "Told", "token_rarity"]


class _Stream(IntEnum):
    """What a random stream is for, so that no two uses share one."""

    CASE = 1
    TWIN = 2
    SIGHTING = 3
    STRANGER = 4


@dataclass(frozen=True, slots=True)
class Told:
    """One sighting, and the id of the case it is of; None where it is of nobody on file."""

    profile: SightingProfile
    truth: UUID | None


@dataclass(frozen=True, slots=True)
class Population:
    """`size` cases on file, and as many sightings as are asked for."""

    seed: int
    split: Split
    size: int

    def case_id(self, number: int) -> UUID:
        """The id of a case, by its number from 0."""
        return UUID(int=self.split << 100 | self.seed << 64 | number + 1)

    def child(self, number: int) -> Child:
        """The facts behind a case, which nobody in the set knows whole."""
        return self._begun(number)[0]

    def case(self, number: int) -> CaseProfile:
        """What the family filed."""
        child, rng = self._begun(number)
        return families.file_case(rng, child, self.case_id(number), self.split)

    def cases(self) -> Iterator[CaseProfile]:
        """All cases, one at a time."""
        return map(self.case, range(self.size))

    def sightings(self, count: int, *, on_file: float) -> Iterator[Told]:
        """`count` sightings, a share `on_file` of which is of a child on file; spread evenly."""
        due = 0.0
        for number in range(count):
            due += on_file
            known = due >= 1 - 1e-9
            due -= known
            yield self.sighting(number, known=known)

    def sighting(self, number: int, *, known: bool) -> Told:
        """One sighting of a child on file, or of one who is not."""
        rng = self._random(_Stream.SIGHTING if known else _Stream.STRANGER, number)
        kind = KINDS.draw(rng)
        sighting_id = UUID(int=self.split << 100 | (2 + known) << 96 | self.seed << 64 | number + 1)
        while True:
            child, truth = self._somebody(rng) if known else (self._nobody(rng), None)
            met = witnesses.meet(rng, child, kind)
            if met is not None:
                return Told(witnesses.tell(rng, child, kind, met, sighting_id, self.split), truth)

    def _somebody(self, rng: Random) -> tuple[Child, UUID]:
        number = rng.randrange(self.size)
        return self.child(number), self.case_id(number)

    def _nobody(self, rng: Random) -> Child:
        if rng.random() < SIBLINGS:
            return children.sibling_of(rng, self.child(rng.randrange(self.size)), self.split)
        return children.invent(rng, self.split)

    def _begun(self, number: int) -> tuple[Child, Random]:
        """The child of a case, and the random stream that goes on to write the case."""
        rng = self._random(_Stream.CASE, number)
        if number % 2 and self._random(_Stream.TWIN, number).random() < TWINS:
            return children.twin_of(rng, self.child(number - 1), self.split), rng
        return children.invent(rng, self.split), rng

    def _random(self, stream: _Stream, number: int) -> Random:
        return Random(self.split << 76 | stream << 72 | self.seed << 40 | number)


def token_rarity(cases: Iterable[CaseProfile]) -> Mapping[str, float]:
    """Each token's share of the cases, as the product counts it."""
    counted: Counter[str] = Counter()
    total = 0
    for case in cases:
        counted.update(case.tokens)
        total += 1
    return {token: count / max(total, 1) for token, count in counted.items()}
