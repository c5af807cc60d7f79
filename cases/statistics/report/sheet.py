"""A funder's indicators as a spreadsheet: figures with what each of them means.

A sheet leaves the house whoever downloads it, so small counts are withheld in every one.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from cases.statistics.facets import Level
from cases.statistics.report.content import Report, yearly
from cases.statistics.selectors import figures, survival
from cases.statistics.survival import Step, median

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEVEL: Final = Level.PARTNER
Value = int | float | None


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure; None where it is withheld or can't be told."""

    name: str
    value: Value
    meaning: str


def indicators(year: int) -> tuple[Indicator, ...]:
    """What funders ask of a year, in the active language, as of now."""
    reported = _counts("state", filed=str(year))
    ended = _counts("state", ended=str(year))
    solved = _counts("solved_by", ended=str(year))
    steps = survival(LEVEL, {})
    return (
        Indicator(
            _("Cases reported in the year"),
            _total(filed=str(year)),
            _("Cases handed in that year, without drafts and doubles."),
        ),
        Indicator(
            _("Of these still open"),
            reported.get("open", 0),
            _("Neither found nor ended otherwise as of today; families not told yet count here."),
        ),
        Indicator(
            _("Of these found"),
            reported.get("found", 0),
            _("Two reviewers agreed that the child was found alive, and the family was told."),
        ),
        Indicator(
            _("Cases ended in the year"),
            _total(ended=str(year)),
            _("By the day of the outcome, whenever they were reported."),
        ),
        Indicator(
            _("Children found in the year"),
            ended.get("found", 0),
            _("Two reviewers agreed that the child was found alive, and the family was told."),
        ),
        Indicator(
            _("Cases solved by a sighting in the year"),
            solved.get("sighting", 0),
            _("A sighting told here is the most decisive clue that reviewers named."),
        ),
        Indicator(
            _("Share found within a year"),
            _found_before(steps, 1),
            _("Kaplan-Meier estimate over all cases; children still missing count as censored."),
        ),
        Indicator(
            _("Years until half are found"),
            median(steps),
            _("The same estimate; empty where fewer than half have been found so far."),
        ),
    )


def as_xlsx(year: int) -> bytes:
    """The workbook: indicators with their meaning, then the tables they come from.

    Raises Invalid for a year without a report.
    """
    report = yearly(year, LEVEL)
    book = Workbook(write_only=True)
    first = book.create_sheet(_("Indicators"))
    first.column_dimensions["A"].width = 44
    first.column_dimensions["B"].width = 14
    first.column_dimensions["C"].width = 90
    for words in (report.title, report.made, *report.notes):
        first.append([_text(first, words)])
    first.append([])
    first.append(_heading(first, [_("Indicator"), _("Value"), _("What it means")]))
    for each in indicators(year):
        value = _("withheld") if each.value is None else each.value
        first.append(_row(first, [each.name, value, each.meaning]))
    _tables(book, report)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _tables(book: Workbook, report: Report) -> None:
    sheet = book.create_sheet(_("Tables"))
    sheet.column_dimensions["A"].width = 60
    sheet.column_dimensions["B"].width = 14
    for section in report.sections:
        sheet.append(_heading(sheet, [section.heading]))
        sheet.append([_text(sheet, section.total)])
        for line in section.lines:
            value = line.count if line.value is None else line.value
            sheet.append(_row(sheet, [line.words, value]))
        sheet.append([])


def _counts(by: str, **where: str) -> dict[str, int | None]:
    return {row.codes[0]: row.count for row in figures(LEVEL, (by,), where).rows}


def _total(**where: str) -> int | None:
    return figures(LEVEL, (), where).total


def _found_before(steps: Sequence[Step], years: float) -> float | None:
    """The share found before so many years; None where the estimate can't be told."""
    if not steps:
        return None
    missing = [step.missing for step in steps if step.time < years]
    return round(1 - (missing[-1] if missing else 1.0), 3)


def _row(sheet: Any, values: Iterable[str | Value]) -> list[Any]:
    return [_text(sheet, value) if isinstance(value, str) else value for value in values]


def _heading(sheet: Any, words: Iterable[str]) -> list[Any]:
    cells = [_text(sheet, each) for each in words]
    for cell in cells:
        cell.font = Font(bold=True)
    return cells


def _text(sheet: Any, words: str) -> Any:
    """Words as words, even where they begin as a formula would."""
    cell = WriteOnlyCell(sheet, value=words)
    cell.data_type = "s"
    return cell
