"""Tables of the platform; each is defined beside the code that uses it."""

from casemgr.platform.audit import AuditEntry, AuditSeal, AuditSealed, AuditSubject
from casemgr.platform.erasure.models import Erasure, ErasureLine, LegalHold
from casemgr.platform.idempotency import IdempotencyKey
from casemgr.platform.outbox import Event, Job

__all__ = [
    "AuditEntry",
    "AuditSeal",
    "AuditSealed",
    "AuditSubject",
    "Erasure",
    "ErasureLine",
    "Event",
    "IdempotencyKey",
    "Job",
    "LegalHold",
]
