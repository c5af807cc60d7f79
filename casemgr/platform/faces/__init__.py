"""Faces: find them, turn them into vectors, say how good a picture of one is."""

from functools import cache

from casemgr.platform.faces.dlib_engine import DlibEngine
from casemgr.platform.faces.protocol import FaceBox, FaceEngine, FaceEngineUnavailable

__all__ = ["FaceBox", "FaceEngine", "FaceEngineUnavailable", "engine"]


@cache
def engine() -> FaceEngine:
    """The process's one face engine. Its models load on first use, about half a second."""
    return DlibEngine()
