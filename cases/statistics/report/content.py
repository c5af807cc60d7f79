"""What a yearly report says: every figure as it is let out, already in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from casemgr.platform import site
from casemgr.platform.errors import Invalid
from casemgr.platform.fields import civil_zone
from cases.statistics.facets import FACETS, Level
from cases.statistics.selectors import Figures, figures, survival
from cases.statistics.suppression import LEAST
from cases.statistics.survival import Step, median

FIRST_YEAR: Final = 1949
# Of each section: its heading, what it is counted by, and which facet is the report's year.
PARTS: Final[tuple[tuple[Promise, str, str], ...]] = (
    (gettext_lazy("Reported in %(year)s: what became of them so far"), "state", "filed"),
    (gettext_lazy("Reported in %(year)s: by province"), "province", "filed"),
    (gettext_lazy("Reported in %(year)s: by age when missing"), "age", "filed"),
    (gettext_lazy("Reported in %(year)s: by sex"), "sex", "filed"),
    (gettext_lazy("Reported in %(year)s: by kind of place"), "place_type", "filed"),
    (gettext_lazy("Reported in %(year)s: by circumstance"), "circumstance", "filed"),
    (gettext_lazy("Reported in %(year)s: by the child's situation"), "child_situation", "filed"),
    (gettext_lazy("Ended in %(year)s: how"), "outcome", "ended"),
    (gettext_lazy("Ended in %(year)s: what solved them"), "solved_by", "ended"),
    (gettext_lazy("Ended in %(year)s: how long it took"), "waited", "ended"),
    (gettext_lazy("All years: open or found"), "state", ""),
    (gettext_lazy("All years: by year of disappearance"), "year", ""),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what was counted, the count in words, and its share (0 to 1) of the longest bar."""

    words: str
    count: str
    share: float
    value: int | None


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its heading and how many cases it is about, in words."""

    heading: str
    label: str
    total: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long recovery takes: sentences, points of the stair from (0, 1) on, and its table.

    `ends` are the words at the ends of the drawing's axes: top, bottom, right.
    """

    heading: str
    words: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    ends: tuple[str, str, str]
    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def drawn(self) -> str:
        """The stair in units of 1 by 0.4, as an SVG's points."""
        return " ".join(f"{x},{round(0.4 * (1 - share), 4)}" for x, share in self.points)


@dataclass(frozen=True, slots=True)
class Report:
    """A report in one language."""

    year: int
    language: str
    made_at: datetime
    site: str
    title: str
    made: str
    notes: tuple[str, ...]
    cases: str
    sections: tuple[Section, ...]
    waiting: Waiting


def yearly(year: int, level: Level = Level.PUBLIC) -> Report:
    """The report on `year` in the active language, as of now, at a level below internal.

    Raises Invalid for a year that has not begun, or lies before FIRST_YEAR.
    """
    now = timezone.now().astimezone(civil_zone())
    if not FIRST_YEAR <= year <= now.year:
        raise Invalid({"year": ("impossible_year", _("There is no report on this year."))})
    name = site.current().name
    return Report(
        year=year,
        language=get_language() or "en",
        made_at=now,
        site=name,
        title=_("%(site)s: report on %(year)s") % {"site": name, "year": year},
        made=_("As of %(day)s.") % {"day": date_format(now.date(), "DATE_FORMAT")},
        notes=_notes(),
        cases=_("Cases"),
        sections=tuple(_section(level, year, *part) for part in PARTS),
        waiting=_waiting(survival(level, {})),
    )


def _notes() -> tuple[str, ...]:
    return (
        _("Everything here was counted by computer from cases in this service alone."),
        _(
            "Counts from 1 to %(most)s are withheld, and so are others from which these could be "
            "worked out."
        )
        % {"most": LEAST - 1},
        _("Children whose families have not been told count as open."),
    )


def _section(level: Level, year: int, heading: Any, by: str, within: str) -> Section:
    where: Mapping[str, str] = {within: str(year)} if within else {}
    found = figures(level, (by,), where)
    lines, total = _lines(found), total_words(found)
    if found.total == 0:
        lines = ()
    if lines and all(line.value is None for line in lines):
        lines, total = (), _("%(total)s The single counts are withheld.") % {"total": total}
    return Section(
        heading=str(heading) % {"year": year} if within else str(heading),
        label=str(FACETS[by].label),
        total=total,
        lines=lines,
    )


def total_words(found: Figures) -> str:
    """How many cases a table is about."""
    if found.total is None:
        return _("How many these are in all is withheld.")
    if found.total == 0:
        return _("There is no such case.")
    return _("In all: %(total)s.") % {"total": f"{found.total:,}"}


def _lines(found: Figures) -> tuple[Line, ...]:
    shown = [row for row in found.rows if row.count != 0]
    most = max((row.count or 0 for row in shown), default=0) or 1
    return tuple(
        Line(
            words=_sentence(row.words[0]),
            count=_("withheld") if row.count is None else f"{row.count:,}",
            share=round((row.count or 0) / most, 4),
            value=row.count,
        )
        for row in shown
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _waiting(steps: Sequence[Step]) -> Waiting:
    half = median(steps)
    words = [
        _(
            "The share of children estimated to be missing still, by years since they went missing "
            "(Kaplan-Meier). Children not found by now are counted for as long as they have been "
            "missing."
        )
    ]
    if not steps:
        words = [
            _("Too few children were found, or it could not be told without telling small counts.")
        ]
    elif half is None:
        words.append(_("Fewer than half are estimated to have been found so far."))
    else:
        words.append(
            _("Half are estimated to be found within %(years)s years.") % {"years": f"{half:.1f}"}
        )
    last = max((step.time for step in steps), default=0) or 1
    points, share = [(0.0, 1.0)], 1.0
    for step in steps:
        x = round(step.time / last, 4)
        points += [(x, round(share, 4)), (x, round(step.missing, 4))]
        share = step.missing
    return Waiting(
        heading=_("How long recovery takes"),
        words=tuple(words),
        points=tuple(points),
        ends=("1", "0", _("%(years)s years") % {"years": f"{last:.0f}"}),
        labels=(
            _("Years"),
            _("Missing until then"),
            _("Found then"),
            _("Estimated to be missing still"),
        ),
        rows=tuple(
            (f"{step.time:.0f}", f"{step.at_risk:,}", f"{step.found:,}", f"{step.missing:.3f}")
            for step in steps
        ),
    )
