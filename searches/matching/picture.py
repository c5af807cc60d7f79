"""A calibration diagram as SVG: what was foretold across, what came true upwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

SIZE, LEFT, TOP, PANEL = (940, 480), 70, 60, 340
LOWEST = 1e-5
INK, FAINT, DOT = "#1f2933", "#c9d1d9", "#0b6e6e"
FIFTHS: Final = tuple(number / 5 for number in range(6))
DECADES: Final = tuple(10.0**power for power in range(-5, 1))
TENTHS: Final = 10
_SURELY: Final = 1.96
"""Standard errors on either side of a 95 % interval."""


class Point(NamedTuple):
    """One bin: mean probability given, share that was true, its 95 % interval, and its pairs."""

    given: float
    true: float
    low: float
    high: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Panel:
    """Bins on plain axes from 0 to 1, or on logarithmic ones from LOWEST."""

    name: str
    points: Sequence[Point]
    logarithmic: bool = False


def draw(left: Panel, right: Panel, title: str) -> str:
    """Two panels side by side."""
    width, height = SIZE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="13" fill="{INK}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="16">{title}</text>',
    ]
    for panel, start in ((left, LEFT), (right, LEFT + PANEL + 110)):
        scale, ticks = (_logarithmic, DECADES) if panel.logarithmic else (float, FIFTHS)
        parts += _panel(start, panel.name, panel.points, ticks, scale)
    return "\n".join([*parts, "</svg>"]) + "\n"


def tenths(given: NDArray[np.float64], true: NDArray[np.bool_]) -> list[Point]:
    """Bins by tenths of the probability given, with Wilson's interval; empty ones left out."""
    place = np.minimum((given * TENTHS).astype(int), TENTHS - 1)
    found = []
    for number in np.unique(place).tolist():
        there = place == number
        pairs, share = int(there.sum()), float(true[there].mean())
        low, high = _wilson(share, pairs)
        found.append(Point(float(given[there].mean()), share, low, high, pairs))
    return found


def _wilson(share: float, pairs: int) -> tuple[float, float]:
    square = _SURELY**2
    middle = (share + square / (2 * pairs)) / (1 + square / pairs)
    spread = sqrt(share * (1 - share) / pairs + square / (4 * pairs**2)) / (1 + square / pairs)
    return middle - _SURELY * spread, middle + _SURELY * spread


def _logarithmic(value: float) -> float:
    """0 at LOWEST and below, 1 at 1."""
    return max(0.0, 1 - log10(max(value, LOWEST)) / log10(LOWEST))


def _panel(
    left: int,
    name: str,
    points: Sequence[Point],
    ticks: Sequence[float],
    scale: Callable[[float], float],
) -> list[str]:
    bottom = TOP + PANEL

    def x(value: float) -> float:
        return left + PANEL * scale(value)

    def y(value: float) -> float:
        return bottom - PANEL * scale(value)

    parts = [f'<text x="{left}" y="{TOP - 12}">{name}</text>']
    for tick in ticks:
        label = f"{tick:g}"
        parts += [
            f'<path d="M{left} {y(tick):.1f}H{left + PANEL}M{x(tick):.1f} {TOP}V{bottom}" '
            f'stroke="{FAINT}" fill="none"/>',
            f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{label}</text>',
            f'<text x="{x(tick):.1f}" y="{bottom + 20}" text-anchor="middle">{label}</text>',
        ]
    parts.append(f'<path d="M{left} {bottom}L{left + PANEL} {TOP}" stroke="{INK}" '
                 'stroke-dasharray="5 4" fill="none"/>')  # fmt: skip
    for point in points:
        parts += [
            f'<path d="M{x(point.given):.1f} {y(point.low):.1f}V{y(point.high):.1f}" '
            f'stroke="{DOT}" stroke-width="2"/>',
            f'<circle cx="{x(point.given):.1f}" cy="{y(point.true):.1f}" r="5" fill="{DOT}">'
            f"<title>{point.pairs} pairs: given {point.given:.4f}, true {point.true:.4f}</title>"
            "</circle>",
        ]
    parts += [
        f'<text x="{left + PANEL / 2}" y="{bottom + 44}" text-anchor="middle">'
        "probability given</text>",
        f'<text transform="translate({left - 52} {TOP + PANEL / 2}) rotate(-90)" '
        'text-anchor="middle">share that was the child</text>',
    ]
    return parts
