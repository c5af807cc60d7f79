"""Sealing: rows that stand are bound, in batches, into a chain that shows every later change."""

import hashlib
import json
import logging
from collections.abc import Iterable
from datetime import UTC

from django.db import connection, transaction

from casemgr.platform.audit.models import AuditEntry, AuditSeal, AuditSealed

log = logging.getLogger("homeward.audit")

GENESIS = "0" * 64
BATCH = 5_000
# Held for the length of one sealing, so that the chain never forks. Any number of ours will do.
_LOCK = 0x4857_5345

# Rows commit out of order, so being unsealed is asked of each row and not told by a highest id. A
# transaction lasts no longer than a day; older rows are looked through where sealing stood still.
_WAITING = """
SELECT e.id FROM platform_auditentry e
WHERE e.at >= coalesce((SELECT max(sealed_at) FROM platform_auditseal), '-infinity')
              - interval '1 day'
    AND NOT EXISTS (SELECT 1 FROM platform_auditsealed s WHERE s.entry = e.id)
ORDER BY e.id LIMIT %s
"""


def seal() -> int:
    """Seal the rows that wait; returns how many. Safe to run twice at once."""
    sealed = 0
    while batch := _seal_batch():
        sealed += batch
        if batch < BATCH:
            break
    return sealed


@transaction.atomic
def _seal_batch() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_WAITING, [BATCH])
        ids = [entry_id for (entry_id,) in cursor.fetchall()]
    if not ids:
        return 0
    last = AuditSeal.objects.order_by("-id").first()
    previous = last.digest if last else GENESIS
    entries = AuditEntry.objects.filter(pk__in=ids).order_by("pk")
    made = AuditSeal.objects.create(
        previous=previous, digest=digest_of(previous, entries), entries=len(ids)
    )
    AuditSealed.objects.bulk_create(AuditSealed(entry=pk, seal=made.pk) for pk in ids)
    log.info("audit seal %s covers %s rows: %s", made.pk, len(ids), made.digest)
    return len(ids)


def digest_of(previous: str, entries: Iterable[AuditEntry]) -> str:
    """SHA-256 (hex) over the previous digest and each row's canonical line, in order of id."""
    digest = hashlib.sha256(previous.encode())
    for entry in entries:
        digest.update(b"\n" + canonical(entry).encode())
    return digest.hexdigest()


def canonical(entry: AuditEntry) -> str:
    """A row as one line of JSON: every column, in a form that never varies."""
    reason = bytes(entry.reason_sealed).hex() if entry.reason_sealed is not None else None
    return json.dumps(
        [
            entry.pk,
            entry.at.astimezone(UTC).isoformat(),
            str(entry.who) if entry.who else None,
            entry.roles,
            entry.action,
            entry.subject_type,
            [str(subject) for subject in entry.subjects],
            list(entry.groups),
            reason,
            entry.request_id,
        ],
        separators=(",", ":"),
    )
