"""Where children are from, where they are seen, and how people name such places.

Shares are invented after the published shape of the routes: from the south-west to the coast and
the central plain.
"""

from functools import cache, lru_cache
from itertools import pairwise
from math import exp, log
from random import Random
from typing import Final

from bench.population.chance import Weighted, pick
from casemgr.platform import places
from casemgr.platform.places import Division, Place
from searches.matching.types import Spot

HOMES: Final = Weighted({
    "53": 14, "52": 13, "51": 12, "41": 9, "43": 8, "44": 8, "45": 7, "34": 6, "42": 6, "36": 6,
    "61": 5, "50": 5, "37": 5, "13": 5, "35": 4, "14": 4, "33": 3, "32": 4, "62": 3, "21": 2,
    "23": 2, "22": 2, "15": 2, "64": 1, "65": 1, "46": 1, "11": 1, "12": 1, "31": 1, "63": 1,
})  # fmt: skip
"""Provinces that children go missing from."""
MIGRATION: Final = Weighted({
    "44": 28, "33": 15, "35": 9, "32": 9, "31": 6, "11": 6, "53": 8, "52": 3, "51": 4, "42": 4,
    "41": 3, "37": 3, "61": 2,
})  # fmt: skip
"""Provinces in which the children of migrant workers are lost."""
SOUTH_WEST: Final = frozenset({"50", "51", "52", "53", "45"})
FROM_SOUTH_WEST: Final = Weighted({
    "41": 16, "37": 14, "35": 14, "44": 17, "13": 8, "34": 5, "32": 6, "33": 6, "36": 4, "14": 4,
    "43": 3, "42": 3,
})  # fmt: skip
FROM_ELSEWHERE: Final = Weighted({
    "44": 15, "35": 9, "33": 9, "32": 9, "37": 9, "41": 9, "13": 8, "11": 4, "31": 4, "34": 4,
    "36": 4, "14": 4, "43": 4, "42": 4, "61": 2, "51": 2, "21": 1,
})  # fmt: skip
"""Provinces that children are taken to, or are found in."""
NEARNESS: Final = (
    (2, 0.62, 0.16, 0.08), (14, 0.38, 0.16, 0.12), (90, 0.18, 0.13, 0.13), (730, 0.07, 0.08, 0.13),
    (3650, 0.03, 0.04, 0.11),
)  # fmt: skip
"""After so many days, the chance of still being in the county, else the prefecture, else the
province of the loss; the others are on a route."""

_SPOTS: Final = (
    ("的集市上", "the market in"), ("菜市场门口", "outside the vegetable market in"),
    ("汽车站", "the coach station in"), ("火车站广场", "the railway station square in"),
    ("，自家门口", "outside our house in"), ("，出租屋楼下", "downstairs from our rented room in"),
    ("街上", "the street in"), ("，放学路上", "on the way from school in"),
    ("人民医院", "the people's hospital in"), ("的公园", "the park in"),
)  # fmt: skip
_SUFFIXES: Final = ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")


@cache
def counties(province: str) -> tuple[Division, ...]:
    """The present counties of a province, each as likely as another."""
    return tuple(
        unit
        for code, unit in places.divisions().items()
        if code.startswith(province) and unit.level == "county" and unit.until is None
    )


@cache
def siblings(county: str) -> tuple[Division, ...]:
    """The counties of the same prefecture."""
    return tuple(unit for unit in counties(county[:2]) if unit.code[:4] == county[:4])


def found_in(rng: Random, lost_at: Division, days: float) -> Division:
    """A county in which the child may be seen so many days later."""
    county, prefecture, province = _nearness(days)
    draw = rng.random()
    if draw < county:
        return lost_at
    if draw < county + prefecture:
        return pick(rng, siblings(lost_at.code))
    if draw < county + prefecture + province:
        return pick(rng, counties(lost_at.code[:2]))
    route = FROM_SOUTH_WEST if lost_at.code[:2] in SOUTH_WEST else FROM_ELSEWHERE
    return pick(rng, counties(route.draw(rng)))


def _nearness(days: float) -> tuple[float, float, float]:
    """NEARNESS between its rows, by the logarithm of the days."""
    rows = NEARNESS
    if days <= rows[0][0]:
        return rows[0][1:]
    for (before, *low), (after, *high) in pairwise(rows):
        if days <= after:
            part = log(days / before) / log(after / before)
            one, two, three = (a + part * (b - a) for a, b in zip(low, high, strict=True))
            return one, two, three
    fade = exp(-(days - rows[-1][0]) / 7300)
    return rows[-1][1] * fade, rows[-1][2] * fade, rows[-1][3]


@lru_cache(maxsize=50_000)
def named(code: str, style: str, language: str) -> str:
    """A county in somebody's words.

    `style` is 'full', 'short' (province and county), 'loose' (prefecture and county),
    'prefecture' or 'province'.
    """
    unit = places.divisions()[code]
    above = places.parents(code)
    province = above[-1] if above else unit
    prefecture = above[0] if len(above) > 1 else province
    if style == "full":
        return places.division_label(unit, language)
    if language != "zh":
        chain = {"short": (unit, province), "loose": (unit, prefecture),
                 "prefecture": (prefecture, province)}.get(style, (province,))  # fmt: skip
        return ", ".join(dict.fromkeys(part.name_en for part in chain))
    if style == "short":
        return _short(province) + unit.name_zh
    if style == "loose":
        return _short(prefecture) + unit.name_zh
    if style == "prefecture":
        return _short(province) + (_short(prefecture) if prefecture is not province else "")
    return _short(province)


def _short(unit: Division) -> str:
    name = unit.name_zh
    return next(
        (
            name.removesuffix(suffix)
            for suffix in _SUFFIXES
            if name.endswith(suffix) and len(name) > 2
        ),
        name,
    )


def spoken_spot(draw: float, place: str, language: str) -> str:
    """A spot within a place: the market, a station."""
    zh, en = _SPOTS[int(draw * len(_SPOTS))]
    return place + zh if language == "zh" else f"{en} {place}"


@lru_cache(maxsize=200_000)
def spot(text: str, code: str | None) -> Spot | None:
    """A place given in words, with or without its division, as the product keeps it."""
    if not text and not code:
        return None
    point = places.locate(Place(text=text, division_code=code))
    latitude, longitude, precision = point or (None, None, None)
    return Spot(latitude, longitude, precision, code, text)


def pinned(rng: Random, unit: Division, text: str) -> Spot:
    """A place with the coordinates of a phone, somewhere about the county's seat."""
    latitude = unit.latitude + rng.gauss(0, 0.06)
    longitude = unit.longitude + rng.gauss(0, 0.06)
    return Spot(round(latitude, 5), round(longitude, 5), 50, None, text)
