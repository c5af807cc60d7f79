"""Who looked at or changed what: rows that are only added, sealed into a chain (docs/audit.md).

A row holds pseudonyms, never ids: `subjects` maps them, and erasing somebody takes their line out
of that map, so that six years of audit stay whole and lead to nobody who was erased.
"""

from casemgr.platform.audit.models import AuditEntry, AuditSeal, AuditSealed, AuditSubject
from casemgr.platform.audit.reading import (
    SEEN_STEPS,
    OfficerLine,
    for_officer,
    own_acts,
    roles_by_month,
)
from casemgr.platform.audit.recording import Reads, one_row_a_request, record
from casemgr.platform.audit.sealing import seal
from casemgr.platform.audit.verifying import Verdict, forget_old, verify

__all__ = [
    "SEEN_STEPS",
    "AuditEntry",
    "AuditSeal",
    "AuditSealed",
    "AuditSubject",
    "OfficerLine",
    "Reads",
    "Verdict",
    "for_officer",
    "forget_old",
    "one_row_a_request",
    "own_acts",
    "record",
    "roles_by_month",
    "seal",
    "verify",
]
