"""The pages on which an alliance's coordinators bring cases in from a list."""

import io
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from casemgr.platform import outbox
from casemgr.platform.outbox import Job
from casemgr.platform.storage import unseal_unchecked
from casemgr.platform.vocabularies import CaseStatus
from cases.bulk.retention import _sheets
from cases.models import Case, ImportJob, ImportRow, ImportSheet
from families.models import Alliance, Membership
from tests import factories
from tests.cast import Cast, Person
from tests.pages import text_of

pytestmark = pytest.mark.django_db
HEAD = "编号,姓名,性别,出生日期,失踪时间,失踪地点,联系电话"
ROWS = (
    "1,王小明,男,2006-05-21,2011年夏天,人民广场,123",
    "2,李春,女,2008-01-02,2012-03-04,火车站,456",
)


def text(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def workbook(*rows: list[Any], merge: str = "") -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def work_off() -> None:
    """Let the worker's own code run everything to its end."""
    names = ["cases.import", "cases.cut_import", "cases.read_sheet"]
    while job := Job.objects.filter(handler__in=names).exclude(state__in=["done"]).first():
        outbox.run(job.pk)


def place(alliance: Alliance) -> str:
    return f"/alliances/{alliance.pk}/imports/"


def chosen(browser: Client, alliance: Alliance, data: bytes, name: str = "list.csv") -> Any:
    """The answer to a file; a good one leads to its columns."""
    return browser.post(place(alliance), {"file": SimpleUploadedFile(name, data)})


def columns_of(page: Any) -> dict[str, str]:
    return {field.name: field.initial for field in page.context["form"]}


def tried(browser: Client, alliance: Alliance, data: bytes, **changes: str) -> str:
    """The address of the page that says what would become of a file."""
    where = chosen(browser, alliance, data)["Location"]
    work_off()
    columns = columns_of(browser.get(where)) | changes
    answer = browser.post(where, columns)
    assert answer.status_code == 302, text_of(answer)
    work_off()
    return str(answer["Location"])


def sent_in(browser: Client, alliance: Alliance, data: bytes, **options: str) -> str:
    """The address of the page of an import that is done."""
    tried(browser, alliance, data)
    sheet = ImportSheet.objects.latest("created_at")
    answer = browser.post(
        f"{place(alliance)}sheets/{sheet.pk}/send/", {"mode": "skip_bad", **options}
    )
    assert answer.status_code == 302, text_of(answer)
    work_off()
    return str(answer["Location"])


def test_a_list_with_chinese_headings_is_tried_out_and_comes_in(cast: Cast) -> None:
    browser, alliance = cast.coordinator.browser(), cast.alliance
    found = chosen(browser, alliance, text(*ROWS, "3,,狗,,昨天,,"))
    shown = browser.get(found["Location"])
    said = text_of(shown)
    assert list(columns_of(shown).values()) == [
        *("own_number", "child.full_name", "child.sex", "child.birth_date"),
        *("missing_at", "missing_from.text", ""),
    ]
    assert "These columns would be left out:" in said
    assert "联系电话" in said
    assert "王小明 · 李春" in said

    where = browser.post(found["Location"], columns_of(shown))["Location"]
    waiting = browser.get(where)
    assert waiting["Refresh"] == "10"
    assert "Refresh" not in browser.get(f"{where}?still=1")
    work_off()
    trial = browser.get(where)
    said = text_of(trial)
    assert "Refresh" not in trial
    assert "2 would be new cases." in said
    assert "1 row can't be read." in said
    assert "Nothing is filed yet." in said
    assert "2011年夏天" in said
    assert Case.objects.count() == 0

    sheet = ImportSheet.objects.get()
    send = f"{place(alliance)}sheets/{sheet.pk}/send/"
    tapped = [browser.post(send, {"mode": "skip_bad"})["Location"] for _tap in range(2)]
    assert tapped[0] == tapped[1] != where
    work_off()
    assert "2 new cases." in text_of(browser.get(tapped[0]))
    assert browser.get(where)["Location"] == tapped[0]
    cases = Case.objects.order_by("child__full_name")
    assert [(case.alliance, case.status) for case in cases] == [(alliance, "draft")] * 2
    assert {case.child.full_name for case in cases} == {"王小明", "李春"}
    assert {row.system for case in cases for row in case.external_ids.all()} == {"list"}
    # The file itself is gone, and with it what was shown of it.
    sheet.refresh_from_db()
    assert (sheet.original, sheet.first_rows) == ("", "")
    assert "2 new cases." in text_of(browser.get(place(alliance)))


def test_what_a_column_was_said_to_be_is_remembered_for_this_alliance_alone(cast: Cast) -> None:
    browser, alliance = cast.coordinator.browser(), cast.alliance
    data = text("王小明,2011,瘦", head="孩子,何时,样子")
    found = chosen(browser, alliance, data)["Location"]
    assert set(columns_of(browser.get(found)).values()) == {""}
    said = {"column0": "child.full_name", "column1": "missing_at", "column2": ""}
    assert browser.post(found, said).status_code == 302

    again = chosen(browser, alliance, text("瘦,王小明", head="样子,孩 子"))["Location"]
    assert columns_of(browser.get(again)) == {"column0": "", "column1": "child.full_name"}
    # One's earlier file is put away.
    assert "This file was put away." in text_of(browser.get(found))

    other = Alliance.objects.create(name="Others")
    Membership.objects.create(alliance=other, user_id=cast.other_guardian.user_id, role="owner")
    theirs = cast.other_guardian.browser()
    elsewhere = chosen(theirs, other, data)["Location"]
    assert set(columns_of(theirs.get(elsewhere)).values()) == {""}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_encoding_that_lists_come_in_is_read(cast: Cast, encoding: str) -> None:
    data = text(*ROWS).decode().encode(encoding)
    tried(cast.coordinator.browser(), cast.alliance, data)
    assert ImportJob.objects.get().outcomes.filter(outcome="created").count() == 2


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("list.xlsx", b"%PDF-1.7 ...", "This is a PDF"),
        ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an old workbook"),
        ("list.csv", b"", "This file is empty."),
        ("list.csv", b"\xef\xbb\xbf \r\n", "This file is empty."),
        ("list.csv", b"\x7fELF\x00\x00", "This is no list"),
    ],
)
def test_what_is_no_list_is_refused_in_words(
    cast: Cast, name: str, data: bytes, words: str
) -> None:
    answer = chosen(cast.coordinator.browser(), cast.alliance, data, name)
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert not ImportSheet.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 no workbook", "This isn&#x27;t a workbook that can be read."),
        (workbook(["姓名"], ["甲"], ["乙"], merge="A2:A3"), "The cells A2:A3 are merged."),
        (workbook([]), "There are no rows in this file."),
        (workbook(["姓名", "性别"]), "There are no rows in this file."),
        ("\ufeff姓名,性别\n甲,男".encode("utf-16"), "neither UTF-8 nor GB18030"),
        ('姓名,性别\n"甲,男'.encode(), "Is a quotation mark left open?"),
    ],
)
def test_a_list_that_cant_be_read_says_why_on_its_page(cast: Cast, data: bytes, words: str) -> None:
    browser = cast.coordinator.browser()
    where = chosen(browser, cast.alliance, data)["Location"]
    if data.startswith(b"PK"):
        waiting = browser.get(where)
        assert "We are opening the workbook." in text_of(waiting)
        assert waiting["Refresh"] == "10"
    work_off()
    shown = browser.get(where)
    assert words in text_of(shown)
    assert ImportSheet.objects.get().original == ""
    assert browser.post(where, {}).status_code == 200  # nothing is left to be sent


def test_a_workbook_is_read_by_the_worker_and_its_formulas_are_refused(cast: Cast) -> None:
    browser, alliance = cast.coordinator.browser(), cast.alliance
    data = workbook(
        ["姓名", "失踪时间", "经过"],
        ["王小明", "2011", "=HYPERLINK(1)"],
        ["李春", "2012", "走失"],
    )
    where = tried(browser, alliance, data)
    said = text_of(browser.get(where))
    assert "1 would be a new case." in said
    assert "There is a formula in this cell." in said
    assert said.count("经过") >= 1

    csv = browser.get(f"{where}errors.csv")
    assert csv["Content-Disposition"].startswith("attachment")
    assert "formula" in csv.content.decode("utf-8-sig")


def test_the_sheet_of_errors_runs_nothing(cast: Cast) -> None:
    browser = cast.coordinator.browser()
    data = text("甲,=1+1", head="姓名,@经过")
    where = tried(browser, cast.alliance, data, column1="story")
    book = load_workbook(io.BytesIO(browser.get(f"{where}errors.xlsx").content))
    [_head, line] = list(book.worksheets[0].iter_rows(values_only=True))
    assert (line[0], line[1], line[3]) == ("2", "'@经过", "formula")
    assert ",'@经过," in browser.get(f"{where}errors.csv").content.decode()


def test_too_many_rows_and_too_large_a_file(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = cast.coordinator.browser()
    where = chosen(browser, cast.alliance, b"name\n" + b"x\n" * 50_001)["Location"]
    answer = browser.post(where, columns_of(browser.get(where)))
    assert answer.status_code == 400
    assert "One file brings in 50000 cases at most." in text_of(answer)
    assert not ImportJob.objects.exists()

    monkeypatch.setattr("cases.bulk.import_forms.MAX_BYTES", 100)
    answer = chosen(browser, cast.alliance, b"name\n" + b"x" * 100)
    assert answer.status_code == 400
    assert "This file is larger than 48 MB." in text_of(answer)


def test_one_field_for_two_columns_and_none_at_all_are_refused_beside_the_column(
    cast: Cast,
) -> None:
    browser = cast.coordinator.browser()
    where = chosen(browser, cast.alliance, text("a,b", head="p,q"))["Location"]
    for columns, words in (
        ({"column0": "story", "column1": "story"}, "is chosen for two columns"),
        ({"column0": "", "column1": ""}, "Say of at least one column what it is."),
        ({"column0": "child.secret", "column1": ""}, "Select a valid choice"),
    ):
        answer = browser.post(where, columns)
        assert answer.status_code == 400
        assert words in text_of(answer)
    assert not ImportJob.objects.exists()


def own_case(cast: Cast, alliance: Alliance, name: str, **facts: Any) -> Case:
    case = factories.file_case(cast, by=cast.guardian, child={"full_name": name}, **facts)
    Case.objects.filter(pk=case.pk).update(alliance=alliance)
    return case


def test_doubles_are_pointed_out_and_left_out_and_nothing_is_told_of_others(cast: Cast) -> None:
    alliance, browser = cast.alliance, cast.coordinator.browser()
    known = own_case(cast, alliance, "王小明")
    elsewhere = own_case(cast, Alliance.objects.create(name="Others"), "李春")
    gone = own_case(cast, alliance, "赵六")
    Case.objects.filter(pk=gone.pk).update(status=CaseStatus.WITHDRAWN)
    head = "姓名,出生日期,失踪时间"
    rows = [
        "王小明,2006-05-21,2011",
        "王小明,2007-05-21,2011",
        "李春,2006-05-21,2011",
        "赵六,2006-05-21,2011",
        "孙七,2010-01-01,2011",
        "孙七,2010-01-01,2011",
    ]
    where = tried(browser, alliance, text(*rows, head=head))
    said = text_of(browser.get(where))
    assert "6 would be new cases." in said
    assert f"{known.reference} has this name and birth date too." in said
    assert "Row 6 has this name and birth date too." in said
    assert elsewhere.reference not in said
    assert said.count("too. Is it the same child?") == 2

    where = sent_in(browser, alliance, text(*rows, head=head), skip_alike="on")
    said = text_of(browser.get(where))
    assert "4 new cases." in said
    assert "2 left out as you have them." in said
    assert not ImportRow.objects.filter(likeness__isnull=False).exists()
    # Without the tick they come in all the same.
    where = sent_in(browser, alliance, text(rows[0], head=head))
    assert "1 new case." in text_of(browser.get(where))


def test_rows_of_known_numbers_change_the_case_and_make_no_second(cast: Cast) -> None:
    alliance, browser = cast.alliance, cast.coordinator.browser()
    sent_in(browser, alliance, text(*ROWS))
    changed = ROWS[0].replace("人民广场", "人民公园")
    said = text_of(browser.get(tried(browser, alliance, text(changed, ROWS[1]))))
    assert "1 would change a case you have." in said
    assert "1 says nothing new." in said
    sent_in(browser, alliance, text(changed, ROWS[1]))
    assert sorted(Case.objects.values_list("missing_from_text", flat=True)) == [
        *("人民公园", "火车站")
    ]


def test_a_list_is_taken_back_except_what_somebody_worked_on(cast: Cast) -> None:
    alliance, browser = cast.alliance, cast.coordinator.browser()
    where = sent_in(browser, alliance, text(*ROWS))
    touched, other = Case.objects.order_by("created_at", "pk")
    Case.objects.get(pk=touched.pk).save(update_fields=["updated_at"])

    asked = browser.get(f"{where}undo/")
    said = text_of(asked)
    assert "The list made 2 cases." in said
    assert (said.count("is erased"), said.count("stays: somebody has worked on it")) == (1, 1)
    assert Case.objects.count() == 2
    for _tap in range(2):
        assert browser.post(f"{where}undo/")["Location"] == where
    assert "Being taken back" in text_of(browser.get(where))
    work_off()
    said = text_of(browser.get(where))
    assert "1 taken back." in said
    assert "1 stayed." in said
    assert "Take this list back" not in said
    outcomes = ImportRow.objects.filter(job__dry_run=False).values_list("case", "outcome")
    assert set(outcomes) == {(touched.pk, "kept"), (other.pk, "undone")}


def test_strangers_find_nothing_members_are_refused_and_a_colleague_sees_it(cast: Cast) -> None:
    alliance, leader = cast.alliance, cast.coordinator.browser()
    where = sent_in(leader, alliance, text(*ROWS))
    tried(leader, alliance, text(*ROWS))
    sheet = ImportSheet.objects.latest("created_at")
    gets = [place(alliance), where, f"{where}undo/", f"{where}errors.csv", f"{where}errors.xlsx"]
    of_sheet = f"{place(alliance)}sheets/{sheet.pk}/"

    def statuses(browser: Client) -> list[int]:
        asked = [browser.get(at) for at in (*gets, of_sheet)]
        asked += [browser.post(at) for at in (f"{where}undo/", of_sheet, f"{of_sheet}send/")]
        return [answer.status_code for answer in asked]

    assert set(statuses(cast.volunteer.browser())) == {404}
    Membership.objects.create(alliance=alliance, user_id=cast.volunteer.user_id, role="member")
    assert set(statuses(cast.volunteer.browser())) == {403}
    colleague(cast, alliance, cast.other_guardian)
    theirs = cast.other_guardian.browser()
    assert [theirs.get(at).status_code for at in gets] == [200] * 5
    # A file that is on its way is its sender's alone.
    assert theirs.get(of_sheet).status_code == 404

    other = Alliance.objects.create(name="Others")
    colleague(cast, other, cast.guardian)
    mine, crossed = cast.guardian.browser(), place(other)
    job = where.split("/")[-2]
    assert mine.get(f"{crossed}{job}/").status_code == 404
    assert mine.get(f"{crossed}sheets/{sheet.pk}/").status_code == 404
    assert mine.get(f"{crossed}{uuid4()}/").status_code == 404

    without = Client()
    assert cast.coordinator.user is not None
    without.force_login(cast.coordinator.user)
    assert without.get(place(alliance))["Location"] == "/account/factor/"
    assert Client().get(where)["Location"] == f"/sign-in/?next={where}"


def colleague(cast: Cast, alliance: Alliance, person: Person) -> None:
    Membership.objects.create(alliance=alliance, user_id=person.user_id, role="coordinator")


def test_a_list_that_nobody_sent_in_is_gone_after_a_day(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    chosen(cast.coordinator.browser(), cast.alliance, text(*ROWS))
    name = ImportSheet.objects.get().original
    assert _sheets(10) == 0
    connection.cursor().execute(
        "UPDATE cases_importsheet SET created_at = created_at - interval '25 hours'"
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert _sheets(10) == 1
    assert not ImportSheet.objects.exists()
    with pytest.raises(FileNotFoundError):
        unseal_unchecked(name)


def queries(browser: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def test_the_pages_ask_as_much_for_two_rows_as_for_two_hundred(cast: Cast) -> None:
    alliance, browser = cast.alliance, cast.coordinator.browser()

    def asked(count: int) -> list[int]:
        rows = [f"甲{count}{n},男,2006-01-01,2011,ok" for n in range(count)]
        bad = [f"乙{n},狗,2006-01-01,2011,no" for n in range(count)]
        head = "姓名,性别,出生日期,失踪时间,备注"
        where = sent_in(browser, alliance, text(*rows, *bad, head=head))
        return [queries(browser, at) for at in (where, f"{where}undo/", f"{where}errors.csv")]

    few = asked(2)
    index = queries(browser, place(alliance))
    ImportJob.objects.bulk_create(
        ImportJob(alliance=alliance, user=cast.coordinator.user, format="csv", mode="skip_bad")
        for _number in range(200)
    )
    ImportJob.objects.filter(status="waiting").update(status="done")
    assert asked(100) == few
    assert queries(browser, place(alliance)) == index
