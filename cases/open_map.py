"""Where open cases are, as coarsely as their cards say it: counts of counties, and of provinces."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from casemgr.platform.maps import Dot, Drawing, draw
from casemgr.platform.places import Division, division, province_of
from cases.querysets import CaseQuerySet
from cases.told_places import told_in_words


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A division that cards tell, and how many of them."""

    unit: Division
    count: int


@dataclass(frozen=True, slots=True)
class OpenPlaces:
    """Divisions by code, provinces by falling count, and how many cards tell no place."""

    places: tuple[OpenPlace, ...]
    provinces: tuple[OpenPlace, ...]
    placeless: int


def open_places(cases: CaseQuerySet) -> OpenPlaces:
    """Of `cases`, whose cards are up, how many each division has; no case by itself.

    A point is its division's seat from the gazetteer, never one that somebody gave.
    """
    coded = cases.exclude(missing_from_division="").order_by()
    rows = coded.values_list("missing_from_division").annotate(count=Count("pk"))
    told = [(division(code), count) for code, count in rows]
    told += [(unit, 1) for _pk, unit in told_in_words(cases)]
    inside: Counter[Division] = Counter()
    provinces: Counter[Division] = Counter()
    placeless = 0
    for unit, count in told:
        province = province_of(unit.code) if unit else None
        if unit is None or province is None:
            placeless += count
            continue
        inside[unit] += count
        provinces[province] += count
    by_code = sorted(inside.items(), key=lambda row: row[0].code)
    by_count = sorted(provinces.items(), key=lambda row: (-row[1], row[0].code))
    return OpenPlaces(
        tuple(OpenPlace(unit, count) for unit, count in by_code),
        tuple(OpenPlace(unit, count) for unit, count in by_count),
        placeless,
    )


def drawn(provinces: Sequence[OpenPlace]) -> Drawing:
    """A dot for each province, with its count in it."""
    most = max((row.count for row in provinces), default=1)
    dots = [
        Dot(row.unit.latitude, row.unit.longitude, str(row.count), weight=row.count / most)
        for row in provinces
    ]
    return draw(dots, whole=True)
