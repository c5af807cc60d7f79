"""Tables of the cases app."""

from cases.models.bulk import (
    BulkFormat,
    BulkStatus,
    ExportFormat,
    ExportJob,
    ExportPart,
    ImportJob,
    ImportMode,
    ImportPart,
    ImportPhoto,
    ImportRow,
    ImportSheet,
    RememberedColumns,
    RowOutcome,
)
from cases.models.case import (
    LIVE_STATUSES,
    UNTOLD_STATUSES,
    Case,
    Child,
    ChildMark,
    ExternalId,
    TimelineEvent,
)
from cases.models.case_files import CaseFile
from cases.models.claims import (
    Claim,
    ClaimAnswer,
    ClaimPaper,
    ClaimTester,
    Verdict,
    WithheldFact,
)
from cases.models.consents import Consent, ConsentPurpose, Objection
from cases.models.feed import ToldToPartners
from cases.models.follow_ups import Concern, FollowUp, Standing
from cases.models.links import CaseLink
from cases.models.operations import Handover, Operation, SafetyCheck, SuspectKind, Suspects
from cases.models.outcomes import (
    PROOFS,
    Clue,
    ClueKind,
    ContactWish,
    Outcome,
    OutcomeStep,
    StepKind,
)
from cases.models.pfif import PfifNote, PfifRecord
from cases.models.photos import CaseFace, CasePhoto
from cases.models.proposals import OutcomeProposal, ProposalEnd
from cases.models.protection import FlagClearing, FlagKind, HarmfulImage, ProtectionFlag
from cases.models.publication import (
    Approval,
    Assignment,
    PageReport,
    PageReportKind,
    TakeReason,
)
from cases.models.published import PublishedFigure
from cases.models.seats import SeatEnd, SecondSeat

__all__ = [
    "LIVE_STATUSES",
    "PROOFS",
    "UNTOLD_STATUSES",
    "Approval",
    "Assignment",
    "BulkFormat",
    "BulkStatus",
    "Case",
    "CaseFace",
    "CaseFile",
    "CaseLink",
    "CasePhoto",
    "Child",
    "ChildMark",
    "Claim",
    "ClaimAnswer",
    "ClaimPaper",
    "ClaimTester",
    "Clue",
    "ClueKind",
    "Concern",
    "Consent",
    "ConsentPurpose",
    "ContactWish",
    "ExportFormat",
    "ExportJob",
    "ExportPart",
    "ExternalId",
    "FlagClearing",
    "FlagKind",
    "FollowUp",
    "Handover",
    "HarmfulImage",
    "ImportJob",
    "ImportMode",
    "ImportPart",
    "ImportPhoto",
    "ImportRow",
    "ImportSheet",
    "Objection",
    "Operation",
    "Outcome",
    "OutcomeProposal",
    "OutcomeStep",
    "PageReport",
    "PageReportKind",
    "PfifNote",
    "PfifRecord",
    "ProposalEnd",
    "ProtectionFlag",
    "PublishedFigure",
    "RememberedColumns",
    "RowOutcome",
    "SafetyCheck",
    "SeatEnd",
    "SecondSeat",
    "Standing",
    "StepKind",
    "SuspectKind",
    "Suspects",
    "TakeReason",
    "TimelineEvent",
    "ToldToPartners",
    "Verdict",
    "WithheldFact",
]
