"""A place as somebody gave it, and what may be read off it."""

from dataclasses import dataclass
from typing import Final, Literal

from casemgr.platform.places.finder import find
from casemgr.platform.places.gazetteer import Division, division, nearest, parents
from casemgr.platform.places.geodesy import bd09_to_wgs84, distance_km, gcj02_to_wgs84

Datum = Literal["wgs84", "gcj02", "bd09"]

_OWN_PRECISION_M: Final = 500  # of coordinates given without a precision: a pin set by hand
_NEAR_KM: Final = 150.0


@dataclass(frozen=True, slots=True)
class Place:
    """Words, a division, coordinates: any of them may be missing.

    `country` is ISO 3166-1 alpha-2 or ''; latitude and longitude are degrees in `datum`;
    `precision_m` says how far off they may be, in metres.
    """

    text: str = ""
    division_code: str | None = None
    country: str = "CN"
    latitude: float | None = None
    longitude: float | None = None
    datum: Datum = "wgs84"
    precision_m: int | None = None

    def wgs84(self) -> tuple[float, float] | None:
        """Latitude and longitude in WGS 84, None without coordinates."""
        if self.latitude is None or self.longitude is None:
            return None
        if self.datum == "gcj02":
            return gcj02_to_wgs84(self.latitude, self.longitude)
        if self.datum == "bd09":
            return bd09_to_wgs84(self.latitude, self.longitude)
        return self.latitude, self.longitude

    def division(self) -> Division | None:
        """The division named by code, else found in the text."""
        return division(self.division_code) or find(self.text)


def locate(place: Place) -> tuple[float, float, int] | None:
    """Best known (latitude, longitude, precision in metres) in WGS 84, or None.

    The place's own coordinates come first, then its division's seat, then that of a division found
    in its words.
    """
    point = place.wgs84()
    if point is not None:
        return (*point, place.precision_m if place.precision_m is not None else _OWN_PRECISION_M)
    unit = place.division()
    return (unit.latitude, unit.longitude, unit.precision_m) if unit else None


def division_label(unit: Division, language: str) -> str:
    """'广东省深圳市南山区' in Chinese, 'Nanshan, Shenzhen, Guangdong' in any other language."""
    chain = (unit, *parents(unit.code))
    if language.startswith("zh"):
        return "".join(part.name_zh for part in reversed(chain))
    return ", ".join(part.name_en for part in chain)


def public_division(place: Place) -> Division | None:
    """What everybody may know of a place: never finer than county, None where nothing is known.

    A place with coordinates alone is told to the nearest prefecture.
    """
    unit = place.division()
    point = place.wgs84()
    if unit is None and point is not None and place.country in ("CN", ""):
        unit = _prefecture_at(*point)
    return unit


def public_label(place: Place, language: str) -> str:
    """The place for everybody's eyes, never in the writer's words; '' where nothing is known."""
    unit = public_division(place)
    return division_label(unit, language) if unit else ""


def _prefecture_at(latitude: float, longitude: float) -> Division | None:
    unit = nearest(latitude, longitude)
    if distance_km(latitude, longitude, unit.latitude, unit.longitude) > _NEAR_KM:
        return None
    return parents(unit.code)[0] if unit.level == "county" else unit
