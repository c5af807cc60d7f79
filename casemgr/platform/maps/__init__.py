"""Pictures of places: points and ways on the drawn map of China. Imports no Django."""

from casemgr.platform.maps.drawing import Dot, Drawing, Way, draw
from casemgr.platform.maps.projection import HEIGHT, WIDTH, project

__all__ = ["HEIGHT", "WIDTH", "Dot", "Drawing", "Way", "draw", "project"]
