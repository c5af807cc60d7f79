"""Corridors: from which province to which children were moved, at the reader's level."""

from dataclasses import dataclass

from casemgr.platform.maps import Dot, Drawing, Way, draw
from casemgr.platform.places import division
from cases.statistics.facets import NONE, UNKNOWN, Level
from cases.statistics.selectors import Figures, Row, figures

BY = ("province", "found_province")
# More ways than this over each other tell nothing.
MOST_DRAWN = 25


@dataclass(frozen=True, slots=True)
class Corridors:
    """Corridors by falling count (`rows`), those that are withheld left out, and their picture.

    `stayed` counts children who were found in the province that they went missing from; None where
    that is withheld for a province.
    """

    rows: tuple[Row, ...]
    stayed: int | None
    some_withheld: bool
    drawing: Drawing
    figures: Figures


def corridors(level: Level) -> Corridors:
    """Every pair of provinces from which and in which a child was found."""
    found = figures(level, BY, {})
    known = [row for row in found.rows if not {UNKNOWN, NONE} & set(row.codes)]
    moved = [row for row in known if row.codes[0] != row.codes[1]]
    stayed = [row.count for row in known if row.codes[0] == row.codes[1]]
    rows = sorted(
        (row for row in moved if row.count), key=lambda row: (-(row.count or 0), row.codes)
    )
    return Corridors(
        rows=tuple(rows),
        stayed=None if None in stayed else sum(count or 0 for count in stayed),
        some_withheld=any(row.count is None for row in moved),
        drawing=_drawn(rows[:MOST_DRAWN]),
        figures=found,
    )


def _drawn(rows: list[Row]) -> Drawing:
    most = max((row.count or 0 for row in rows), default=1)
    units = {code: division(f"{code}0000") for row in rows for code in row.codes}
    found = {code: unit for code, unit in units.items() if unit is not None}
    at = {code: index for index, code in enumerate(found)}
    dots = [Dot(unit.latitude, unit.longitude) for unit in found.values()]
    ways = [
        Way(at[start], at[end], weight=(row.count or 0) / most)
        for row in rows
        for start, end in [row.codes]
        if start in at and end in at
    ]
    return draw(dots, ways, whole=True)
