"""Dates, places and heights in the loose words that people use, in Chinese and in English."""

from calendar import month_name
from datetime import date
from functools import cache
from itertools import pairwise
from random import Random
from typing import Final

from casemgr.demo.facts import BOTTOMS, COLOURS, LIGHT_TOPS, SHOES, WARM_TOPS, Words
from casemgr.platform import places
from casemgr.platform.places import Division

SEASONS: Final = {
    12: ("冬天", "winter"), 1: ("冬天", "winter"), 2: ("冬天", "winter"), 3: ("春天", "spring"),
    4: ("春天", "spring"), 5: ("春天", "spring"), 6: ("夏天", "summer"), 7: ("夏天", "summer"),
    8: ("夏天", "summer"), 9: ("秋天", "autumn"), 10: ("秋天", "autumn"), 11: ("秋天", "autumn"),
}  # fmt: skip
FINENESS: Final = ("day", "month", "season", "year", "about")


def dated(rng: Random, day: date, fineness: str, language: str) -> str:
    """`day` told as finely as "day", "month", "season", "year" or "about" (a year off or so)."""
    zh, month = language == "zh", day.month
    if fineness == "day":
        return (
            f"{day.year}年{month}月{day.day}日"
            if zh
            else f"{day.day} {month_name[month]} {day.year}"
        )
    if fineness == "month":
        return f"{day.year}年{month}月" if zh else f"{month_name[month]} {day.year}"
    if fineness == "season":
        # A winter belongs to two years; January's is told with the year it began in.
        year = day.year - 1 if month < 3 else day.year
        return f"{year}年{SEASONS[month][0]}" if zh else f"{SEASONS[month][1]} of {year}"
    if fineness == "year":
        return f"{day.year}年" if zh else f"{day.year}"
    year = day.year + rng.choice((-1, 0, 0, 0, 1))
    return f"大概{year}年左右" if zh else f"around {year}"


def years_old(day: date, later: date) -> float:
    """Years between two days."""
    return (later - day).days / 365.2425


def county_of(rng: Random, provinces: dict[str, int]) -> Division:
    """A county in one of `provinces` (two-digit codes and their weights)."""
    return rng.choice(_counties(rng.choices(list(provinces), weights=list(provinces.values()))[0]))


@cache
def _counties(province: str) -> tuple[Division, ...]:
    return tuple(
        unit
        for code, unit in places.divisions().items()
        if code.startswith(province) and unit.level == "county" and unit.until is None
    )


def place_name(rng: Random, unit: Division, language: str, *, vague: bool) -> str:
    """The county with what it lies in; a vague teller names a larger place only."""
    if vague:
        above = places.parents(unit.code)
        unit = rng.choice(above) if above else unit
    return places.division_label(unit, language)


def at(spot: Words, place: str, language: str) -> str:
    """A spot within a place: 镇雄县的集市上, the market in Zhenxiong."""
    return place + spot["zh"] if language == "zh" else f"{spot['en']} {place}"


Clothes = tuple[tuple[Words, Words], ...]


def invent_clothes(rng: Random, day: date) -> Clothes:
    """Top, trousers and perhaps shoes for the season, each with a colour."""
    items = [rng.choice(LIGHT_TOPS if 5 <= day.month <= 9 else WARM_TOPS), rng.choice(BOTTOMS)]
    if rng.random() < 0.5:
        items.append(rng.choice(SHOES))
    return tuple((rng.choice(COLOURS), item) for item in items)


def clothes_told(clothes: Clothes, language: str) -> str:
    """红色棉袄、蓝色裤子, or 'red padded jacket, blue trousers'."""
    if language == "zh":
        return "、".join(colour["zh"] + item["zh"] for colour, item in clothes)
    return ", ".join(f"{colour['en']} {item['en']}" for colour, item in clothes)


_HEIGHTS: Final = {
    "male": ((0, 50), (2, 87.8), (5, 110.0), (8, 127.3), (12, 149.1), (15, 169.0), (18, 174.0)),
    "female": ((0, 49), (2, 86.4), (5, 109.4), (8, 126.6), (12, 151.2), (15, 160.0), (18, 161.0)),
}
"""Median heights in cm by age in years, between whose points one may draw lines (WHO, rounded)."""


def height_at(sex: str, age: float, tallness: float) -> int:
    """Height in cm of somebody `tallness` standard deviations (of 4 %) above the median."""
    points = _HEIGHTS[sex]
    age = min(max(age, 0.0), 17.99)
    (before, low), (after, high) = next((a, b) for a, b in pairwise(points) if a[0] <= age < b[0])
    median = low + (high - low) * (age - before) / (after - before)
    return round(median * (1 + 0.04 * tallness))
