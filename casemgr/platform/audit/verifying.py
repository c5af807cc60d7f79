"""Verification: compute the whole chain anew and say where it first breaks."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone

from casemgr.platform.audit.models import AuditEntry, AuditSeal, AuditSealed
from casemgr.platform.audit.sealing import GENESIS, digest_of

_UNSEALED = """
SELECT count(*), min(e.at) FROM platform_auditentry e
WHERE NOT EXISTS (SELECT 1 FROM platform_auditsealed s WHERE s.entry = e.id)
"""
# Sealing runs twice a minute; rows that wait longer than this mean that it stands still.
STANDSTILL = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found. `broken` says where and how, '' when the chain is whole."""

    entries: int
    seals: int
    expired: int
    unsealed: int
    standstill: bool
    head: str
    broken: str


def verify(*, anchor: str = "") -> Verdict:
    """Check every seal against its rows and the seal before it.

    `anchor`: a digest that was noted down elsewhere and must still be in the chain, which shows
    when its end, or all of it, was made anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED)
        unsealed, oldest = cursor.fetchone()
    head, expired, broken, seals = GENESIS, 0, "", 0
    anchored = anchor in ("", GENESIS)
    for seal in AuditSeal.objects.iterator(chunk_size=500):
        seals += 1
        found = _break(seal, head)
        if found is not None and not broken:
            broken = found
        expired += seal.entries if found is None and _is_expired(seal) else 0
        head = seal.digest
        anchored = anchored or head == anchor
    broken = broken or _stray_lines()
    if not anchored and not broken:
        broken = "the noted digest is not in the chain: its end was cut off, or all of it replaced"
    return Verdict(
        entries=AuditEntry.objects.count(),
        seals=seals,
        expired=expired,
        unsealed=unsealed,
        standstill=oldest is not None and timezone.now() - oldest > STANDSTILL,
        head=head,
        broken=broken,
    )


def _break(seal: AuditSeal, head: str) -> str | None:
    """How this seal is broken, or None."""
    where = f"seal {seal.pk} of {seal.sealed_at:%Y-%m-%d %H:%M:%S}"
    if seal.previous != head:
        return f"{where} does not follow the one before it: a seal is missing or was exchanged"
    if _is_expired(seal):
        return None
    lines = AuditSealed.objects.filter(seal=seal.pk)
    entries = list(AuditEntry.objects.filter(pk__in=lines.values("entry")).order_by("pk"))
    if len(entries) != seal.entries:
        return f"{where} covers {seal.entries} rows, but {len(entries)} are there"
    if digest_of(seal.previous, entries) != seal.digest:
        ids = f"{entries[0].pk} to {entries[-1].pk}"
        return f"{where}: one of its rows ({ids}) was changed"
    return None


def _is_expired(seal: AuditSeal) -> bool:
    """Whether all rows of a seal have outlived their period and were taken away with its lines."""
    if AuditSealed.objects.filter(seal=seal.pk).exists():
        return False
    return timezone.now() - seal.sealed_at >= settings.PERIODS.audit


def _stray_lines() -> str:
    """Seals are whole, but a line points at a seal that isn't there."""
    strays = AuditSealed.objects.exclude(seal__in=AuditSeal.objects.values("pk"))
    found = strays.aggregate(count=Count("entry"), first=Min("entry"))
    return f"row {found['first']} names a seal that is missing" if found["count"] else ""


def forget_old() -> int:
    """Take away rows that have outlived the audit's period, seal by seal; returns how many.

    The seals stay, so that what follows still has a chain to hang on. The trigger lets nobody
    take a younger row.
    """
    old = AuditSeal.objects.filter(sealed_at__lt=Now() - settings.PERIODS.audit)
    forgotten = 0
    for seal in old.filter(pk__in=AuditSealed.objects.values("seal")):
        lines = AuditSealed.objects.filter(seal=seal.pk)
        entries = AuditEntry.objects.filter(pk__in=lines.values("entry"))
        with transaction.atomic():
            entries._raw_delete(entries.db)
            forgotten += lines._raw_delete(lines.db)
    return forgotten
