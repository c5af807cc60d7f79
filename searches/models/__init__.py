"""Tables of the searches app."""

from searches.models.clock import CaseClock
from searches.models.clues import ClueMatch
from searches.models.duplicates import CasePair, PairDecision
from searches.models.follow_through import (
    FollowThroughKind,
    FollowThroughStep,
    SightingAssignment,
)
from searches.models.learning import Calibration, LedgerEntry
from searches.models.match import Evidence, Match, Review, SecondLook
from searches.models.photos import SightingFace, SightingPhoto
from searches.models.prepared import PreparedCase
from searches.models.sighting import (
    ReporterContact,
    Sighting,
    SightingExternalId,
    SightingMark,
)
from searches.models.unactionable import Unactionable, UnactionableWhy

__all__ = [
    "Calibration",
    "CaseClock",
    "CasePair",
    "ClueMatch",
    "Evidence",
    "FollowThroughKind",
    "FollowThroughStep",
    "LedgerEntry",
    "Match",
    "PairDecision",
    "PreparedCase",
    "ReporterContact",
    "Review",
    "SecondLook",
    "Sighting",
    "SightingAssignment",
    "SightingExternalId",
    "SightingFace",
    "SightingMark",
    "SightingPhoto",
    "Unactionable",
    "UnactionableWhy",
]
