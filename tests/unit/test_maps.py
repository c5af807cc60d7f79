"""The drawn map: where points lie, and what is drawn over the outlines."""

import re
from math import cos, radians
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.platform.maps import HEIGHT, WIDTH, Dot, Way, draw, project
from casemgr.platform.places import divisions

MAPS = Path(__file__).parents[2] / "static" / "maps"
ANYWHERE = st.tuples(st.floats(18, 53), st.floats(74, 134))


def box_of(text: str) -> tuple[float, float, float, float]:
    left, top, width, height = map(float, text.split())
    return left, top, width, height


def test_every_division_lies_on_the_drawing() -> None:
    for unit in divisions().values():
        x, y = project(unit.latitude, unit.longitude)
        assert 0 < x < WIDTH, unit
        assert 0 < y < HEIGHT + 60, unit


def test_the_projection_keeps_areas() -> None:
    """A small square has the same area on the drawing wherever it lies (Snyder 1987)."""

    def area(latitude: float, longitude: float) -> float:
        side = 0.1
        (x1, y1), (x2, y2), (x3, y3) = (
            project(latitude, longitude),
            project(latitude, longitude + side / cos(radians(latitude))),
            project(latitude + side, longitude),
        )
        return abs((x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1))

    south, north = area(20, 110), area(50, 125)
    assert south == pytest.approx(north, rel=0.01)


def test_the_outlines_hold_the_provinces() -> None:
    drawing = (MAPS / "china.svg").read_text(encoding="utf-8")
    assert drawing.count("<path") >= 34
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d", drawing)]
    assert min(numbers) >= 0
    assert max(numbers) <= WIDTH


@given(st.lists(ANYWHERE, min_size=1, max_size=6))
def test_everything_lies_inside_the_part_that_is_shown(
    points: list[tuple[float, float]],
) -> None:
    dots = [Dot(latitude, longitude, str(n)) for n, (latitude, longitude) in enumerate(points)]
    ways = [Way(n, n + 1) for n in range(len(dots) - 1)]

    drawn = draw(dots, ways)
    left, top, width, height = box_of(drawn.box)

    assert width / height == pytest.approx(WIDTH / HEIGHT, rel=0.01)
    assert len(drawn.spots) == len(dots)
    for spot in drawn.spots:
        assert left <= spot.x <= left + width
        assert top <= spot.y <= top + height
    assert len(drawn.curves) <= len(ways)


def test_dots_keep_their_size_on_the_page_however_close_the_part_is() -> None:
    near = draw([Dot(30, 114), Dot(30.5, 114.5)])
    far = draw([Dot(30, 114), Dot(45, 130)])

    def share(drawn: object) -> float:
        return drawn.spots[0].radius / box_of(drawn.box)[2]  # type: ignore[attr-defined, no-any-return]

    assert share(near) == pytest.approx(share(far), rel=0.02)


def test_there_and_back_are_two_ways() -> None:
    drawn = draw([Dot(25, 103), Dot(34, 113)], [Way(0, 1), Way(1, 0)])

    assert len({curve.path for curve in drawn.curves}) == 2
    assert draw([Dot(25, 103), Dot(25, 103)], [Way(0, 1)]).curves == ()
