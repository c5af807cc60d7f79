"""Tables of the platform; each is defined beside the code that uses it."""

from casemgr.platform.audit import AuditEntry
from casemgr.platform.idempotency import IdempotencyKey
from casemgr.platform.outbox import Event, Job

__all__ = ["AuditEntry", "Event", "IdempotencyKey", "Job"]
