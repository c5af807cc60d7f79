"""Places: what people write, the official divisions, coordinates. Imports no Django."""

from casemgr.platform.places.finder import find, find_all
from casemgr.platform.places.gazetteer import (
    Division,
    Level,
    division,
    divisions,
    nearest,
    parents,
    province_of,
)
from casemgr.platform.places.geodesy import (
    bd09_to_wgs84,
    distance_km,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_gcj02,
)
from casemgr.platform.places.place import (
    Datum,
    Place,
    division_label,
    locate,
    public_division,
    public_label,
)

__all__ = [
    "Datum",
    "Division",
    "Level",
    "Place",
    "bd09_to_wgs84",
    "distance_km",
    "division",
    "division_label",
    "divisions",
    "find",
    "find_all",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "locate",
    "nearest",
    "parents",
    "province_of",
    "public_division",
    "public_label",
    "wgs84_to_gcj02",
]
