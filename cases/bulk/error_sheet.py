"""What is wrong with an import's rows, as a sheet to mend the file by; its cells are inert."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from casemgr.platform import tables
from cases.models import ImportJob, ImportRow, RowOutcome

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAID: Final = (RowOutcome.REFUSED, RowOutcome.LEFT_OUT, RowOutcome.CREATED)


def said(job: ImportJob) -> "QuerySet[ImportRow]":
    """Rows of which something is to be said: bad ones, and good ones that may be twice."""
    rows = ImportRow.objects.filter(job=job, outcome__in=_SAID)
    return rows.filter(~Q(errors=[])).order_by("number")


def as_csv(job: ImportJob) -> HttpResponse:
    """One line for each thing that is wrong."""
    content = b"\xef\xbb\xbf" + tables.csv_rows(_lines(job))
    return attachment(content, CSV, f"errors-{job.pk}.csv")


def as_xlsx(job: ImportJob) -> HttpResponse:
    """The same as a workbook."""
    content = tables.xlsx_bytes([(_("Errors"), _lines(job))])
    return attachment(content, XLSX, f"errors-{job.pk}.xlsx")


def attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    """A file to be kept, and by nobody on the way."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=disposition)


def _lines(job: ImportJob) -> Iterator[list[str]]:
    yield [_("Row"), _("Column"), _("Field"), _("Code"), _("What is wrong")]
    for number, errors in said(job).values_list("number", "errors").iterator():
        for line in errors:
            yield [
                str(number),
                line.get("column", ""),
                line["pointer"],
                line["code"],
                line["detail"],
            ]
