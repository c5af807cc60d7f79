"""The divisions of GB/T 2260 down to county, from one committed file (docs/places.md)."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from casemgr.platform.places.geodesy import distance_km

Level = Literal["province", "prefecture", "county"]

_FILE: Final = Path(__file__).parents[1] / "data" / "divisions.csv"
# How far from its point a place in a division may lie, in metres: the mean county has 3,400 km².
PRECISION_M: Final[dict[str, int]] = {
    "province": 400_000,
    "prefecture": 100_000,
    "county": 25_000,
}


@dataclass(frozen=True, slots=True)
class Division:
    """One province, prefecture or county.

    `latitude` and `longitude` are of its seat, good to `precision_m`; `until` is the last year in
    which an abolished division stood, None for those of today.
    """

    code: str
    level: Level
    name_zh: str
    name_en: str
    latitude: float
    longitude: float
    precision_m: int
    former_names: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()
    until: int | None = None


@cache
def divisions() -> dict[str, Division]:
    """All divisions by present code, read once (about 20 ms)."""
    table: dict[str, Division] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for code, level, name, english, lat, lon, approximate, names, codes, until in rows:
            blurred = _coarser(level) if approximate else level
            table[code] = Division(
                code,
                level,  # type: ignore[arg-type]  # the file's own three words, held by a test
                name,
                english,
                float(lat),
                float(lon),
                PRECISION_M[blurred],
                tuple(names.split("|")) if names else (),
                tuple(codes.split("|")) if codes else (),
                int(until) if until else None,
            )
    return table


def _coarser(level: str) -> str:
    return "prefecture" if level == "county" else "province"


@cache
def _by_former_code() -> dict[str, str]:
    return {old: code for code, unit in divisions().items() for old in unit.former_codes}


def division(code: str | None) -> Division | None:
    """The division of a six-digit code, also of one it had since 1980; None if there is none."""
    if not code:
        return None
    return divisions().get(code) or divisions().get(_by_former_code().get(code, ""))


def province_of(code: str | None) -> Division | None:
    """The province a code lies in, also for a code below county or one no longer known."""
    return divisions().get(code[:2] + "0000") if code and len(code) >= 2 else None


@cache
def parents(code: str) -> tuple[Division, ...]:
    """What the division lies in, nearest first; empty for a province or an unknown code."""
    unit = division(code)
    if unit is None:
        return ()
    candidates = (unit.code[:4] + "00", unit.code[:2] + "0000")
    return tuple(
        table for key in candidates if key != unit.code and (table := divisions().get(key))
    )


def nearest(latitude: float, longitude: float) -> Division:
    """The present division below province whose seat is nearest to a WGS 84 point."""
    return min(
        (unit for unit in divisions().values() if unit.level != "province" and unit.until is None),
        key=lambda unit: distance_km(latitude, longitude, unit.latitude, unit.longitude),
    )
