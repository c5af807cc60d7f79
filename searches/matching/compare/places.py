"""What two places have to say of each other, by distance and by the time that lay between."""

from math import log, log2
from typing import Final

import numpy as np

from searches.matching import maths
from searches.matching.maths import Array, N, interpolate, most

KM: Final = (10.0, 50.0, 110.0, 220.0, 450.0, 900.0, 1600.0)
"""Middles of the bands under 25, 75, 150, 300, 600, 1,200 km and beyond."""
CHANCE: Final = (0.008, 0.010, 0.020, 0.060, 0.160, 0.360, 0.382)
"""u: shares of such distances between two people anywhere in China. Expert prior, from the spread
of the population over the provinces (half of all pairs live more than 1,000 km apart)."""

FOUND_AFTER_DAYS: Final = (1.0, 30.0, 365.0, 1826.0, 5479.0)
FOUND: Final = (
    (0.70, 0.15, 0.060, 0.050, 0.020, 0.015, 0.005),
    (0.42, 0.14, 0.090, 0.100, 0.100, 0.100, 0.050),
    (0.20, 0.08, 0.070, 0.120, 0.180, 0.220, 0.130),
    (0.05, 0.03, 0.040, 0.100, 0.200, 0.340, 0.240),
    (0.02, 0.018, 0.027, 0.073, 0.180, 0.360, 0.322),
)
"""m: how far from home a child is by then, after a day, a month, a year, five and fifteen years.
Expert prior in the shape of the published trafficking routes (Yunnan and Guizhou to the coast,
1,000 to 2,000 km, within weeks or months), most lost and runaway children staying near."""

REMEMBERED: Final = (0.45, 0.15, 0.08, 0.07, 0.08, 0.09, 0.08)
"""m: how far the place that a grown child or an institution names as the origin is from where the
family lost the child. Expert prior."""


def _bits(shares: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(log2(m / u) for m, u in zip(shares, CHANCE, strict=True))


_FOUND_BITS: Final = tuple(_bits(shares) for shares in FOUND)
_REMEMBERED_BITS: Final = _bits(REMEMBERED)
_LOG_KM: Final = tuple(log(km) for km in KM)
_LOG_DAYS: Final = tuple(log(days) for days in FOUND_AFTER_DAYS)


def found_bits(km: float, days: float) -> float:
    """Bits for being `km` away after `days`; falls with distance, fades as years go by."""
    at = age_of(days)
    index = int(at)
    earlier = _read(_FOUND_BITS[index], km)
    if at == index:
        return earlier
    return earlier + (at - index) * (_read(_FOUND_BITS[index + 1], km) - earlier)


def found_bits_by_age(km: Array) -> Array:
    """Bits for each distance (rows) at each of FOUND_AFTER_DAYS (columns); see `age_of`."""
    return np.stack([_read(bits, km) for bits in _FOUND_BITS], axis=-1)


def age_of(days: N) -> N:
    """How far `days` is along FOUND_AFTER_DAYS: 1.5 is midway, by logarithm, from 1 to 2."""
    at = maths.log(most(days, FOUND_AFTER_DAYS[0]))
    return interpolate(at, _LOG_DAYS, range(len(_LOG_DAYS)))


def remembered_bits(km: N) -> N:
    """Bits for a remembered place of origin `km` away from the one on file."""
    return _read(_REMEMBERED_BITS, km)


def _read(bits: tuple[float, ...], km: N) -> N:
    return interpolate(maths.log(most(km, KM[0])), _LOG_KM, bits)
