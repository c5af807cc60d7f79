"""How long bulk jobs are kept: exports until they expire, imports as long as they can be undone."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from casemgr.platform import outbox, retention
from cases.bulk import sheets
from cases.bulk.imports import RUN, UNDER_WAY
from cases.models import BulkStatus, ExportJob, ImportJob, ImportSheet, PfifRecord
from cases.pfif import records

# No import that goes on rests for as long as this.
STALLED: Final = timedelta(days=1)
SHEET_LIFE: Final = timedelta(days=1)


@retention.daily("exports")
def _exports(limit: int) -> int:
    return ExportJob.objects.filter(expires_at__lt=Now()).delete()[0]


@retention.daily("expired PFIF records")
def _pfif(limit: int) -> int:
    """Within a day of their end, only their ids and dates are left."""
    with transaction.atomic():
        return records.end_expired(PfifRecord.objects.all())


@retention.daily("imports")
def _imports(limit: int) -> int:
    """Rows' outcomes and names of photos; the cases are nobody's to forget."""
    old = ImportJob.objects.filter(finished_at__lt=Now() - settings.PERIODS.outbox)
    ids = list(old.values_list("pk", flat=True)[:limit])
    ImportJob.objects.filter(pk__in=ids).delete()
    return len(ids)


@retention.daily("sheets that were not sent in")
def _sheets(limit: int) -> int:
    """A day is enough to say what the columns are; the file goes, and with it its first rows."""
    old = ImportSheet.objects.filter(created_at__lt=Now() - SHEET_LIFE)[:limit]
    for sheet in old:
        sheets.drop_file(sheet)
        sheet.delete()
    return len(old)


@retention.daily("imports that stalled")
def _stalled(limit: int) -> int:
    """What was set aside half-way is ended, and takes with it what it kept back."""
    resting = ImportJob.objects.filter(status__in=UNDER_WAY, updated_at__lt=Now() - STALLED)
    for job in resting[:limit]:
        with transaction.atomic():
            if job.status != BulkStatus.UNDOING:
                job.problem_code = "interrupted"
                job.problem = _("Something went wrong on our side. Please send the file again.")
            job.save(update_fields=["problem_code", "problem", "updated_at"])
            outbox.owe(RUN, job.pk)
    return 0
