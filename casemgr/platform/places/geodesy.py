"""Distances on the Earth, and Chinese map coordinates turned into WGS 84.

GCJ-02 is the datum of Chinese map apps: WGS 84 with a published smooth distortion of 50 to 700 m.
BD-09 (Baidu) distorts GCJ-02 once more. The formulas are the widely published ones; the inverse
has no closed form and is found by fixed-point iteration.
"""

import math
from typing import Final

EARTH_RADIUS_KM: Final = 6371.0088
_SEMI_MAJOR_AXIS: Final = 6378245.0  # Krasovsky 1940, as GCJ-02 uses it
_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
_BAIDU_ANGLE: Final = math.pi * 3000.0 / 180.0
_CLOSE_ENOUGH_DEGREES: Final = 1e-9

Point = tuple[float, float]


def distance_km(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Great-circle distance in kilometres between two points in degrees (haversine)."""
    phi, other_phi = math.radians(latitude), math.radians(other_latitude)
    half_lat = (other_phi - phi) / 2
    half_lon = math.radians(other_longitude - longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi) * math.cos(other_phi) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def in_china(latitude: float, longitude: float) -> bool:
    """Whether GCJ-02 distorts here: the bounding box that the map apps themselves use."""
    return 0.8293 <= latitude <= 55.8271 and 72.004 <= longitude <= 137.8347


def _wobble(x: float, y: float) -> Point:
    """The published distortion in metres-like units, x and y being degrees from 105 E, 35 N."""
    sin, pi, root = math.sin, math.pi, math.sqrt(abs(x))
    shared = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + shared
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + shared
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return north, east


def wgs84_to_gcj02(latitude: float, longitude: float) -> Point:
    if not in_china(latitude, longitude):
        return latitude, longitude
    north, east = _wobble(longitude - 105.0, latitude - 35.0)
    phi = math.radians(latitude)
    magic = 1 - _ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    meridian = _SEMI_MAJOR_AXIS * (1 - _ECCENTRICITY_SQUARED) / (magic * math.sqrt(magic))
    parallel = _SEMI_MAJOR_AXIS / math.sqrt(magic) * math.cos(phi)
    return latitude + math.degrees(north / meridian), longitude + math.degrees(east / parallel)


def gcj02_to_wgs84(latitude: float, longitude: float) -> Point:
    """The point whose GCJ-02 image is the one given, to well under a metre."""
    if not in_china(latitude, longitude):
        return latitude, longitude
    guess_lat, guess_lon = latitude, longitude
    for _ in range(10):
        image_lat, image_lon = wgs84_to_gcj02(guess_lat, guess_lon)
        off_lat, off_lon = image_lat - latitude, image_lon - longitude
        guess_lat, guess_lon = guess_lat - off_lat, guess_lon - off_lon
        if abs(off_lat) < _CLOSE_ENOUGH_DEGREES and abs(off_lon) < _CLOSE_ENOUGH_DEGREES:
            break
    return guess_lat, guess_lon


def gcj02_to_bd09(latitude: float, longitude: float) -> Point:
    radius = math.hypot(longitude, latitude) + 0.00002 * math.sin(latitude * _BAIDU_ANGLE)
    angle = math.atan2(latitude, longitude) + 0.000003 * math.cos(longitude * _BAIDU_ANGLE)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065


def bd09_to_gcj02(latitude: float, longitude: float) -> Point:
    guess_lat, guess_lon = latitude - 0.006, longitude - 0.0065
    for _ in range(10):
        image_lat, image_lon = gcj02_to_bd09(guess_lat, guess_lon)
        off_lat, off_lon = image_lat - latitude, image_lon - longitude
        guess_lat, guess_lon = guess_lat - off_lat, guess_lon - off_lon
        if abs(off_lat) < _CLOSE_ENOUGH_DEGREES and abs(off_lon) < _CLOSE_ENOUGH_DEGREES:
            break
    return guess_lat, guess_lon


def bd09_to_wgs84(latitude: float, longitude: float) -> Point:
    return gcj02_to_wgs84(*bd09_to_gcj02(latitude, longitude))
