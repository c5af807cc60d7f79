"""Pages on which an alliance's coordinators bring cases in from a list, and take that back."""

import json
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casemgr.platform import audit, limits
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.errors import Conflict, DomainError, Invalid, NotFound
from casemgr.platform.paging import newest_first, part
from cases.bulk import error_sheet, imports, sheets, undoing
from cases.bulk.field_names import FIELD_NAMES
from cases.bulk.import_forms import ColumnsForm, SendInForm, SheetForm
from cases.bulk.rows import Reader, Row
from cases.leading import for_those_who_lead
from cases.models import (
    BulkFormat,
    BulkStatus,
    ImportJob,
    ImportMode,
    ImportRow,
    ImportSheet,
    RowOutcome,
)
from families.models import Alliance

PAGE_SIZE: Final = 20
ROWS: Final = 50
REFRESH_SECONDS: Final = 10


@for_those_who_lead
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, actor: Actor, alliance: Alliance) -> HttpResponse:
    """The alliance's imports, newest first; POST brings a file, and goes on to its columns."""
    form = SheetForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        limits.enforce(request, "writes")
        try:
            data = form.cleaned_data["file"]
            return _to(sheets.keep(actor=actor, alliance=alliance, data=data))
        except Invalid as refused:
            form.take_refusals(refused)
    jobs = ImportJob.objects.visible_to(actor).filter(alliance=alliance, dry_run=False)
    found = newest_first(
        jobs.select_related("user"),
        by="created_at",
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    counts = imports.counts(found.rows)
    page = {
        "alliance": alliance,
        "form": form,
        "jobs": [(job, counts[job.pk]) for job in found.rows],
        "after": found.after,
        "further": "after" in request.GET,
        "waiting": sheets.open_sheets(actor, alliance).order_by("-created_at").first(),
    }
    return render(request, "families/imports.html", page, status=400 if form.errors else 200)


@for_those_who_lead
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, actor: Actor, alliance: Alliance, sheet_id: UUID) -> HttpResponse:
    """What each column is; POST tries the whole file out, and keeps nothing of it yet."""
    sheet = _sheet(actor, alliance, sheet_id)
    page: dict[str, Any] = {"alliance": alliance, "sheet": sheet}
    if sheet.sent_as is not None:
        return _to(sheet.sent_as)
    if sheet.read_at is None:
        return _refreshing(request, "families/import_sheet.html", page)
    if not sheet.original:
        return render(request, "families/import_sheet.html", page)
    first = json.loads(sheet.first_rows)
    rows = [] if sheet.format == BulkFormat.NDJSON else [cells for _n, cells, _code in first]
    form = ColumnsForm(request.POST if request.method == "POST" else None, sheet=sheet, rows=rows)
    if form.is_valid():
        limits.enforce(request, "writes")
        try:
            return _to(sheets.try_out(actor=actor, sheet=sheet, mapping=form.mapping()))
        except DomainError as refused:
            form.add_error(None, str(refused.message))
    page |= {"form": form, "unknown": sheets.unknown(sheet.columns, sheet.mapping)}
    audit.record(actor, Action.READ, "import_sheet", [sheet.pk], groups=[Group.CASE_DETAIL])
    status = 400 if form.errors else 200
    return render(request, "families/import_sheet.html", page, status=status)


@for_those_who_lead
@require_POST
def send_in(request: HttpRequest, actor: Actor, alliance: Alliance, sheet_id: UUID) -> HttpResponse:
    """Bring the cases in, or put the file away."""
    sheet = _sheet(actor, alliance, sheet_id)
    if "away" in request.POST:
        if sheet.sent_as is None:
            sheets.put_away(actor=actor, sheet=sheet)
        return redirect("alliance-imports", alliance.pk)
    form = SendInForm(request.POST)
    if sheet.trial is None or not form.is_valid():
        raise NotFound
    limits.enforce(request, "writes")
    told = form.cleaned_data
    try:
        job = sheets.send_in(
            actor=actor,
            sheet=sheet,
            mode=ImportMode(told["mode"]),
            skip_alike=told["skip_alike"],
        )
    except Conflict as refused:
        return _result(request, actor, sheet.trial, wrong=str(refused.message))
    return _to(job)


@for_those_who_lead
@require_safe
def result(request: HttpRequest, actor: Actor, alliance: Alliance, import_id: UUID) -> HttpResponse:
    """How far an import or its trial is, and what became of the rows."""
    return _result(request, actor, _job(actor, alliance, import_id))


@for_those_who_lead
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, actor: Actor, alliance: Alliance, import_id: UUID) -> HttpResponse:
    """Which cases would go and which stay; POST takes the import back."""
    job = _job(actor, alliance, import_id)
    if job.status in (BulkStatus.UNDOING, BulkStatus.UNDONE):
        return _to(job)  # a second tap
    if job.dry_run or job.status != BulkStatus.DONE:
        raise NotFound
    if request.method == "POST":
        limits.enforce(request, "writes")
        return _to(imports.undo(actor=actor, job=job))
    rows = ImportRow.objects.filter(job=job, outcome=RowOutcome.CREATED).order_by("number")
    some = part(rows.select_related("case__child"), typed=request.GET.get("start"), size=ROWS)
    shown = undoing.foreseen(job, some.rows)
    seen = [row.case_id for row, _goes in shown if row.case_id is not None]
    audit.record(actor, Action.READ, "case", seen, groups=[Group.CASE_DETAIL])
    page = {
        "alliance": alliance,
        "job": job,
        "rows": shown,
        "count": rows.count(),
        "changed": ImportRow.objects.filter(job=job, outcome=RowOutcome.UPDATED).count(),
        **some.pager,
    }
    return render(request, "families/import_undo.html", page)


@for_those_who_lead
@require_safe
def errors(
    request: HttpRequest, actor: Actor, alliance: Alliance, import_id: UUID, kind: str
) -> HttpResponse:
    """The rows of which something is to be said, as a sheet."""
    job = _job(actor, alliance, import_id)
    audit.record(actor, Action.READ, "import", [job.pk], groups=[Group.CASE_DETAIL])
    return error_sheet.as_xlsx(job) if kind == "xlsx" else error_sheet.as_csv(job)


def _sheet(actor: Actor, alliance: Alliance, sheet_id: UUID) -> ImportSheet:
    known = ImportSheet.objects.visible_to(actor).select_related("trial", "sent_as")
    found = known.filter(alliance=alliance, pk=sheet_id).first()
    if found is None:
        raise NotFound
    return found


def _job(actor: Actor, alliance: Alliance, import_id: UUID) -> ImportJob:
    known = ImportJob.objects.visible_to(actor).select_related("alliance", "user")
    found = known.filter(alliance=alliance, pk=import_id).first()
    if found is None:
        raise NotFound
    return found


def _to(where: ImportJob | ImportSheet) -> HttpResponse:
    name = "alliance-import" if isinstance(where, ImportJob) else "alliance-import-sheet"
    return redirect(name, where.alliance_id, where.pk)


def _result(request: HttpRequest, actor: Actor, job: ImportJob, *, wrong: str = "") -> HttpResponse:
    sheet = ImportSheet.objects.visible_to(actor).filter(trial=job).first()
    if sheet is not None and sheet.sent_as_id is not None and not wrong:
        return redirect("alliance-import", job.alliance_id, sheet.sent_as_id)
    said = part(error_sheet.said(job), typed=request.GET.get("start"), size=ROWS)
    page: dict[str, Any] = {
        "alliance": job.alliance,
        "job": job,
        "counts": imports.counts([job])[job.pk],
        "said": said.rows,
        **said.pager,
        "wrong": wrong,
        "under_way": job.status in imports.UNDER_WAY,
        "percent": 100 * job.done // job.rows if job.rows else 0,
    }
    if job.status == BulkStatus.UNDOING:
        left = imports.unfinished(job)
        page["percent"] = 100 * job.done // max(1, job.done + left)
    if sheet is not None and sheet.original:
        page |= {
            "sheet": sheet,
            "send_in": SendInForm(),
            "left_out": sheets.unknown(sheet.columns, sheet.mapping),
            "preview": _preview(job, sheet),
        }
    audit.record(actor, Action.READ, "import", [job.pk], groups=[Group.CASE_DETAIL])
    if page["under_way"]:
        return _refreshing(request, "families/import.html", page)
    return render(request, "families/import.html", page, status=409 if wrong else 200)


def _preview(job: ImportJob, sheet: ImportSheet) -> list[tuple[Row, list[tuple[Any, str]]]]:
    """The first rows, each with the fields that its cells are taken for."""
    if job.status != BulkStatus.DONE:
        return []
    reader = Reader(job)
    shown = []
    for number, cells, code in json.loads(sheet.first_rows):
        row = reader.read((number, cells, code))
        fields = [
            (FIELD_NAMES[column.path], cell)
            for column, cell in zip(reader.columns, cells, strict=False)
            if column is not None and cell
        ]
        shown.append((row, fields))
    return shown


def _refreshing(request: HttpRequest, template: str, page: dict[str, Any]) -> HttpResponse:
    """A page that is loaded anew by itself, without script, until its reader says not to."""
    still = "still" in request.GET
    answer = render(request, template, page | {"under_way": True, "still": still})
    if not still:
        answer["Refresh"] = str(REFRESH_SECONDS)
    return answer
