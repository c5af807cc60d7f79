"""The yearly report: one set of words as page and PDF, no small count, no missing glyph."""

import ctypes
import io
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone, translation

from casemgr.platform.errors import Conflict
from casemgr.platform.places.gazetteer import divisions
from casemgr.platform.vocabularies import (
    ChildSituation,
    Circumstance,
    OutcomeKind,
    PlaceType,
    Sex,
)
from cases.models import Case, ClueKind
from cases.statistics.facets import AGES, FACETS, WAITS
from cases.statistics.report import content, pdf
from cases.statistics.report.content import Line, Report
from tests.cases.test_statistics import invent
from tests.cast import Cast
from tests.pages import text_of
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
THIS_YEAR = timezone.now().year
LANGUAGES = ["en", "zh-hans"]


def some_cases(cast: Cast, count: int = 600) -> None:
    """Cases reported this year and last, of which families know the end."""
    invent(cast, count)
    Case.objects.update(created_at=Now() - timedelta(days=1))
    Case.objects.filter(status="closed").update(family_told_at=Now())


def written(tmp_path: Path, language: str, year: int = THIS_YEAR) -> dict[str, bytes]:
    call_command("yearly_report", year, language=language, output=tmp_path, stdout=io.StringIO())
    return {file.suffix: file.read_bytes() for file in tmp_path.iterdir()}


def words_of_pdf(data: bytes) -> str:
    book = pypdfium2.PdfDocument(data)
    return "".join(page.get_textpage().get_text_range() for page in book)


def bare(text: str) -> str:
    """Without space, which pages break as they like."""
    return re.sub(r"\s+", "", text)


def words_of(report: Report) -> list[str]:
    said = [report.title, report.made, *report.notes, report.waiting.heading, *report.waiting.words]
    for section in report.sections:
        said += [section.heading, section.total, *([section.label] if section.lines else [])]
        said += [word for line in section.lines for word in (line.words, line.count)]
    return said + [cell for row in report.waiting.rows for cell in row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_command_writes_page_and_pdf_that_say_the_same(
    cast: Cast, tmp_path: Path, language: str
) -> None:
    some_cases(cast)
    files = written(tmp_path, language)
    assert set(files) == {".html", ".pdf", ".xlsx"}
    with translation.override(language):
        report = content.yearly(THIS_YEAR)
    page = bare(unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", files[".html"].decode())))
    # A table may run over the end of a page, where the title stands with the page's number, and
    # the table's head once more.
    foot = re.escape(bare(report.title)) + r"\d/\d"
    printed = re.sub(foot, "", bare(words_of_pdf(files[".pdf"])))
    assert len(words_of(report)) > 100
    assert [word for word in words_of(report) if bare(word) not in page] == []
    assert [word for word in words_of(report) if bare(word) not in printed] == []
    for section in report.sections:
        rows = bare("".join(line.words + line.count for line in section.lines))
        assert rows in page
        assert rows in printed.replace(bare(section.label + report.cases), "")


def objects_of(data: bytes) -> list[Any]:
    book = pypdfium2.PdfDocument(data)
    return [(book, page, each) for page in book for each in page.get_objects()]


def test_the_font_is_embedded_and_charts_are_drawn_as_vectors(cast: Cast, tmp_path: Path) -> None:
    some_cases(cast)
    raw = pypdfium2.raw
    found = objects_of(written(tmp_path, "zh-hans")[".pdf"])
    fonts = [
        raw.FPDFTextObj_GetFont(each.raw)
        for _book, _page, each in found
        if each.type == raw.FPDF_PAGEOBJ_TEXT
    ]
    assert fonts
    assert all(raw.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)
    name = ctypes.create_string_buffer(100)
    raw.FPDFFont_GetBaseFontName(fonts[0], name, 100)
    assert b"NotoSansSC" in name.value
    kinds = [each.type for _book, _page, each in found]
    assert raw.FPDF_PAGEOBJ_IMAGE not in kinds
    assert kinds.count(raw.FPDF_PAGEOBJ_PATH) > 30


def test_a_character_without_a_glyph_stops_the_pdf(cast: Cast, tmp_path: Path) -> None:
    with override_settings(SITE_NAME="Homeward 𖫖"):
        with pytest.raises(CommandError, match="lacks a character"):
            written(tmp_path, "en")
        assert not list(tmp_path.iterdir())
        answer = cast.anonymous.browser().get(f"/statistics/{THIS_YEAR}/report.pdf")
        assert answer.status_code == 409


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_a_report_can_say_has_its_glyphs(cast: Cast, language: str) -> None:
    codes = {
        "province": {row.code[:2] for row in divisions().values()},
        "age": AGES,
        "waited": WAITS,
        "sex": Sex.values,
        "place_type": PlaceType.values,
        "circumstance": Circumstance.values,
        "child_situation": ChildSituation.values,
        "outcome": [*OutcomeKind.values, "none"],
        "solved_by": [*ClueKind.values, "none"],
        "state": ["open", "found", "ended"],
    }
    with translation.override(language):
        report = content.yearly(THIS_YEAR)
        lines = tuple(
            Line(FACETS[name].words(code), "1,234,567,890", 0.5, None)
            for name, known in codes.items()
            for code in [*known, *(["unknown"] if name != "state" else [])]
        )
        whole = replace(report, sections=(replace(report.sections[0], lines=lines),))
        printed = bare(words_of_pdf(pdf.as_pdf(whole)))
    assert len(lines) > 90
    assert [line.words for line in lines if bare(line.words) not in printed] == []
    with refuses(Conflict, "missing_glyph"):
        pdf.as_pdf(replace(report, site="𖫖", title="𖫖"))


def test_no_count_below_five_is_in_it_and_everybody_reads_the_same(cast: Cast) -> None:
    some_cases(cast, 150)
    report = content.yearly(THIS_YEAR)
    values = [line.value for section in report.sections for line in section.lines]
    assert [section for section in report.sections if "withheld" in section.total]
    assert [value for value in values if value is not None and value < 5] == []
    address = f"/statistics/{THIS_YEAR}/"
    outside, inside = (
        text_of(person.browser().get(address)).partition("<h1>")[2].partition("</main>")[0]
        for person in (cast.anonymous, cast.reviewer)
    )
    assert outside == inside
    assert "withheld" in outside


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_read_from_the_page_of_statistics(cast: Cast, language: str) -> None:
    some_cases(cast, 60)
    browser = cast.anonymous.browser(language=language)
    start = text_of(browser.get("/statistics/"))
    assert f'href="/statistics/{THIS_YEAR}/"' in start
    assert "indicators.xlsx" not in start
    page = browser.get(f"/statistics/{THIS_YEAR}/")
    assert page.status_code == 200
    assert " style=" not in page.content.decode()
    printed = browser.get(f"/statistics/{THIS_YEAR}/report.pdf")
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    assert "indicators.xlsx" in text_of(cast.reviewer.browser().get("/statistics/"))


@pytest.mark.parametrize("year", [1948, THIS_YEAR + 1, 99_999_999])
def test_there_is_no_report_on_a_year_that_can_not_be(
    cast: Cast, tmp_path: Path, year: int
) -> None:
    for person in (cast.anonymous, cast.reviewer):
        for file in ("", "report.pdf", "indicators.xlsx"):
            assert person.browser().get(f"/statistics/{year}/{file}").status_code == 404
    with pytest.raises(CommandError, match="no report"):
        call_command("yearly_report", year, output=tmp_path)
    with pytest.raises(CommandError):
        call_command("yearly_report", THIS_YEAR, "--language=xx", f"--output={tmp_path}")


def cells(data: bytes, sheet: int) -> dict[Any, Any]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = book.worksheets[sheet].iter_rows(values_only=True)
    assert all(cell.data_type != "f" for row in book.worksheets[sheet] for cell in row)
    return {row[0]: row[1] for row in rows if len(row) > 1}


def test_the_funders_sheet_is_for_reviewers_and_partners_and_withholds_in_both(
    cast: Cast,
) -> None:
    some_cases(cast, 150)
    address = f"/statistics/{THIS_YEAR}/indicators.xlsx"
    for nobody in (cast.anonymous, cast.guardian, cast.coordinator):
        assert nobody.browser().get(address).status_code == 404
    unscoped = cast.program_of(cast.partner, "events:read")
    assert unscoped.api().get(address).status_code == 404
    answers: list[Any] = [cast.reviewer.browser().get(address), cast.program.api().get(address)]
    assert [answer.status_code for answer in answers] == [200, 200]
    ours, theirs = (cells(answer.content, 0) for answer in answers)
    assert ours == theirs
    reported = Case.objects.exclude(status__in=["draft", "merged"]).count()
    assert ours["Cases reported in the year"] == reported
    assert ours["Of these found"] == found_in_all()
    tables = cells(answers[0].content, 1)
    assert "withheld" in tables.values()
    assert [n for n in tables.values() if isinstance(n, int) and n < 5] == []


def found_in_all() -> int:
    return Case.objects.filter(
        status="closed",
        outcomes__kind__in=[
            "reunited",
            "located_in_care",
            "declines_contact",
            "rescued_family_unknown",
            "runaway_returned",
        ],
    ).count()
