"""Tables of the cases app."""

from cases.models.case import (
    LIVE_STATUSES,
    Approval,
    Assignment,
    Case,
    Child,
    ChildMark,
    ClaimPaper,
    Consent,
    ConsentPurpose,
    ExternalId,
    TimelineEvent,
    WithheldFact,
)
from cases.models.photos import CaseFace, CasePhoto

__all__ = [
    "LIVE_STATUSES",
    "Approval",
    "Assignment",
    "Case",
    "CaseFace",
    "CasePhoto",
    "Child",
    "ChildMark",
    "ClaimPaper",
    "Consent",
    "ConsentPurpose",
    "ExternalId",
    "TimelineEvent",
    "WithheldFact",
]
