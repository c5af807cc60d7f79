"""What each distinct person, birth, loss and place on file is worth against one sighting."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from casemgr.platform.names import name_keys
from searches.matching.batch.columns import Coded, Moment, Spans
from searches.matching.batch.index import AGES, MOST_MARKS, Index
from searches.matching.batch.lookup import Indices
from searches.matching.batch.pack import SEX
from searches.matching.batch.score import COMPARISONS, trusted
from searches.matching.batch.spots import apart
from searches.matching.compare import marks, name, separation
from searches.matching.compare import place as places
from searches.matching.compare.impossible import not_born_bits, not_missing_bits
from searches.matching.compare.places import age_of, found_bits_by_age, remembered_bits
from searches.matching.maths import Array, Floats, most
from searches.matching.spans import elapsed_days
from searches.matching.types import Context, SightingProfile

BLOCK: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Tables:
    """What each distinct person, birth, loss and place is worth; `spot` at each age of a loss."""

    person: Floats
    birth: Floats
    missing: Floats
    age: Indices
    spot: Floats

    @classmethod
    def of(cls, index: Index, sighting: SightingProfile, context: Context) -> "Tables":
        return cls(
            person=_persons(index, sighting, context).astype(np.float32),
            birth=_births(index, sighting, context).astype(np.float32),
            missing=_losses(index, sighting, context).astype(np.float32),
            age=_ages(index, sighting),
            spot=_spots(index, sighting, context),
        )

    def most(self) -> float:
        """The most that a case can weigh by these alone."""
        return float(self.person.max() + self.birth.max() + self.missing.max() + self.spot.max())

    def add(self, index: Index, sums: Floats) -> None:
        """Add what these say of every case, in blocks that stay near the processor."""
        worth, at = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.int64)
        for start in range(0, len(sums), BLOCK):
            block = slice(start, min(start + BLOCK, len(sums)))
            part, one, place = sums[block], worth[: block.stop - start], at[: block.stop - start]
            missing = index.missing[block]
            np.take(self.age, missing, out=place, mode="clip")
            place += index.spot[block]
            for table, codes in (
                (self.person, index.person[block]),
                (self.birth, index.birth[block]),
                (self.missing, missing),
                (self.spot, place),
            ):
                np.take(table, codes, out=one, mode="clip")
                part += one

    def bits(self, index: Index, rows: Indices) -> Floats:
        """What these say of some cases."""
        missing = index.missing[rows]
        total: Floats = self.person[index.person[rows]] + self.birth[index.birth[rows]]
        total += self.missing[missing]
        total += self.spot[index.spot[rows] + self.age[missing]]
        return total


def _persons(index: Index, sighting: SightingProfile, context: Context) -> Array:
    """What each distinct person is worth: sex, speech, people, blood, and what goes unmentioned."""
    persons, columns = index.persons, index.columns
    total = np.zeros(len(persons.sex))
    whole = replace(columns, sex=np.arange(len(SEX) + 1, dtype=np.uint8))
    by_sex = COMPARISONS["sex"](whole, sighting, context)
    if by_sex is not None:
        total += trusted("sex", by_sex, context.weighing)[persons.sex]
    for comparison, field, codes in (
        ("language", "speech", persons.speech),
        ("ethnicity", "ethnicity", persons.ethnicity),
        ("blood_type", "blood", persons.blood),
    ):
        labels: Coded = getattr(columns, field)
        each = replace(labels, codes=np.arange(len(labels.labels), dtype=np.int32))
        named: dict[str, Any] = {field: each}
        bits = COMPARISONS[comparison](replace(columns, **named), sighting, context)
        if bits is not None:
            total += trusted(comparison, bits, context.weighing)[codes]
    known = marks.knows_the_body(sighting.kind)
    total += _unmet(sighting)[persons.filed if known else persons.in_sight]
    if any(map(name_keys, sighting.names_heard)):
        total += name.DIFFERENT.get(sighting.kind, name.DIFFERENT["street"])
    return total


def _births(index: Index, sighting: SightingProfile, context: Context) -> Array:
    """What each distinct birth is worth: against another birth, or an age."""

    def weigh(spans: Spans) -> Array:
        births = replace(index.columns, birth=spans)
        total = np.zeros(len(spans.codes))
        for comparison in ("age", "birth"):
            found = COMPARISONS[comparison](births, sighting, context)
            if found is not None:
                total += trusted(comparison, found, context.weighing)
        return total

    worth = index.births.weighed(weigh, sighting.birth)
    if sighting.seen is not None:
        after = -elapsed_days(index.columns.birth, Moment.of(sighting.seen))[1]
        worth[1:] += not_born_bits(after)
    return worth


def _losses(index: Index, sighting: SightingProfile, context: Context) -> Array:
    """What each distinct loss is worth: against the time of another account."""
    missing = index.columns.missing
    worth = np.zeros(len(missing.start) + 1)
    told = sighting.separated
    if told is not None:
        spread = separation.SPREAD.get(sighting.kind, separation.REMEMBERED_SPREAD)

        def weigh(spans: Spans) -> Array:
            return separation.weigh(spans, Moment.of(told), spread)

        worth += trusted("separated", index.losses.weighed(weigh, told), context.weighing)
    if sighting.seen is not None:
        after = -elapsed_days(missing, Moment.of(sighting.seen))[1]
        worth[1:] += not_missing_bits(after)
    return worth


def _ages(index: Index, sighting: SightingProfile) -> Indices:
    """How long ago each distinct loss was, as a position among AGES."""
    missing = index.columns.missing
    days = np.full(len(missing.start) + 1, places.UNDATED_DAYS)
    if sighting.seen is not None:
        shortest, longest = elapsed_days(missing, Moment.of(sighting.seen))
        days[1:] = (most(shortest, 0.0) + longest) / 2
    return np.rint(age_of(days) * (AGES - 1) / 4).astype(np.int64)


def _spots(index: Index, sighting: SightingProfile, context: Context) -> Floats:
    """What each distinct place is worth at each of AGES, flat; code 0 is unknown."""
    spots = index.columns.spot
    worth = np.zeros((len(spots.latitude) + 1, AGES))
    found = apart(spots, sighting.place)
    if found is not None:
        by_age = found_bits_by_age(found[0])
        at = np.linspace(0, by_age.shape[1] - 1, AGES)
        index_ = np.minimum(at.astype(np.intp), by_age.shape[1] - 2)
        part = at - index_
        worth[1:] = by_age[:, index_] * (1 - part) + by_age[:, index_ + 1] * part
        worth = trusted("place", worth, context.weighing)
    remembered = apart(spots, sighting.separated_from)
    if remembered is not None:
        where = np.zeros((len(worth), 1))
        where[1:, 0] = trusted("separated_from", remembered_bits(remembered[0]), context.weighing)
        worth = np.maximum(np.maximum(worth, where), 0) + np.minimum(np.minimum(worth, where), 0)
    return worth.ravel().astype(np.float32)


def _unmet(sighting: SightingProfile) -> Array:
    """Floats by the number of marks on file, were none of them told."""
    told = marks.told_marks(sighting)
    counts = np.arange(MOST_MARKS + 1, dtype=np.float64)
    if not told and not (sighting.description or sighting.memories):
        return counts * 0
    inborn = sum(mark.kind in marks.INBORN for mark in told)
    worth = marks.unseen_bits(counts, bool(told), sighting.kind) + marks.unfiled_bits(float(inborn))
    return np.where(counts > 0, worth, 0.0)
