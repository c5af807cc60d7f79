"""Arithmetic that reads the same for one pair (floats) and for many (arrays), so that each formula
is written once: `compare/*` calls it for the pair that is explained, `batch/*` for whole columns.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Floats: TypeAlias = NDArray[np.float32]
"""Bits that need not be exact."""
N = TypeVar("N", float, Array)
N_co = TypeVar("N_co", float, Array, covariant=True)
"""A number, or one number a pair. A formula takes the one or the other in all its arguments, except
where a plain float is asked for."""

Truth: TypeAlias = bool | np.bool_ | NDArray[np.bool_]

_ROOT_2: Final = math.sqrt(2)
_ROOT_TAU: Final = math.sqrt(2 * math.pi)
_ERF_STEP: Final = 1 / 1024
_ERF_END: Final = 6.0
"""erf is 1 beyond this, to the last bit of a double."""


def exp(value: N) -> N:
    """e ** value."""
    return math.exp(value) if isinstance(value, float) else np.exp(value)


def log(value: N) -> N:
    """Natural logarithm; `value` must be above 0."""
    return math.log(value) if isinstance(value, float) else np.log(value)


def log2(value: N) -> N:
    """Logarithm to base 2; `value` must be above 0."""
    return math.log2(value) if isinstance(value, float) else np.log2(value)


def bell(score: N) -> tuple[N, N]:
    """The share of a standard normal distribution that lies below `score`, and its density there.

    To 15 digits.
    """
    if isinstance(score, float):
        below = 0.5 * (1 + math.erf(score / _ROOT_2))
        return below, math.exp(-0.5 * score * score) / _ROOT_TAU
    return 0.5 * (1 + _erf(score / _ROOT_2)), np.exp(-0.5 * score * score) / _ROOT_TAU


def _erf(value: Array) -> Array:
    """The error function, which NumPy has not."""
    at, there, slope = _erf_table()
    value = np.clip(value, -_ERF_END, _ERF_END)
    index = np.rint(value / _ERF_STEP).astype(np.intp) + len(at) // 2
    near = at[index]
    off = value - near
    # Four terms of Taylor's series; half a step away, the fifth is below 1e-16.
    square = near * near
    series = off * near * (3 - 2 * square) / 6
    series = off * ((2 * square - 1) / 3 + series)
    series = off * (series - near)
    found: Array = there[index] + slope[index] * off * (1 + series)
    return found


@lru_cache
def _erf_table() -> tuple[Array, Array, Array]:
    """Points, and the error function and its slope there."""
    ends = round(_ERF_END / _ERF_STEP)
    at = np.arange(-ends, ends + 1) * _ERF_STEP
    there = np.array([math.erf(point) for point in at])
    slope: Array = 2 / math.sqrt(math.pi) * np.exp(-at * at)
    return np.asarray(at, dtype=np.float64), there, slope


def most(first: N, second: N | float) -> N:
    """The larger of the two."""
    if isinstance(first, float):
        return first if first >= second else second
    return np.maximum(first, second)


def least(first: N, second: N | float) -> N:
    """The smaller of the two."""
    if isinstance(first, float):
        return first if first <= second else second
    return np.minimum(first, second)


def ordered(first: N, second: N) -> tuple[N, N]:
    """The two, the smaller first."""
    if isinstance(first, float):
        return (first, second) if first <= second else (second, first)
    return np.minimum(first, second), np.maximum(first, second)


def where(condition: Truth, yes: N | float, no: N | float) -> Any:
    """`yes` where the condition holds, `no` elsewhere: a number or an array, as the condition is.

    Both are worked out. The caller names the type, which two plain floats would hide.
    """
    if isinstance(condition, bool):
        return yes if condition else no
    return np.where(condition, yes, no)


def interpolate(value: N, at: Sequence[float], values: Sequence[float]) -> N:
    """The line through the points (at, values), level beyond both ends; `at` rises."""
    if not isinstance(value, float):
        return np.interp(value, at, values)
    if value <= at[0]:
        return values[0]
    if value >= at[-1]:
        return values[-1]
    index = bisect_right(at, value) - 1
    part = (value - at[index]) / (at[index + 1] - at[index])
    return values[index] + part * (values[index + 1] - values[index])
