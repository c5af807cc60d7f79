"""What is drawn over the outlines: dots where something was, and ways from dot to dot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final

from casemgr.platform.maps.projection import HEIGHT, WIDTH, project

# A drawing never shows less than this much of the map, in its units (about 5 km each), so that
# the outlines still tell where it is.
_LEAST: Final = 320.0
_MARGIN: Final = 0.22
_SHAPE: Final = WIDTH / HEIGHT
# How far a way bends aside, as a share of its length: there and back are told apart by it.
_BEND: Final = 0.16


@dataclass(frozen=True, slots=True)
class Dot:
    """A place at WGS 84 `latitude` and `longitude`; `label` stands in it, `kind` is its look.

    `weight` of 0 to 1 makes the dot larger.
    """

    latitude: float
    longitude: float
    label: str = ""
    kind: str = ""
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """From one dot to another, by their positions; `weight` of 0 to 1 makes it thicker."""

    start: int
    end: int
    kind: str = ""
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A dot as it is drawn, in the drawing's units."""

    x: float
    y: float
    radius: float
    size: float
    drop: float
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A way as it is drawn: an SVG path, its head, and its stroke width."""

    path: str
    head: str
    width: float
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Part of the map (`box` is an SVG viewBox) with what lies on it."""

    box: str
    width: int
    height: int
    spots: tuple[Spot, ...]
    curves: tuple[Curve, ...]


def draw(dots: Sequence[Dot], ways: Iterable[Way] = (), *, whole: bool = False) -> Drawing:
    """Dots and ways on the part of the map that holds them all; with `whole`, on all of it.

    Dots and strokes keep their size on the page however small the part is.
    """
    points = [project(dot.latitude, dot.longitude) for dot in dots]
    left, top, width = _part([] if whole else points)
    unit = width / WIDTH
    spots = tuple(
        _spot(dot, x, y, unit) for dot, (x, y) in sorted(zip(dots, points, strict=True), key=_order)
    )
    curves = tuple(
        curve
        for way in ways
        if (curve := _curve(points[way.start], points[way.end], way, unit)) is not None
    )
    height = width / _SHAPE
    return Drawing(
        box=f"{left:.1f} {top:.1f} {width:.1f} {height:.1f}",
        width=WIDTH,
        height=HEIGHT,
        spots=spots,
        curves=curves,
    )


def _order(pair: tuple[Dot, tuple[float, float]]) -> float:
    return -pair[0].weight


def _part(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Left, top and width of the part to show, in the map's units."""
    if not points:
        return 0.0, 0.0, float(WIDTH)
    xs, ys = zip(*points, strict=True)
    across, down = max(xs) - min(xs), max(ys) - min(ys)
    width = max(across * (1 + 2 * _MARGIN), down * (1 + 2 * _MARGIN) * _SHAPE, _LEAST)
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    return middle_x - width / 2, middle_y - width / _SHAPE / 2, width


def _spot(dot: Dot, x: float, y: float, unit: float) -> Spot:
    radius = (22 + 18 * dot.weight) * unit
    size = 28 * unit
    return Spot(
        x=round(x, 1),
        y=round(y, 1),
        radius=round(radius, 2),
        size=round(size, 2),
        drop=round(y + size * 0.36, 1),
        label=dot.label,
        kind=dot.kind,
    )


def _curve(
    start: tuple[float, float], end: tuple[float, float], way: Way, unit: float
) -> Curve | None:
    """A bent line with an arrow's head in its middle; None where both ends are one place."""
    (x1, y1), (x2, y2) = start, end
    length = hypot(x2 - x1, y2 - y1)
    if length < 1.0 * unit:
        return None
    along_x, along_y = (x2 - x1) / length, (y2 - y1) / length
    bend = _BEND * length
    bent_x, bent_y = (x1 + x2) / 2 - along_y * bend, (y1 + y2) / 2 + along_x * bend
    middle_x, middle_y = (x1 + 2 * bent_x + x2) / 4, (y1 + 2 * bent_y + y2) / 4
    stroke = 4 + 9 * way.weight
    arm = (9 + stroke) * unit
    tip = (middle_x + along_x * arm, middle_y + along_y * arm)
    back = (middle_x - along_x * arm * 0.6, middle_y - along_y * arm * 0.6)
    wing_x, wing_y = -along_y * arm * 0.8, along_x * arm * 0.8
    return Curve(
        path=f"M{x1:.1f} {y1:.1f}Q{bent_x:.1f} {bent_y:.1f} {x2:.1f} {y2:.1f}",
        head=(
            f"M{tip[0]:.1f} {tip[1]:.1f}"
            f"L{back[0] + wing_x:.1f} {back[1] + wing_y:.1f}"
            f"L{back[0] - wing_x:.1f} {back[1] - wing_y:.1f}Z"
        ),
        width=round(stroke * unit, 2),
        kind=way.kind,
    )
