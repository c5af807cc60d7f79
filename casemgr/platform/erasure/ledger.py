"""The erasure ledger: in the database, and beside the photos, where no restored database reaches.

A line says what kind of thing with which id was erased when, and a digest of the ids it held. After
a backup was restored, `replay` erases again what the ledger knows to be erased.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import ProgrammingError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from casemgr.platform import storage
from casemgr.platform.erasure.models import Erasure, ErasureLine, Kind, State, Why
from casemgr.platform.erasure.parts import Holdings, holdings_of


def write(erasure: Erasure, holdings: Holdings) -> None:
    """Add the erasure's line, in the transaction that erases; again changes nothing."""
    line = ErasureLine(
        id=erasure.pk,
        kind=erasure.kind,
        subject=erasure.subject,
        at=timezone.now(),
        digest=holdings.digest(),
    )
    ErasureLine.objects.bulk_create([line], ignore_conflicts=True)


def keep_beside_the_photos(line_id: UUID) -> None:
    """Copy a line to where no restored database takes it back; again changes nothing."""
    line = ErasureLine.objects.get(pk=line_id)
    text = json.dumps(
        {
            "id": str(line.pk),
            "kind": line.kind,
            "subject": str(line.subject),
            "at": line.at.isoformat(),
            "digest": line.digest,
        }
    )
    storage.put_ledger_line(line_id, text)


def _line(text: str) -> ErasureLine:
    data = json.loads(text)
    return ErasureLine(
        id=UUID(data["id"]),
        kind=Kind(data["kind"]),
        subject=UUID(data["subject"]),
        at=datetime.fromisoformat(data["at"]),
        digest=data["digest"],
    )


def missing() -> list[UUID]:
    """Lines beside the photos that this database, restored from before them, does not know."""
    stored = set(storage.ledger_ids())
    if not stored:
        return []
    try:
        return sorted(stored - set(ErasureLine.objects.values_list("pk", flat=True)))
    except ProgrammingError:  # the tables have yet to be made
        connection.close()
        return []


def _lines() -> Iterator[ErasureLine]:
    """Every line of both, the database's own first."""
    yield from ErasureLine.objects.order_by("at")
    for line_id in missing():
        yield _line(storage.ledger_line(line_id))


def replay() -> int:
    """Erase again whatever a restored backup brought back; returns how many subjects that were."""
    from casemgr.platform.erasure import machine

    again = 0
    for line in list(_lines()):
        with transaction.atomic():
            is_back = bool(holdings_of(line.kind, line.subject).ids)
            if is_back:
                _reopen(line)
        again += is_back
        ErasureLine.objects.bulk_create([line], ignore_conflicts=True)
    for erasure in Erasure.objects.filter(state__in=[State.HIDDEN, State.ERASING], why=Why.RESTORE):
        machine.run(erasure.pk)
    return again


def _reopen(line: ErasureLine) -> None:
    """One erasure that is due now, whatever state the backup had it in."""
    from casemgr.platform.erasure import machine

    standing = Erasure.objects.filter(kind=line.kind, subject=line.subject)
    standing = standing.exclude(state__in=[State.VERIFIED, State.REFUSED])
    if not standing.update(why=Why.RESTORE, state=State.HIDDEN, due_at=Now()):
        machine.request(Kind(line.kind), line.subject, why=Why.RESTORE)
