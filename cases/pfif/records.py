"""Which records a partner is given, kept up with the cases each time that it asks.

A record of ours is live while the case is looked for and may be read; then it becomes a tombstone:
its id and its dates, so that whoever copied it drops the copy.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Func, Q, QuerySet, UUIDField, Value
from django.utils import timezone

from casemgr.platform.access import Actor
from casemgr.platform.erasure import Holdings, Kind, Why, part
from casemgr.platform.vocabularies import CaseStatus
from cases.models import UNTOLD_STATUSES, Case, PfifNote, PfifRecord
from cases.pfif.mapping import person_of
from cases.pfif.shape import PRIVATE, Fields, as_text
from cases.querysets import CaseQuerySet

LIFE: Final = timedelta(days=365)
"""From when a record is entered until it expires, where nothing renews it."""
RENEWED: Final = timedelta(days=180)
"""A record that expires sooner than this is entered anew, for searches last for decades."""
AT_ONCE: Final = 5_000
LOOKED_FOR: Final = (CaseStatus.SUBMITTED, CaseStatus.VERIFIED, CaseStatus.OPEN)
ENDED: Final = (CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.MERGED)


def domain() -> str:
    """What the ids of our own records begin with."""
    return urlsplit(settings.SITE_ADDRESS).hostname or "localhost"


def _looked_for() -> Q:
    """Cases that are still looked for, as far as their families know."""
    told = Q(status__in=UNTOLD_STATUSES, family_told_at__isnull=True)
    standing = Q(status__in=LOOKED_FOR) | told
    return standing & Q(withdrawal_asked_at__isnull=True, child__isnull=False)


def readable(actor: Actor) -> CaseQuerySet:
    """Cases that the actor is given records of."""
    return Case.objects.visible_to(actor).filter(_looked_for())


@transaction.atomic
def keep_up(actor: Actor) -> None:
    """Bring the records of all that a partner may read, or was told of, up to what is so now.

    It takes up to AT_ONCE new or changed ones; the next request takes the rest.
    """
    assert actor.partner_id is not None
    now, mine = timezone.now(), readable(actor)
    ours = PfifRecord.objects.filter(partner__isnull=True)
    new = mine.filter(pfif__isnull=True).order_by("updated_at", "pk")
    PfifRecord.objects.bulk_create(
        [
            _new_record(pk, updated_at, now)
            for pk, updated_at in new.values_list("pk", "updated_at")[:AT_ONCE]
        ],
        ignore_conflicts=True,
    )
    moved = ours.filter(case__in=mine.values("pk")).filter(
        ~Q(source_date=F("case__updated_at"))
        | Q(blanked_at__isnull=False)
        | Q(expiry_date__lt=now + RENEWED)
    )
    rows = list(moved.select_related("case").order_by("pk")[:AT_ONCE])
    for row in rows:
        assert row.case is not None
        row.source_date, row.entry_date, row.expiry_date = row.case.updated_at, now, now + LIFE
        row.blanked_at = None
    changed = ["source_date", "entry_date", "expiry_date", "blanked_at"]
    PfifRecord.objects.bulk_update(rows, changed, batch_size=500)
    _tell(actor.partner_id, mine, now)
    end_expired(PfifRecord.objects.filter(told__contains=[actor.partner_id]))


def _new_record(case_id: UUID, updated_at: datetime, now: datetime) -> PfifRecord:
    pk = uuid4()
    return PfifRecord(
        pk=pk,
        record_id=f"{domain()}/{pk}",
        case_id=case_id,
        entry_date=now,
        source_date=updated_at,
        expiry_date=now + LIFE,
    )


def _tell(partner_id: UUID, mine: CaseQuerySet, now: datetime) -> None:
    """Note which records the partner may read from now on, and which not any more."""
    value = Value(partner_id, output_field=UUIDField())
    theirs = Q(case__in=mine.values("pk")) | Q(partner=partner_id)
    standing = PfifRecord.objects.filter(blanked_at__isnull=True)
    fresh = standing.filter(theirs).exclude(told__contains=[partner_id])
    # Entered anew, since who reads on from a date would pass over what others were told before.
    fresh.update(told=Func(F("told"), value, function="array_append"), entry_date=now)
    again = standing.filter(theirs, lost__contains=[partner_id])
    again.update(lost=Func(F("lost"), value, function="array_remove"), entry_date=now)
    gone = standing.filter(told__contains=[partner_id]).exclude(theirs)
    gone = gone.exclude(lost__contains=[partner_id])
    gone.update(lost=Func(F("lost"), value, function="array_append"), entry_date=now)


def end_expired(records: "QuerySet[PfifRecord]") -> int:
    """Blank those whose time is over, or whose case isn't looked for any more."""
    now = timezone.now()
    over = Q(partner__isnull=False, expiry_date__lte=now)
    over |= Q(partner__isnull=True) & (
        Q(case__isnull=True) | ~Q(case__in=Case.objects.filter(_looked_for()).values("pk"))
    )
    # What a family was not told yet is told to nobody by the end of a record either.
    closed = Q(case__status=CaseStatus.CLOSED, case__family_told_at__isnull=False)
    taken_back = Q(case__status__in=[CaseStatus.WITHDRAWN, CaseStatus.MERGED])
    over |= Q(partner__isnull=False) & (closed | taken_back)
    ids = list(records.filter(over, blanked_at__isnull=True).values_list("pk", flat=True))
    blank(ids, now)
    return len(ids)


def blank(ids: Sequence[UUID], now: datetime) -> None:
    """Leave nothing of these records but their ids and dates; their notes go."""
    PfifNote.objects.filter(record__in=ids).delete()
    PfifRecord.objects.filter(pk__in=ids, blanked_at__isnull=True).update(
        fields="", blanked_at=now, entry_date=now, source_date=now
    )
    PfifRecord.objects.filter(pk__in=ids, expiry_date__isnull=True).update(expiry_date=now)
    PfifRecord.objects.filter(pk__in=ids, expiry_date__gt=now).update(expiry_date=now)


def told_to(actor: Actor) -> "QuerySet[PfifRecord]":
    """What a partner is given, in no order yet."""
    return PfifRecord.objects.filter(told__contains=[actor.partner_id])


def shown(records: Iterable[PfifRecord], actor: Actor) -> list[Fields]:
    """The records as the actor reads them, tombstones among them, in a fixed number of queries."""
    rows = list(records)
    ids = [row.case_id for row in rows if row.partner_id is None and row.case_id]
    cases = Case.objects.with_detail().in_bulk(ids)
    return [_shown(row, cases.get(row.case_id) if row.case_id else None, actor) for row in rows]


def _shown(row: PfifRecord, case: Case | None, actor: Actor) -> Fields:
    if is_ended(row, actor) or (row.partner_id is None and case is None):
        return tombstone(row)
    fields: Fields = json.loads(row.fields) if row.fields else person_of(case)  # type: ignore[arg-type]
    if row.partner_id not in (None, actor.partner_id):
        fields = {k: v for k, v in fields.items() if k not in PRIVATE or k == "date_of_birth"}
    dates = {"person_record_id": row.record_id, "entry_date": as_text(row.entry_date)}
    if row.partner_id is None:
        dates["source_date"] = as_text(row.source_date)
        dates["expiry_date"] = as_text(row.expiry_date)
    return {**fields, **dates}


def is_ended(row: PfifRecord, actor: Actor) -> bool:
    """Whether the actor is told nothing of it any more but that it ended."""
    return row.blanked_at is not None or actor.partner_id in row.lost


def tombstone(row: PfifRecord) -> Fields:
    """Id and dates; who may not read it any more is told that it expired when that was so."""
    over = row.entry_date if row.blanked_at is None else row.expiry_date
    return {
        "person_record_id": row.record_id,
        "entry_date": as_text(row.entry_date),
        "expiry_date": as_text(over),
        "source_date": as_text(row.entry_date),
    }


def status_note(record: Fields) -> Fields:
    """What we ourselves say of a record of ours: that somebody looks for this child."""
    return {
        "note_record_id": record["person_record_id"] + ".status",
        "person_record_id": record["person_record_id"],
        "entry_date": record["entry_date"],
        "author_name": record["source_name"],
        "source_date": record["source_date"],
        "status": "information_sought",
        "text": "This child is being looked for.",
    }


def notes_of(records: Sequence[Fields], actor: Actor) -> dict[str, list[Fields]]:
    """Notes that the actor may read, by the record's id."""
    found: dict[str, list[Fields]] = {each["person_record_id"]: [] for each in records}
    ours = f"{domain()}/"
    for each in records:
        if each["person_record_id"].startswith(ours) and "full_name" in each:
            found[each["person_record_id"]].append(status_note(each))
    rows = PfifNote.objects.filter(partner=actor.partner_id, record__record_id__in=list(found))
    for row in rows.select_related("record").order_by("entry_date", "pk"):
        found[row.record.record_id].append(note_fields(row))
    return found


def note_fields(row: PfifNote) -> Fields:
    """A note as it was sent, with when it came in."""
    fields: Fields = json.loads(row.fields)
    return {
        **fields,
        "note_record_id": row.note_id,
        "person_record_id": row.record.record_id,
        "entry_date": as_text(row.entry_date),
    }


@part(Kind.CASE)
class PfifPart:
    """What a record said goes with its case; its id and dates stay, for those who copied it."""

    model = PfifRecord

    def hide(self, subject: UUID, *, fully: bool) -> None:
        """Tell those who have it that it ended."""
        ids = list(PfifRecord.objects.filter(case=subject).values_list("pk", flat=True))
        blank(ids, timezone.now())

    def is_needed(self, subject: UUID) -> bool:
        """Never."""
        return False

    def holdings(self, subject: UUID) -> Holdings:
        """Nothing but the case itself."""
        return Holdings()

    def erase(self, subject: UUID, *, why: Why) -> None:
        """Forget which case it was."""
        self.hide(subject, fully=True)
        PfifRecord.objects.filter(case=subject).update(case=None)
