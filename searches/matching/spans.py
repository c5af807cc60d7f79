"""Arithmetic on vague dates: how long between two spans, and how a span is written down."""

from typing import Final, Protocol

from searches.matching.maths import N, N_co, bell, most, ordered
from searches.matching.types import Interval

DAY: Final = 86_400.0
YEAR: Final = 365.2425 * DAY
NARROWEST: Final = 0.05
"""No range is taken to be narrower than this (in the unit of the ranges)."""


class Span(Protocol[N_co]):
    """An interval, or a column of intervals: both ends in seconds since 1970."""

    @property
    def start(self) -> N_co: ...

    @property
    def end(self) -> N_co: ...


def elapsed_days(start: Span[N], end: Span[N]) -> tuple[N, N]:
    """Least and most days from somewhere in `start` to somewhere in `end`; may be negative."""
    shortest = (end.start - start.end) / DAY
    longest = (end.end - start.start) / DAY
    return ordered(shortest, longest)


def elapsed_years(start: Span[N], end: Span[N]) -> tuple[N, N]:
    """Least and most years from somewhere in `start` to somewhere in `end`; may be negative."""
    shortest, longest = elapsed_days(start, end)
    return shortest * DAY / YEAR, longest * DAY / YEAR


def width_days(span: Span[N]) -> N:
    """How vague the span is, in days."""
    return abs(span.end - span.start) / DAY


def vaguer(first: Interval, second: Interval) -> Interval:
    """The wider of two spans: what both sides can be said to agree on."""
    return first if width_days(first) >= width_days(second) else second


def gap_days(first: Span[N], second: Span[N]) -> N:
    """Days between two spans; 0 where they touch."""
    shortest, longest = elapsed_days(first, second)
    return most(most(shortest, -longest), 0.0)


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


def normal(value: N, spread: N) -> N:
    """Density of a normal error of standard deviation `spread` at `value`."""
    return bell(value / spread)[1] / spread


def agreement(first: tuple[N, N], second: tuple[N, N], spread: N | float) -> N:
    """Density with which a truth in `first` is told as lying in `second`, errors being normal.

    Both ranges are uniform; one narrower than NARROWEST is widened to it. The value falls as the
    middles move apart, and is the same with the two ranges exchanged.
    """
    return agreement_of_wide(widened(first), widened(second), spread)


def agreement_of_wide(first: tuple[N, N], second: tuple[N, N], spread: N | float) -> N:
    """As `agreement`, of ranges that are `widened` already."""
    low, high = first
    from_, to = second
    total = (
        _ramp(to - low, spread)
        - _ramp(from_ - low, spread)
        - _ramp(to - high, spread)
        + _ramp(from_ - high, spread)
    )
    return most(total, 0.0) / ((high - low) * (to - from_))


def widened(span: tuple[N, N]) -> tuple[N, N]:
    """The span about its middle, no narrower than NARROWEST."""
    low, high = span
    middle, half = (low + high) / 2, most((high - low) / 2, NARROWEST / 2)
    return middle - half, middle + half


def _ramp(value: N, spread: N | float) -> N:
    """Second antiderivative of the normal density."""
    below, density = bell(value / spread)
    return value * below + spread * density
