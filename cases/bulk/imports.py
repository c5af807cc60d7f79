"""Asking for an import, and taking one back. The work itself is in `import_work`."""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.storage import StoredFiles
from cases.bulk import parts
from cases.models import BulkFormat, BulkStatus, ImportJob, ImportMode, ImportRow, RowOutcome
from cases.querysets import led_by
from families.models import Alliance

MAX_BYTES: Final = 48 * 1024 * 1024
MOST_AT_ONCE: Final = 3
RUN: Final = "cases.import"
CUT: Final = "cases.cut_import"
QUEUE: Final = "bulk"
UNDER_WAY: Final = (BulkStatus.WAITING, BulkStatus.RUNNING, BulkStatus.UNDOING)


def start(
    *,
    actor: Actor,
    data: bytes,
    format: BulkFormat,
    mode: ImportMode,
    dry_run: bool,
    alliance_id: UUID | None = None,
    mapping: Sequence[str] = (),
    skip_alike: bool = False,
) -> ImportJob:
    """Keep a file and owe the work. Raises DomainError for a file that can't be read at all.

    A program brings cases in for its organisation, a person for an alliance that they lead. CSV and
    NDJSON are cut up here; a workbook takes a while to unpack, and a worker does that. `mapping`
    and `skip_alike`: see `ImportJob`.
    """
    alliance = _alliance(actor, alliance_id)
    with StoredFiles() as files, transaction.atomic():
        job = ImportJob(
            partner_id=actor.partner_id,
            client_id=actor.program.client_id if actor.program else None,
            user=actor.user,
            alliance=alliance,
            format=format,
            mode=mode,
            dry_run=dry_run,
            mapping=list(mapping),
            skip_alike=skip_alike,
            language=get_language() or "en",
        )
        _refuse_too_many(job)
        job.save(force_insert=True)
        if format == BulkFormat.XLSX:
            sealed = files.seal(data)
            job.original, job.original_sha256 = sealed.name, sealed.sha256
        else:
            parts.cut(job, data)
        job.save(update_fields=["rows", "columns", "original", "original_sha256", "updated_at"])
        audit.record(actor, "import", "import", [job.pk], groups=[Group.CASE_DETAIL])
        outbox.owe(CUT if format == BulkFormat.XLSX else RUN, job.pk)
    return job


def _alliance(actor: Actor, alliance_id: UUID | None) -> Alliance | None:
    if actor.program is not None:
        if alliance_id is not None:
            words = _("A program brings cases in for its organisation, not for an alliance.")
            raise Invalid({"alliance": ("unknown_alliance", words)})
        return None
    if actor.user is None:
        raise Forbidden
    led = None
    if alliance_id is not None:
        led = Alliance.objects.filter(pk__in=led_by(actor)).filter(pk=alliance_id).first()
    if led is None:
        words = _("Name an alliance that you coordinate: the cases will be its own.")
        raise Invalid({"alliance": ("unknown_alliance", words)})
    return led


def _refuse_too_many(job: ImportJob) -> None:
    whose: dict[str, Any] = (
        {"partner": job.partner_id} if job.partner_id else {"alliance": job.alliance_id}
    )
    if ImportJob.objects.filter(status__in=UNDER_WAY, **whose).count() >= MOST_AT_ONCE:
        words = _("%(most)s imports of yours are under way. Please wait until one has ended.")
        raise Conflict("too_many_imports", words % {"most": MOST_AT_ONCE})


@transaction.atomic
def undo(*, actor: Actor, job: ImportJob) -> ImportJob:
    """Take back what an import created, case by case; what was built on since stays, and is named.

    Raises Conflict unless the import is done and was no dry run.
    """
    held = ImportJob.objects.select_for_update().get(pk=job.pk)
    if held.status != BulkStatus.DONE or held.dry_run:
        raise Conflict("nothing_to_undo", _("Only an import that is done can be taken back, once."))
    held.status, held.finished_at, held.done = BulkStatus.UNDOING, None, 0
    held.save(update_fields=["status", "finished_at", "done", "updated_at"])
    audit.record(actor, Action.ERASE, "import", [held.pk], groups=[Group.CASE_DETAIL])
    outbox.owe(RUN, held.pk)
    return held


def counts(jobs: Iterable[ImportJob]) -> dict[UUID, dict[str, int]]:
    """How many rows of each job came to which outcome, by one query."""
    found: dict[UUID, dict[str, int]] = {job.pk: {} for job in jobs}
    rows = ImportRow.objects.filter(job__in=list(found)).values_list("job", "outcome")
    for job_id, outcome, count in rows.annotate(count=Count("pk")).order_by():
        found[job_id][outcome] = count
    return found


def unfinished(job: ImportJob) -> int:
    """How many rows of an undo are still to be taken back."""
    return ImportRow.objects.filter(job=job, outcome=RowOutcome.CREATED).count()
