"""Pseudonyms of what audit rows name, and the secrets that open their reasons."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.db import connection, transaction

from casemgr.platform.audit.models import AuditSubject

_NAME = """
WITH wanted AS (SELECT DISTINCT unnest(%s::uuid[]) AS subject),
made AS (
    INSERT INTO platform_auditsubject (subject, pseudonym)
    SELECT subject, gen_random_uuid() FROM wanted ORDER BY subject
    ON CONFLICT (subject) DO NOTHING RETURNING subject, pseudonym
)
SELECT subject, pseudonym FROM made
UNION ALL
SELECT s.subject, s.pseudonym FROM platform_auditsubject s JOIN wanted USING (subject)
"""


def pseudonyms(subjects: Iterable[UUID]) -> dict[UUID, UUID]:
    """The pseudonym of each subject, made where there is none yet."""
    wanted = sorted(set(subjects))
    found: dict[UUID, UUID] = {}
    while len(found) < len(wanted):
        # A line that another transaction has just added shows up when the statement runs again.
        with connection.cursor() as cursor:
            cursor.execute(_NAME, [[str(subject) for subject in wanted]])
            found = dict(cursor.fetchall())
    return found


def seal_reason(reason: str, subjects: Sequence[UUID]) -> bytes | None:
    """Encrypt a reason so that erasing any of `subjects` (pseudonyms) makes it unreadable."""
    if not reason:
        return None
    rows = AuditSubject.objects.filter(pseudonym__in=subjects)
    with transaction.atomic():
        for row in rows.filter(secret__isnull=True).select_for_update():
            row.secret = Fernet.generate_key().decode()
            row.save(update_fields=["secret"])
    return Fernet(_key(rows)).encrypt(reason.encode())


def open_reason(sealed: bytes, subjects: Sequence[UUID]) -> str:
    """The reason, or '' once a subject's secret is gone."""
    rows = AuditSubject.objects.filter(pseudonym__in=subjects)
    try:
        return Fernet(_key(rows)).decrypt(sealed).decode()
    except InvalidToken:
        return ""


def forget(subjects: Iterable[UUID]) -> int:
    """Take these ids out of the map for good; returns how many were in it."""
    return AuditSubject.objects.filter(subject__in=list(subjects)).delete()[0]


def _key(rows: Iterable[AuditSubject]) -> bytes:
    secrets = sorted(row.secret or "" for row in rows)
    return urlsafe_b64encode(hashlib.sha256("".join(secrets).encode()).digest())
