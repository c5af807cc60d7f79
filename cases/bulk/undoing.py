"""Taking an import back: what it created is erased, unless something was built on it since."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.platform import erasure
from casemgr.platform.erasure import Kind, Why
from casemgr.platform.erasure.reach import dependents
from casemgr.platform.vocabularies import CaseStatus
from cases.models import (
    BulkStatus,
    Case,
    CasePhoto,
    Child,
    ExternalId,
    ImportJob,
    ImportPhoto,
    ImportRow,
    RowOutcome,
    ToldToPartners,
)
from families.models import Guardian

AT_ONCE: Final = 20
# What an import itself puts on a case.
_OWN: Final = frozenset({Child, ExternalId, CasePhoto, ImportPhoto, ToldToPartners})


def step(job: ImportJob) -> bool:
    """Take some rows back; returns whether there are more. The job is locked."""
    rows = ImportRow.objects.filter(job=job, outcome=RowOutcome.CREATED).order_by("number")
    some = list(rows.select_related("case")[:AT_ONCE])
    if not some:
        _name_updated(job)
        job.status, job.finished_at = BulkStatus.UNDONE, timezone.now()
        job.save(update_fields=["status", "finished_at", "updated_at"])
        return False
    ids = [row.case_id for row in some if row.case_id is not None]
    built_on = _built_on(job, ids)
    for row in some:
        if row.case is not None and _is_touched(row, row.case, built_on):
            row.outcome, row.errors = RowOutcome.KEPT, [_line("built_on")]
        else:
            row.outcome = RowOutcome.UNDONE
            if row.case_id is not None:
                _take_back(row.case_id)
        row.save(update_fields=["outcome", "errors"])
    job.done += len(some)
    job.save(update_fields=["done", "updated_at"])
    return True


def foreseen(job: ImportJob, rows: Sequence[ImportRow]) -> list[tuple[ImportRow, bool]]:
    """Each of these rows, and whether its case would go now; in a fixed number of queries."""
    built_on = _built_on(job, [row.case_id for row in rows if row.case_id is not None])
    return [
        (row, row.case is not None and not _is_touched(row, row.case, built_on)) for row in rows
    ]


def _take_back(case_id: UUID) -> None:
    """Erased by the way of all erasures. Its ids are free at once, for the file to be sent anew."""
    ExternalId.objects.filter(case=case_id).delete()
    erasure.request(Kind.CASE, case_id, why=Why.RETENTION)


def _is_touched(row: ImportRow, case: Case, built_on: Collection[UUID]) -> bool:
    moved = case.status != CaseStatus.DRAFT or case.updated_at != row.version
    return moved or case.pk in built_on


def _built_on(job: ImportJob, ids: list[UUID]) -> set[UUID]:
    """Cases that something hangs on which the import did not put there."""
    found: set[UUID] = set()
    for model, name in dependents(Case):
        if model in _OWN:
            continue
        rows = model._default_manager.filter(**{f"{name}__in": ids})
        found |= set(rows.values_list(name, flat=True))
    ours = ImportPhoto.objects.filter(job=job, photo__isnull=False).values("photo")
    others = CasePhoto.objects.filter(case__in=ids).exclude(pk__in=ours)
    found |= set(others.values_list("case", flat=True))
    guardians = Guardian.objects.filter(family__cases__in=ids)
    return found | set(guardians.values_list("family__cases", flat=True))


def _name_updated(job: ImportJob) -> None:
    """Cases that were there before keep what the import changed, and are listed with those kept."""
    changed = ImportRow.objects.filter(job=job, outcome=RowOutcome.UPDATED)
    changed.update(outcome=RowOutcome.KEPT, errors=[_line("was_there_before")])


def _line(code: str) -> dict[str, Any]:
    words = {
        "built_on": _("Somebody has worked on this case since. It stays; withdraw it by itself."),
        "was_there_before": _("This case was there before the import, and keeps what it changed."),
    }
    return {"pointer": "", "code": code, "detail": words[code]}
