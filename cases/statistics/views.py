"""Pages of statistics: charts that are drawings with words, tables, and the same as CSV."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casemgr.platform import limits, tables
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import DomainError, as_lines
from casemgr.platform.fields import civil_zone
from casemgr.platform.vocabularies import ChildSituation, Circumstance, PlaceType, Sex
from cases.models import PublishedFigure
from cases.statistics.corridors import corridors
from cases.statistics.facets import AGES, FACETS, Level, level_of
from cases.statistics.selectors import Figures, Row, figures, survival
from cases.statistics.suppression import LEAST
from cases.statistics.survival import Step, median

FIRST = ("state",)
# What the page offers to narrow by: facets whose codes are known beforehand.
OFFERED = {
    "sex": Sex.values,
    "state": ["open", "found", "ended"],
    "age": list(AGES),
    "place_type": PlaceType.values,
    "circumstance": Circumstance.values,
    "child_situation": ChildSituation.values,
}
WIDTH = 1_000


@dataclass(frozen=True, slots=True)
class Bar:
    """A row with the width of its bar, in units of 1,000."""

    row: Row
    width: float


@declares(Action.READ, Group.STATISTICS)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Counts by one facet or two, narrowed by one, and the time until recovery."""
    limits.enforce(request, "reads")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    level = level_of(actor)
    by, where = _asked(request)
    wrong: list[Any] = []
    this_year = timezone.now().astimezone(civil_zone()).year
    try:
        found = figures(level, by, where)
        steps = survival(level, {name: code for name, code in where.items() if name != "state"})
    except DomainError as refused:
        wrong, by, where = as_lines(refused), FIRST, {}
        found, steps = figures(level, by, where), survival(level, {})
    context = {
        "figures": found,
        "bars": _bars(found),
        "labels": [FACETS[name].label for name in by],
        "wrong": wrong,
        "facets": FACETS.values(),
        "by": by,
        "where": where,
        "offered": [
            (FACETS[name].label, [(f"{name}:{code}", FACETS[name].words(code)) for code in codes])
            for name, codes in OFFERED.items()
        ],
        "only": next((f"{name}:{code}" for name, code in where.items()), ""),
        "query": urlencode({"by": by, **where}, doseq=True),
        "internal": level is Level.INTERNAL,
        "least": LEAST,
        "steps": steps,
        "line": _line(steps),
        "longest": max((step.time for step in steps), default=0.0),
        "median": median(steps),
        "report_years": [this_year, this_year - 1],
        "published": PublishedFigure.objects.all(),
    }
    return render(request, "cases/statistics.html", context, status=400 if wrong else 200)


@declares(Action.READ, Group.STATISTICS)
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same figures as CSV; a count that is withheld is an empty field."""
    limits.enforce(request, "reads")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    by = tuple(request.GET.getlist("by"))
    where = {name: request.GET[name][:60] for name in FACETS if name in request.GET}
    found = figures(level_of(actor), by, where)
    headings = [*by, *(f"{name}_words" for name in by), "count"]
    rows = [
        [*row.codes, *row.words, "" if row.count is None else str(row.count)] for row in found.rows
    ]
    content = b"\xef\xbb\xbf" + tables.csv_rows([headings, *rows])
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="figures.csv"'
    return response


@declares(Action.READ, Group.STATISTICS)
@require_safe
def corridor_map(request: HttpRequest) -> HttpResponse:
    """From which province to which children were moved: a map, and the same as a table."""
    limits.enforce(request, "reads")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    level = level_of(actor)
    page = {"corridors": corridors(level), "internal": level is Level.INTERNAL}
    return render(request, "cases/corridors.html", page)


def _asked(request: HttpRequest) -> tuple[tuple[str, ...], dict[str, str]]:
    by = tuple(dict.fromkeys(name for name in request.GET.getlist("by") if name)) or FIRST
    name, _colon, code = request.GET.get("only", "").partition(":")
    where = {name: request.GET[name][:60] for name in FACETS if name in request.GET}
    if name:
        where[name] = code[:60]
    return by, where


def _bars(found: Figures) -> list[Bar]:
    most = max((row.count or 0 for row in found.rows), default=0) or 1
    shown = [row for row in found.rows if row.count != 0]
    return [Bar(row, round(WIDTH * (row.count or 0) / most, 1)) for row in shown]


def _line(steps: list[Step]) -> str:
    """The estimate as a stair, in units of 1,000 by 400, for a drawing."""
    if not steps:
        return ""
    last = max(step.time for step in steps) or 1
    points, share = ["0,0"], 1.0
    for step in steps:
        x = round(WIDTH * step.time / last, 1)
        points += [
            f"{x},{round(400 * (1 - share), 1)}",
            f"{x},{round(400 * (1 - step.missing), 1)}",
        ]
        share = step.missing
    return " ".join(points)
