"""Tables of the searches app."""

from searches.models.match import Evidence, Match, Review
from searches.models.photos import SightingFace, SightingPhoto
from searches.models.sighting import (
    ReporterContact,
    Sighting,
    SightingExternalId,
    SightingMark,
)

__all__ = [
    "Evidence",
    "Match",
    "ReporterContact",
    "Review",
    "Sighting",
    "SightingExternalId",
    "SightingFace",
    "SightingMark",
    "SightingPhoto",
]
