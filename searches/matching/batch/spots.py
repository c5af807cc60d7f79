"""How far every spot on file is from one place."""

import numpy as np

from casemgr.platform.places.geodesy import EARTH_RADIUS_KM
from searches.matching.batch.columns import Spots
from searches.matching.maths import Array
from searches.matching.spots import least_km, likely_km, located
from searches.matching.types import Spot


def apart(spots: Spots, place: Spot | None) -> tuple[Array, Array] | None:
    """(km likely apart, km apart at the least) of each distinct spot; None without a place."""
    there = located(place) if place is not None else None
    if there is None:
        return None
    latitude, longitude, blur = there
    km = _distances_km(spots, latitude, longitude)
    return likely_km(km, np.maximum(spots.blur_km, blur)), least_km(km, spots.blur_km + blur)


def _distances_km(spots: Spots, latitude: float, longitude: float) -> Array:
    """Great-circle distances (haversine), as `geodesy.distance_km` reckons one."""
    phi, other_phi = np.radians(spots.latitude), np.radians(latitude)
    half_lat = (other_phi - phi) / 2
    half_lon = np.radians(longitude - spots.longitude) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(phi) * np.cos(other_phi) * np.sin(half_lon) ** 2
    km: Array = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(chord)))
    return km
