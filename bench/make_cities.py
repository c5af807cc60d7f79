"""Writes static/maps/cities.json: the cities that the map names and a phone looks itself up in.

Rows are [code, Chinese, English, latitude, longitude, rank]; rank 1 is a province's seat. Made of
the gazetteer alone: `.venv/bin/python -m bench.make_cities`.
"""

import json
from pathlib import Path
from typing import Any, Final

from casemgr.platform.places import Division, distance_km, divisions

FILE: Final = Path(__file__).parents[1] / "static" / "maps" / "cities.json"
# Cities that are provinces themselves, and a province whose cities have no points of their own:
# the province's row stands for them.
ALONE: Final = {"11", "12", "31", "50", "71", "81", "82"}


def cities() -> list[list[Any]]:
    """Every present prefecture, and provinces that stand for theirs, by code."""
    table = [unit for unit in divisions().values() if unit.until is None]
    prefectures = [
        unit for unit in table if unit.level == "prefecture" and unit.code[:2] not in ALONE
    ]
    provinces = [unit for unit in table if unit.level == "province"]
    seats = {
        min(inside, key=lambda unit: _apart(province, unit)).code
        for province in provinces
        if (inside := [unit for unit in prefectures if unit.code[:2] == province.code[:2]])
    }
    alone = [unit for unit in provinces if unit.code[:2] in ALONE]
    seats |= {unit.code for unit in alone}
    return [
        [unit.code, unit.name_zh, unit.name_en, unit.latitude, unit.longitude, 1]
        if unit.code in seats
        else [unit.code, unit.name_zh, unit.name_en, unit.latitude, unit.longitude, 2]
        for unit in sorted([*prefectures, *alone], key=lambda unit: unit.code)
    ]


def _apart(one: Division, other: Division) -> float:
    return distance_km(one.latitude, one.longitude, other.latitude, other.longitude)


def written(rows: list[list[Any]]) -> str:
    """The file's text: one city a line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    FILE.write_text(written(cities()), encoding="utf-8")
    print(f"{FILE.name}: {len(cities())} cities")
