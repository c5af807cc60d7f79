"""Where a spot is, as well as its coordinates, its division or its words tell."""

from functools import lru_cache
from math import isfinite

from casemgr.platform.places.finder import find
from casemgr.platform.places.gazetteer import Division, division
from casemgr.platform.places.geodesy import distance_km
from searches.matching.maths import N, most
from searches.matching.types import Spot

DEFAULT_PRECISION_M = 500
LONGEST_TEXT = 300


@lru_cache(maxsize=8192)
def located(spot: Spot) -> tuple[float, float, float] | None:
    """(latitude, longitude, km it may be off), None where the spot is nowhere in particular."""
    latitude, longitude = spot.latitude, spot.longitude
    if latitude is not None and longitude is not None and _on_earth(latitude, longitude):
        precision = DEFAULT_PRECISION_M if spot.precision_m is None else spot.precision_m
        return latitude, longitude, max(0, precision) / 1000
    unit = division_of(spot)
    return (unit.latitude, unit.longitude, unit.precision_m / 1000) if unit else None


@lru_cache(maxsize=8192)
def division_of(spot: Spot) -> Division | None:
    """The division by the spot's code, else the one found in its words."""
    return division(spot.division_code) or find(spot.text[:LONGEST_TEXT])


def apart(first: Spot, second: Spot) -> tuple[float, float, float] | None:
    """(km between the points, km they are likely apart, km they are apart at the least).

    The likely distance takes a third of the coarser precision in: two spots told only as the same
    province are not at the same point.
    """
    one, other = located(first), located(second)
    if one is None or other is None:
        return None
    km = distance_km(one[0], one[1], other[0], other[1])
    return km, likely_km(km, max(one[2], other[2])), least_km(km, one[2] + other[2])


def likely_km(km: N, coarser: N) -> N:
    """Km likely between two spots, `km` between their points, the coarser being that far off."""
    blur = coarser / 3
    likely: N = (km * km + blur * blur) ** 0.5
    return likely


def least_km(km: N, both: N) -> N:
    """Km between two spots at the least, being that far off together."""
    return most(km - both, 0.0)


def shown(spot: Spot) -> str:
    """A short plain text for the spot: the writer's own words, else division and degrees."""
    if spot.text:
        return spot.text[:80]
    unit = division_of(spot)
    if unit is not None:
        return unit.name_zh
    if spot.latitude is None or spot.longitude is None:
        return ""
    return f"{spot.latitude:.3f}, {spot.longitude:.3f}"


def _on_earth(latitude: float, longitude: float) -> bool:
    return (
        isfinite(latitude)
        and isfinite(longitude)
        and -90 <= latitude <= 90
        and -180 <= longitude <= 180
    )
