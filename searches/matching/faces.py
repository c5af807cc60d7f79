"""What the distance between two faces is worth, in bits, for one engine and one population.

A distance model is data: how far apart two pictures of one person lie, how far apart pictures of
two people lie, how much of the answer survives the years between the pictures, and where those
figures come from. A model holds for one face engine and is never applied to another's prints.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searches.matching.maths import Array, N, where
from searches.matching.types import FacePrint

MAX_BITS: Final = 14.0
"""A face alone argues for at most 16,000 to 1.

No published figure of the engines used here supports more, brothers and sisters included, and it
leaves a face by itself short of even odds among 100,000 open cases (17 bits): it is a lead.
"""

MIN_BITS: Final = -8.0
"""A face alone argues against by at most 1 to 256, about how often a print is not of the person
at all: the wrong face of a group, a photo put on the wrong record."""

QUALITY_WEIGHT: Final[Mapping[str, float]] = MappingProxyType(
    {"good": 1.0, "usable": 0.85, "poor": 0.5}
)
"""Share of the bits that survives the poorer of the two pictures; unknown counts as poor."""

_ROWS_AT_ONCE: Final = 2_048
"""Prints widened to doubles together, so that they stay in the processor's cache."""

GRID_STEP: Final = 0.002
GRID_END: Final = 2.0


@dataclass(frozen=True, slots=True)
class Spread:
    """A bell of distances with Student's heavy tails: middle, scale, degrees of freedom."""

    middle: float
    scale: float
    freedom: float

    def log2_density(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Base-2 logarithm of the density at each distance."""
        nu = self.freedom
        constant = (
            math.lgamma((nu + 1) / 2)
            - math.lgamma(nu / 2)
            - 0.5 * math.log(nu * math.pi)
            - math.log(self.scale)
        )
        z = (distance - self.middle) / self.scale
        return np.asarray((constant - (nu + 1) / 2 * np.log1p(z**2 / nu)) / math.log(2))


@dataclass(frozen=True, slots=True)
class Flattening:
    """How evidence fades: years after which half is left, and the share left for a young child.

    Being unlike fades faster than being alike: a face that has grown no longer resembles itself,
    while resembling a stranger that closely stays rare. `unknown_years` stands in for pictures of
    unknown date.
    """

    half_for: float
    half_against: float
    child: float
    unknown_years: float

    def kept(self, bits: N, years: N) -> N:
        """What that many years between the pictures leave of the bits."""
        half: N = where(bits > 0, self.half_for, self.half_against)
        return bits * (half / (half + years))


@dataclass(frozen=True, slots=True)
class DistanceModel:
    """The likelihood ratio of a face distance, for one engine and one population."""

    name: str
    engine: str
    same: Spread
    other: Spread
    flattening: Flattening
    source: str

    def distance(self, first: FacePrint, second: FacePrint) -> float | None:
        """Euclidean distance of two prints; None unless both are of this model's engine."""
        if first.engine != self.engine or second.engine != self.engine:
            return None
        return float(self.distances(first.vector[np.newaxis], second.vector)[0])

    def distances(self, vectors: NDArray[np.float32], print_: NDArray[np.float32]) -> Array:
        """Euclidean distance of a print from each row."""
        other = print_.astype(np.float64)
        found = np.empty(len(vectors))
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            away = vectors[start : start + _ROWS_AT_ONCE].astype(np.float64) - other
            found[start : start + _ROWS_AT_ONCE] = np.sqrt(np.einsum("ij,ij->i", away, away))
        return found

    def bits(
        self,
        distance: float | None,
        *,
        years_apart: float | None,
        child: bool | None,
        quality: str,
    ) -> float:
        """Bits for (positive) or against (negative) one person; never rises with distance.

        `years_apart` lies between the two pictures (None: unknown), `child` says whether either
        shows a child of under seven or so (None: unknown), `quality` is the poorer picture's:
        good, usable or poor. Without a distance there is nothing to say: 0.
        """
        if distance is None or math.isnan(distance):
            return 0.0
        years = self.flattening.unknown_years if years_apart is None else max(0.0, years_apart)
        kept = self.flattening.kept(float(self._plain(distance)), years)
        kept *= 1.0 if child is False else self.flattening.child
        return kept * QUALITY_WEIGHT.get(quality, QUALITY_WEIGHT["poor"])

    def column_bits(
        self,
        distances: Array,
        *,
        years_apart: Array,
        grown: NDArray[np.bool_],
        quality: Array,
    ) -> Array:
        """`bits` of many finite distances; see `FaceModel`."""
        unknown = np.isnan(years_apart)
        years = np.where(unknown, self.flattening.unknown_years, np.maximum(years_apart, 0.0))
        kept = self.flattening.kept(np.asarray(self._plain(distances)), years)
        return kept * np.where(grown, 1.0, self.flattening.child) * quality

    def _plain(self, distance: float | Array) -> float | Array:
        """Bits before anything fades."""
        grid, table = _bits_table(self.same, self.other)
        return np.interp(distance, grid, table)


@lru_cache
def _bits_table(same: Spread, other: Spread) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances and their bits: bounded on both sides, and made never to rise.

    The bounds are lapse rates: with a small chance a pair behaves as the opposite kind would. In
    the far tails the ratio of two bells turns round; there the last sensible value is held.
    """
    grid = np.arange(0.0, GRID_END + GRID_STEP, GRID_STEP)
    raw = same.log2_density(grid) - other.log2_density(grid)
    best = int(np.argmax(raw[grid <= other.middle]))
    raw[:best] = raw[best]
    ratio = np.exp2(np.minimum.accumulate(raw))
    lapse_for, lapse_against = 2.0**-MAX_BITS, 2.0**MIN_BITS
    bounded = ((1 - lapse_against) * ratio + lapse_against) / ((1 - lapse_for) + lapse_for * ratio)
    return grid, np.log2(bounded)


DLIB_REAL: Final = DistanceModel(
    name="dlib-real",
    engine="dlib-resnet-v1",
    # Median 0.35 and 95th percentile 0.45, with four degrees of freedom.
    same=Spread(middle=0.35, scale=0.0469, freedom=4),
    # 5th percentile 0.74; the middle is set so that one pair in 250 lies below 0.64.
    other=Spread(middle=0.85, scale=0.0591, freedom=8),
    flattening=Flattening(half_for=8.0, half_against=3.0, child=0.6, unknown_years=8.0),
    source=(
        "Photographs of public figures, mostly adults: one person 0.35 (median) and 0.45 (95 %), "
        "others from 0.64 up, 0.74 (5 %). Tails widened; the fading for years and for young "
        "children is a cautious judgement, not a measurement."
    ),
)

DLIB_DRAWN: Final = DistanceModel(
    name="dlib-drawn",
    engine="dlib-resnet-v1",
    same=Spread(middle=0.157, scale=0.0405, freedom=8),
    other=Spread(middle=0.578, scale=0.0772, freedom=40),
    # Drawn ageing was found not to move a face; a little fading keeps the demo's rule like life's.
    flattening=Flattening(half_for=60.0, half_against=30.0, child=1.0, unknown_years=0.0),
    source=(
        "Drawn portraits of 71 invented children whom no demo shows (bench/fit_face_distances.py): "
        "one person 0.157 (median), 0.249 (95 %), 0.304 (99 %), 1,029 pairs; "
        "others 0.399 (1 %), 0.446 (5 %), 0.578 (median), 9,940 pairs."
    ),
)

MODELS: Final[Mapping[str, DistanceModel]] = MappingProxyType(
    {model.name: model for model in (DLIB_REAL, DLIB_DRAWN)}
)
"""By name, as the setting FACE_POPULATION picks them."""
