"""Total bits of every case against one sighting, as `searches.matching.score.judge` adds them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

import numpy as np

from searches.matching.batch import (
    age,
    birth,
    blood,
    clothing,
    ethnicity,
    face,
    height,
    impossible,
    language,
    marks,
    name,
    picture,
    place,
    separation,
    sex,
    words,
)
from searches.matching.batch.columns import Columns
from searches.matching.maths import Array, Floats
from searches.matching.score import OVERLAPPING
from searches.matching.types import Context, SightingProfile
from searches.matching.weighing import Weighing, correction

Bits = TypeVar("Bits", Array, Floats)


class ColumnComparison(Protocol):
    """One unit of judgement for all cases: bits a case, 0 where that case is silent; None where the
    sighting is."""

    def __call__(
        self, columns: Columns, sighting: SightingProfile, context: Context
    ) -> Array | None: ...


COMPARISONS: Final[Mapping[str, ColumnComparison]] = MappingProxyType(
    {
        "face": face.weights,
        "picture": picture.weights,
        "marks": marks.weights,
        "name": name.weights,
        "words": words.weights,
        "sex": sex.weights,
        "age": age.weights,
        "birth": birth.weights,
        "height": height.weights,
        "place": place.weights,
        "separated": separation.weights_when,
        "separated_from": separation.weights_where,
        "clothing": clothing.weights,
        "language": language.weights,
        "ethnicity": ethnicity.weights,
        "blood_type": blood.weights,
        "impossible": impossible.weights,
    }
)
"""By the name that the evidence of `judge` gives them."""


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array:
    """Total bits of each case, in the order of the columns: `judge(...).weight_bits` to 1e-6."""
    total = np.zeros(columns.size)
    repeated = {comparison for group in OVERLAPPING for comparison in group}
    for comparison, weigh in COMPARISONS.items():
        if comparison not in repeated:
            bits = weigh(columns, sighting, context)
            if bits is not None:
                total += trusted(comparison, bits, context.weighing)
    for group in OVERLAPPING:
        total += _counted_once(columns, sighting, context, group)
    return total + correction(total)


def _counted_once(
    columns: Columns, sighting: SightingProfile, context: Context, group: tuple[str, ...]
) -> Array:
    """The strongest of a group's lines for, and the strongest against."""
    strongest_for, strongest_against = np.zeros((2, columns.size))
    for comparison in group:
        bits = COMPARISONS[comparison](columns, sighting, context)
        if bits is None:
            continue
        line = trusted(comparison, bits, context.weighing)
        np.maximum(strongest_for, line, out=strongest_for)
        np.minimum(strongest_against, line, out=strongest_against)
    return strongest_for + strongest_against


def trusted(comparison: str, bits: Bits, weighing: Weighing) -> Bits:
    """As many of the bits as the comparison has been worth, for and against."""
    speaking_for, against = weighing.share(comparison, 1.0), weighing.share(comparison, -1.0)
    if speaking_for == against == 1:
        return bits
    worth: Bits = np.where(bits > 0, bits * speaking_for, bits * against)
    return worth
