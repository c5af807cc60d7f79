"""The yearly report as page and PDF for everybody; the sheet for reviewers and partners."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgr.platform import limits
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import Invalid, NotFound
from casemgr.platform.partners.authentication import program_behind
from cases.statistics.facets import Level, level_of
from cases.statistics.report import pdf, sheet
from cases.statistics.report.content import Report, yearly


@declares(Action.READ, Group.STATISTICS)
@require_safe
def report(request: HttpRequest, year: int) -> HttpResponse:
    """The report on a year, the same for everybody."""
    return render(request, "cases/yearly_report.html", {"report": _report(request, year)})


@declares(Action.READ, Group.STATISTICS)
@require_safe
def report_pdf(request: HttpRequest, year: int) -> HttpResponse:
    """The same as a file to print and to pass on."""
    made = _report(request, year)
    return _file(pdf.as_pdf(made), "application/pdf", f"report-{year}.pdf")


@declares(Action.READ, Group.STATISTICS)
@require_safe
def indicators(request: HttpRequest, year: int) -> HttpResponse:
    """The sheet, for reviewers and for programs with `statistics:read`; for nobody else."""
    limits.enforce(request, "reads")
    actor: Actor = program_behind(request) or request.actor  # type: ignore[attr-defined]
    if level_of(actor) is Level.PUBLIC:
        raise NotFound
    try:
        return _file(sheet.as_xlsx(year), sheet.TYPE, f"indicators-{year}.xlsx")
    except Invalid as refused:
        raise NotFound from refused


def _report(request: HttpRequest, year: int) -> Report:
    limits.enforce(request, "reads")
    try:
        return yearly(year)
    except Invalid as refused:
        raise NotFound from refused


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        data,
        content_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
