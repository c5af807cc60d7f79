"""Formulas that read the same for one pair and for many; and time that does not stop in summer."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searches.matching.maths import bell, interpolate, least, most
from searches.matching.spans import elapsed_days, gap_days
from searches.matching.types import Interval


@given(st.lists(st.floats(-40, 40), min_size=1))
def test_a_bell_is_the_same_for_one_and_for_many(scores: list[float]) -> None:
    below, density = bell(np.array(scores))
    assert np.allclose(below, [bell(score)[0] for score in scores], rtol=0, atol=1e-15)
    assert np.allclose(density, [bell(score)[1] for score in scores], rtol=0, atol=1e-15)


@given(st.lists(st.floats(-10, 10), min_size=1), st.floats(-10, 10))
def test_lines_and_bounds_are_the_same_for_one_and_for_many(
    values: list[float], bound: float
) -> None:
    at, there = (-3.0, 0.0, 2.5), (1.0, -2.0, 7.0)
    column = np.array(values)
    for value, on_line, low, high in zip(
        values,
        interpolate(column, at, there),
        least(column, bound),
        most(column, bound),
        strict=True,
    ):
        assert math.isclose(interpolate(value, at, there), on_line, abs_tol=1e-12)
        assert (least(value, bound), most(value, bound)) == (low, high)


def test_dates_are_reckoned_in_real_time_whatever_clock_they_were_told_by() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")  # had summer time in 1988
    winter = datetime(1988, 1, 10, tzinfo=shanghai)
    summer = datetime(1988, 7, 10, tzinfo=shanghai)
    by_wall = Interval(winter, winter), Interval(summer, summer)
    by_utc = tuple(Interval(s.earliest.astimezone(UTC), s.latest.astimezone(UTC)) for s in by_wall)

    assert elapsed_days(*by_wall) == elapsed_days(*by_utc) == (182 - 1 / 24, 182 - 1 / 24)
    assert gap_days(by_wall[0], by_utc[1]) == 182 - 1 / 24
