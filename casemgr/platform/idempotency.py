"""A retried POST makes one record and gets the first answer again (docs/api.md, 'Writing safely').

The key's row is claimed under a lease first; the answer is stored in the transaction of the write.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import crypto
from casemgr.platform.errors import Conflict, DomainError, Invalid

LEASE = timedelta(seconds=60)
ERASED: Final = 410
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class IdempotencyKey(models.Model):
    """One key of one principal on one route. `reply` is encrypted: it may hold a receipt code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    principal = models.CharField(max_length=80)
    route = models.CharField(max_length=120)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    reply = crypto.EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "platform"
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "route", "key"], name="idempotency_key_once"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class KeyReused(DomainError):
    """The key was used before with other content."""

    status = 422


class Erased(DomainError):
    """What this key once wrote has been erased; sending it again brings nothing back."""

    status = ERASED

    def __init__(self) -> None:
        super().__init__(
            "erased",
            _("What you sent was taken back, and has been erased. To tell it anew, begin again."),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is stored: status and JSON body; `replayed` on every later time."""

    status: int
    body: Any
    replayed: bool = False


def fingerprint(content: Any, files: Mapping[str, list[bytes]]) -> str:
    """SHA-256 of canonical JSON plus the SHA-256 of each file; part boundaries don't matter."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    digest = hashlib.sha256(canonical.encode())
    for name in sorted(files):
        for data in files[name]:
            digest.update(b"\0" + name.encode() + b"\0" + hashlib.sha256(data).digest())
    return digest.hexdigest()


def check_key(key: str, *, anonymous: bool) -> None:
    """Refuse a key that is too long, or guessable where nobody is signed in."""
    try:
        is_random = uuid.UUID(key).version == 4
    except ValueError:
        is_random = False
    if anonymous and not is_random:
        message = _("Idempotency-Key must be a random UUID (version 4) when nobody is signed in.")
        raise Invalid({"Idempotency-Key": ("idempotency_key_not_random", message)})
    if not 1 <= len(key) <= 80 or not key.isprintable():
        message = _("Idempotency-Key must have 1 to 80 printable characters.")
        raise Invalid({"Idempotency-Key": ("idempotency_key_malformed", message)})


def run(*, principal: str, route: str, key: str, print_: str, work: Callable[[], Reply]) -> Reply:
    """Do `work` once for this key, in one transaction with its stored answer; else replay it.

    Raises KeyReused for other content, Conflict while the first is still running.
    """
    lease = uuid.uuid4()
    if not _take(principal, route, key, print_, lease):
        return _replay(principal, route, key, print_, lease, work)
    return _work(lease, work)


def _take(principal: str, route: str, key: str, print_: str, lease: uuid.UUID) -> bool:
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(
                principal=principal,
                route=route,
                key=key,
                fingerprint=print_,
                lease=lease,
                lease_until=Now() + LEASE,
            )
    except IntegrityError:
        return False
    return True


def _replay(
    principal: str, route: str, key: str, print_: str, lease: uuid.UUID, work: Callable[[], Reply]
) -> Reply:
    rows = IdempotencyKey.objects.filter(principal=principal, route=route, key=key)
    row = rows.first()
    if row is None:
        raise Conflict("idempotency_in_progress", _("The same request is still being worked on."))
    if row.fingerprint != print_:
        raise KeyReused(
            "idempotency_key_reused",
            _("This Idempotency-Key was used before with other content. Use a new one."),
        )
    if row.status == ERASED:
        raise Erased
    if row.status is not None:
        return Reply(row.status, json.loads(row.reply), replayed=True)
    free = Q(lease__isnull=True) | Q(lease_until__lt=Now())
    if rows.filter(free, status__isnull=True).update(lease=lease, lease_until=Now() + LEASE):
        return _work(lease, work)
    raise Conflict(
        "idempotency_in_progress",
        _("The same request is still being worked on. Try again in a minute."),
    )


def _work(lease: uuid.UUID, work: Callable[[], Reply]) -> Reply:
    """A refusal frees the key, so that a corrected request may use it again."""
    mine = IdempotencyKey.objects.filter(lease=lease)
    try:
        with transaction.atomic():
            if not mine.select_for_update().exists():
                raise Conflict(
                    "idempotency_in_progress", _("The same request is still being worked on.")
                )
            reply = work()
            mine.update(
                status=reply.status,
                reply=json.dumps(reply.body, ensure_ascii=False, default=str),
                lease=None,
                lease_until=None,
            )
            return reply
    except Exception:
        mine.filter(status__isnull=True).delete()
        raise


def forget(subjects: Collection[uuid.UUID], *, user_id: uuid.UUID | None = None) -> None:
    """Nothing that was answered about these ids, or to this user, is kept or said again.

    A key whose write is erased stays, so that a phone which sends it once more brings nothing back.
    """
    if user_id is not None:
        own = [f"user:{user_id}", str(user_id)]
        IdempotencyKey.objects.filter(principal__in=own).delete()
    ids = {str(subject) for subject in subjects}
    statement = "DELETE FROM platform_idempotencykey WHERE (route || ' ' || principal) LIKE ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [[f"%{subject}%" for subject in ids]])
    answered = IdempotencyKey.objects.filter(status__isnull=False).exclude(status=ERASED)
    for row in answered.iterator():
        if not ids.isdisjoint(_UUID.findall(row.reply)):
            IdempotencyKey.objects.filter(pk=row.pk).update(status=ERASED, reply="")


def forget_old() -> int:
    """Delete keys that have outlived their period, a week; returns how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=Now() - settings.PERIODS.idempotency)
    return old.delete()[0]
