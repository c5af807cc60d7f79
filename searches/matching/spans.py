"""Arithmetic on vague dates: how long between two spans, and how a span is written down."""

from datetime import datetime
from math import erf, exp, pi, sqrt
from typing import Final

from searches.matching.types import Interval

DAY: Final = 86_400.0
YEAR: Final = 365.2425 * DAY
NARROWEST: Final = 0.05
"""No range is taken to be narrower than this (in the unit of the ranges)."""

_ROOT_2: Final = sqrt(2)
_ROOT_TAU: Final = sqrt(2 * pi)


def seconds(later: datetime, earlier: datetime) -> float:
    """Seconds from `earlier` to `later`, negative when they are the other way round."""
    return (later - earlier).total_seconds()


def elapsed_days(start: Interval, end: Interval) -> tuple[float, float]:
    """Least and most days from somewhere in `start` to somewhere in `end`; may be negative."""
    shortest = seconds(end.earliest, start.latest) / DAY
    longest = seconds(end.latest, start.earliest) / DAY
    return (shortest, longest) if shortest <= longest else (longest, shortest)


def elapsed_years(start: Interval, end: Interval) -> tuple[float, float]:
    """Least and most years from somewhere in `start` to somewhere in `end`; may be negative."""
    shortest, longest = elapsed_days(start, end)
    return shortest * DAY / YEAR, longest * DAY / YEAR


def width_days(span: Interval) -> float:
    """How vague the span is, in days."""
    return abs(seconds(span.latest, span.earliest)) / DAY


def vaguer(first: Interval, second: Interval) -> Interval:
    """The wider of two spans: what both sides can be said to agree on."""
    return first if width_days(first) >= width_days(second) else second


def gap_days(first: Interval, second: Interval) -> float:
    """Days between two spans; 0 where they touch."""
    shortest, longest = elapsed_days(first, second)
    if shortest <= 0 <= longest:
        return 0.0
    return min(abs(shortest), abs(longest))


def written(span: Interval) -> str:
    """The span as short ISO text: 2001, 2001-05, 2001-05-03, or two ends with a slash."""
    first, last = span.earliest, span.latest
    if first.date() == last.date():
        return first.date().isoformat()
    if first.day == 1 and first.month == 1 and last.day == 31 and last.month == 12:
        one, other = f"{first.year:04d}", f"{last.year:04d}"
    elif first.day == 1 and last.day >= 28:
        one, other = f"{first.year:04d}-{first.month:02d}", f"{last.year:04d}-{last.month:02d}"
    else:
        one, other = first.date().isoformat(), last.date().isoformat()
    return one if one == other else f"{one}/{other}"


def years_written(span: Interval) -> str:
    """The year, or the two years, that the span covers."""
    first, last = span.earliest.year, span.latest.year
    return f"{first}" if first == last else f"{first}–{last}"


def normal(value: float, spread: float) -> float:
    """Density of a normal error of standard deviation `spread` at `value`."""
    return exp(-0.5 * (value / spread) ** 2) / (spread * _ROOT_TAU)


def agreement(first: tuple[float, float], second: tuple[float, float], spread: float) -> float:
    """Density with which a truth in `first` is told as lying in `second`, errors being normal.

    Both ranges are uniform; one narrower than NARROWEST is widened to it. The value falls as the
    middles move apart, and is the same with the two ranges exchanged.
    """
    low, high = _widened(first)
    from_, to = _widened(second)
    total = (
        _ramp(to - low, spread)
        - _ramp(from_ - low, spread)
        - _ramp(to - high, spread)
        + _ramp(from_ - high, spread)
    )
    return max(0.0, total) / ((high - low) * (to - from_))


def _widened(span: tuple[float, float]) -> tuple[float, float]:
    low, high = span
    if high - low >= NARROWEST:
        return span
    middle = (low + high) / 2
    return middle - NARROWEST / 2, middle + NARROWEST / 2


def _ramp(value: float, spread: float) -> float:
    """Second antiderivative of the normal density."""
    score = value / spread
    return value * 0.5 * (1 + erf(score / _ROOT_2)) + spread * exp(-0.5 * score * score) / _ROOT_TAU
