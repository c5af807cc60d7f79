"""The projection of the drawn map: Albers' equal-area conic, as atlases of China use it.

Formulas: J. P. Snyder, Map Projections, a Working Manual, USGS Professional Paper 1395 (1987),
section 14, for the sphere. Standard parallels 25° and 47° N, central meridian 105° E.
"""

from math import cos, radians, sin, sqrt
from typing import Final

WIDTH: Final = 1000
HEIGHT: Final = 850

_SOUTH, _NORTH, _MIDDLE = radians(25), radians(47), radians(105)
_N: Final = (sin(_SOUTH) + sin(_NORTH)) / 2
_C: Final = cos(_SOUTH) ** 2 + 2 * _N * sin(_SOUTH)
# So that the outlines fill the drawing with a margin.
_SCALE: Final = 1276.0
_X: Final = 543.0
_Y: Final = 1321.0


def project(latitude: float, longitude: float) -> tuple[float, float]:
    """Where a WGS 84 point (degrees) lies on a drawing of WIDTH by HEIGHT: x to the right, y down.

    A point far outside China lies outside the drawing.
    """
    rho = sqrt(max(0.0, _C - 2 * _N * sin(radians(latitude)))) / _N
    theta = _N * (radians(longitude) - _MIDDLE)
    return _X + _SCALE * rho * sin(theta), _SCALE * rho * cos(theta) - _Y
