"""Bringing cases in from files, as partners' programs and alliances' coordinators do."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from casemgr.platform import outbox
from casemgr.platform.audit import AuditEntry
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from cases.bulk import import_work, parts
from cases.models import Case, CasePhoto, ImportJob, ImportPart, ImportRow
from families.models import Family
from tests import factories
from tests.api.helpers import BASE, refused, upload
from tests.cast import Cast, Person, ProgramOf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_parts")]
IMPORTS = f"{BASE}imports/"
CASES = f"{BASE}cases/"


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a hundred rows, so that a short file has several."""
    monkeypatch.setattr(parts, "PART_ROWS", 100)


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "child": {"full_name": "林小满", "sex": "female"},
        "missing_at": "summer 2011",
        "external_ids": [{"system": "camp", "id": str(number)}],
        **changes,
    }


def ndjson(*rows: Any) -> bytes:
    lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in rows]
    return b"\n".join(lines)


def send(api: Any, data: bytes, format: str = "ndjson", **options: Any) -> Any:
    body = {"file": SimpleUploadedFile("cases", data), "format": format, **options}
    return api.post(IMPORTS, body, format="multipart")


def work_off() -> None:
    """Let the worker's own code run every import to its end."""
    while (
        job := Job.objects.filter(handler__in=["cases.import", "cases.cut_import"])
        .exclude(state__in=["done", "set_aside"])
        .first()
    ):
        outbox.run(job.pk)


def brought_in(
    who: ProgramOf | Person, data: bytes, format: str = "ndjson", **options: Any
) -> dict[str, Any]:
    """The import as it stands at its end."""
    api = who.api()
    answer = send(api, data, format, **options)
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["status"], answer.json()["progress"]) == ("waiting", 0.0)
    work_off()
    found: dict[str, Any] = api.get(f"{IMPORTS}{answer.json()['id']}/").json()
    return found


def rows_of(who: ProgramOf | Person, job: Mapping[str, Any], query: str = "") -> list[Any]:
    found: list[Any] = who.api().get(f"{IMPORTS}{job['id']}/rows/{query}").json()["results"]
    return found


def codes(rows: Sequence[Mapping[str, Any]]) -> dict[int, list[tuple[str, str]]]:
    return {
        each["row"]: [(line["pointer"], line["code"]) for line in each["errors"]] for each in rows
    }


def sheet(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    for cells in rows:
        book.active.append(list(cells))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def counts(**known: int) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "refused", "undone", "kept", "left_out")
    return dict.fromkeys(names, 0) | known


@pytest.mark.parametrize("mode", ["all_or_nothing", "skip_bad"])
def test_a_program_brings_cases_in_as_the_api_would(cast: Cast, mode: str) -> None:
    job = brought_in(cast.program, ndjson(*map(row, range(250))), mode=mode)

    assert (job["status"], job["progress"], job["rows"]) == ("done", 1.0, 250)
    assert job["counts"] == counts(created=250)
    case = Case.objects.get(external_ids__value="17")
    assert (case.partner, case.status, case.child.full_name) == (
        cast.partner,
        CaseStatus.DRAFT,
        "林小满",
    )
    by_api = cast.program.api().post(CASES, row(999)).json()
    by_file = cast.program.api().get(f"{CASES}{case.pk}/").json()
    own = {"id", "reference", "created_at", "updated_at", "external_ids"}
    assert {k: v for k, v in by_file.items() if k not in own} == {
        k: v for k, v in by_api.items() if k not in own
    }
    assert Case.objects.get(pk=by_api["id"]).tokens == case.tokens
    acts = AuditEntry.objects.filter(action="C", subject_type="case")
    assert {len(act.subject_ids) for act in acts} <= {1, 50, 100, 250}
    assert ImportPart.objects.count() == 0


def test_bad_rows_are_named_by_pointer_and_the_others_come_in(cast: Cast) -> None:
    deep = b'{"story": "' + b"x" * 900_000 + b'", }'
    data = ndjson(
        row(1),
        {"child": {"sex": "boy"}, "missing_at": "x"},
        {**row(2), "colour": "red"},
        deep,
        b'{"story": "\xff"}',
        b"[" * 100_000,
        b'{"child": {"height_cm": 1e400}}',
        row(1),
        row(3, missing_at={"earliest": "2099-01-01"}),
        row(4),
        row(5, alliance="0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11"),
        row(6, photos=["https://example.org/x.jpg"]),
    )
    job = brought_in(cast.program, data, mode="skip_bad")

    assert job["counts"] == counts(created=2, refused=10)
    bad = rows_of(cast.program, job, "?outcome=refused")
    assert codes(bad) == {
        2: [("/child/sex", "invalid_choice")],
        3: [("/colour", "unknown_field")],
        4: [("", "malformed_json")],
        5: [("", "wrong_encoding")],
        6: [("", "too_deep")],
        7: [("", "number_out_of_range")],
        8: [("/external_ids", "duplicate_in_file")],
        9: [("/missing_at", "in_the_future")],
        11: [("/alliance", "unknown_alliance")],
        12: [("/photos", "invalid")],
    }
    assert "female, male, unknown" in bad[0]["errors"][0]["detail"]
    assert Case.objects.count() == 2
    assert not ImportRow.objects.exclude(keys=[]).exists(), "digests of ids outlive their import"


def test_all_or_nothing_leaves_nothing_of_a_file_with_one_bad_row(cast: Cast) -> None:
    there = cast.program.api().post(CASES, row(3)).json()
    job = brought_in(
        cast.program, ndjson(row(1), row(2), row(3, story="new"), row(4, place_type="moon"))
    )

    assert (job["status"], job["problem"]["code"]) == ("refused", "rows_refused")
    assert job["counts"] == counts(refused=1, undone=3)
    assert [str(case.pk) for case in Case.objects.all()] == [there["id"]]
    assert Case.objects.get().story == ""
    assert Family.objects.count() == 1


def test_what_is_kept_back_is_nobodys_until_the_last_row_is_good(cast: Cast) -> None:
    api = cast.program.api()
    job_id = UUID(send(api, ndjson(*map(row, range(150)))).json()["id"])

    assert import_work.step(job_id)
    assert Case.objects.count() == 100
    assert api.get(CASES).json()["results"] == []
    case = Case.objects.all()[0]
    refused(api.get(f"{CASES}{case.pk}/"), 404, "not_found")
    assert api.get(f"{IMPORTS}{job_id}/").json()["progress"] == 0.67
    work_off()
    assert len(api.get(f"{CASES}?page_size=200").json()["results"]) == 150


def test_a_killed_worker_leaves_nothing_of_a_part_and_the_next_one_goes_on(cast: Cast) -> None:
    from django.db import transaction

    job_id = UUID(
        send(cast.program.api(), ndjson(*map(row, range(250))), mode="skip_bad").json()["id"]
    )
    assert import_work.step(job_id)
    with transaction.atomic():
        import_work.step(job_id)
        transaction.set_rollback(True)  # as the database does when its client dies

    assert Case.objects.count() == 100
    work_off()
    assert Case.objects.count() == 250
    assert list(ImportRow.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, 251)
    )


def test_a_dry_run_says_what_would_be_and_keeps_nothing(cast: Cast) -> None:
    cast.program.api().post(CASES, row(2))
    job = brought_in(
        cast.program,
        ndjson(row(1), row(2, story="x"), row(3, circumstance="?"), row(1)),
        dry_run=True,
    )

    assert (job["status"], job["counts"]) == ("done", counts(created=1, updated=1, refused=2))
    assert Case.objects.count() == 1
    assert Case.objects.get().story == ""
    assert rows_of(cast.program, job)[0]["case"] is None
    refused(cast.program.api().post(f"{IMPORTS}{job['id']}/undo/"), 409, "nothing_to_undo")


@pytest.mark.parametrize("mode", ["all_or_nothing", "skip_bad"])
def test_sent_again_it_changes_what_is_different_and_doubles_nothing(cast: Cast, mode: str) -> None:
    brought_in(cast.program, ndjson(*map(row, range(5))), mode=mode)
    case = Case.objects.get(external_ids__value="2")
    changed = row(2, story="She liked lanterns.", child={"nicknames": ["Manman"]})
    job = brought_in(cast.program, ndjson(row(0), changed, row(7)), mode=mode)

    assert job["counts"] == counts(created=1, updated=1, unchanged=1)
    assert Case.objects.count() == 6
    case.refresh_from_db()
    assert (case.story, case.child.full_name, case.child.nicknames) == (
        "She liked lanterns.",
        "林小满",
        ["Manman"],
    )
    # Another organisation's ids are its own.
    other = brought_in(cast.other_program, ndjson(row(2)), mode=mode)
    assert other["counts"] == counts(created=1)


CHINESE = (
    "编号",
    "姓名",
    "性别",
    "出生日期",
    "失踪时间",
    "失踪地点",
    "身高（厘米）",
    "特征",
    "小名",
    "照片",
)
LIN = ("camp:1", "林小满", "女", "2006年5月21日", "2011年夏天", "昆明西山", "110",
       "疤痕 | 眉 | 左 | 三厘米", "满满、小满", "lin.jpg")  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_chinese_sheet_is_read_by_its_own_headings(cast: Cast, encoding: str) -> None:
    text = "\r\n".join(",".join(f'"{cell}"' for cell in cells) for cells in (CHINESE, LIN))
    job = brought_in(cast.program, text.encode(encoding), "csv")

    assert job["counts"] == counts(created=1), rows_of(cast.program, job)
    case = Case.objects.get()
    mark = case.child.marks.get()
    assert (mark.kind, mark.body_part, mark.side, mark.text) == (
        "scar",
        "eyebrow",
        "left",
        "三厘米",
    )
    assert (case.child.sex, case.child.height_cm, case.child.nicknames) == (
        "female",
        110,
        ["满满", "小满"],
    )
    assert str(case.child.birth_date.earliest) == "2006-05-21"
    assert case.missing_from.text == "昆明西山"


def test_a_workbook_is_read_and_its_errors_come_back_as_a_sheet(cast: Cast) -> None:
    import datetime

    job = brought_in(
        cast.program,
        sheet(
            ("full name", "sex", "missing at", "height"),
            ("林小满", "female", datetime.date(2011, 6, 1), 110.0),
            (None, None, None, None),
            ("Wang", "dragon", "=TODAY()", 110),
        ),
        "xlsx",
        mode="skip_bad",
    )

    assert job["counts"] == counts(created=1, refused=1)
    assert Case.objects.get().missing_at.text == "2011-06-01"
    api = cast.program.api()
    text = api.get(f"{IMPORTS}{job['id']}/errors/csv/")
    assert text["Content-Type"] == "text/csv"
    assert text.content.decode("utf-8-sig").splitlines()[1:] == [
        "4,missing at,/missing_at,formula,There is a formula in this cell. Put what it shows in "
        "its place.",
        '4,sex,/child/sex,invalid_choice,"Use one of: female, male, unknown."',
    ]
    book = load_workbook(
        io.BytesIO(api.get(f"{IMPORTS}{job['id']}/errors/xlsx/", headers={"Accept": "*/*"}).content)
    )
    assert [cell.value for cell in book.active[2]][:4] == [
        "4",
        "missing at",
        "/missing_at",
        "formula",
    ]


def bomb() -> bytes:
    plain = sheet(("full name",), ("x",))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(buffer, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"</sheetData>", b" " * 80_000_000 + b"</sheetData>")
            new.writestr(name, content)
    return buffer.getvalue()


def merged() -> bytes:
    book = Workbook()
    book.active.append(["full name", "sex"])
    book.active.append(["x", "female"])
    book.active.merge_cells("A2:A4")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "format", "code"),
    [
        (b"", "ndjson", "empty"),
        ("姓名,颜色\nx,y".encode(), "csv", "unknown_column"),
        ("姓名,name\nx,y".encode(), "csv", "duplicate_column"),
        (b"1,2\n3,4", "csv", "unknown_column"),
        (b'full name\n"x', "csv", "malformed_csv"),
        ("姓名\nx".encode("utf-16"), "csv", "wrong_encoding"),
        (b"full name\n\xff\xff\xff", "csv", "wrong_encoding"),
        (b"full name\n", "csv", "empty"),
        (b"{}\n" * 50_001, "ndjson", "too_many_rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    cast: Cast, data: bytes, format: str, code: str
) -> None:
    if data == b"":
        data = b"\n"
    refused(send(cast.program.api(), data, format), 400, code)

    assert (ImportJob.objects.count(), ImportPart.objects.count(), Job.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 no", "malformed_xlsx"),
        (sheet(("full name", "colour"), ("x", "red")), "unknown_column"),
        (merged(), "merged_cells"),
        (bomb(), "unpacks_too_large"),
    ],
    ids=["broken", "unknown column", "merged", "bomb"],
)
def test_a_bad_workbook_is_refused_as_a_whole(
    cast: Cast, data: bytes, code: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = brought_in(cast.program, data, "xlsx")

    assert (job["status"], job["problem"]["code"]) == ("refused", code)
    assert Case.objects.count() == 0
    assert factories.stored_files() == []


def test_options_are_checked_and_a_file_has_a_limit(cast: Cast, monkeypatch: Any) -> None:
    from cases.bulk import import_api

    api = cast.program.api()
    answer = send(api, b"{}", "xml", mode="some", colour="red")
    assert refused(answer, 400, "invalid") == {"/colour": "unknown_field"}
    answer = send(api, b"{}", "xml", mode="some")
    assert refused(answer, 400, "invalid") == {
        "/format": "invalid_choice",
        "/mode": "invalid_choice",
    }
    monkeypatch.setattr(import_api.BulkFileParser, "most_file", 10)
    refused(send(api, b"{}" * 10, "ndjson"), 413, "too_large")
    refused(api.post(IMPORTS, {"format": "csv"}), 415, "unsupported_media_type")


def test_undo_erases_what_was_created_and_names_what_was_built_on(cast: Cast) -> None:
    api = cast.program.api()
    there = api.post(CASES, row(9)).json()["id"]
    job = brought_in(cast.program, ndjson(*map(row, range(4)), row(9, story="s")), mode="skip_bad")
    first, second, *_rest = Case.objects.exclude(pk=there).order_by("external_ids__value")
    lifecycle.transition(actor=cast.program.actor, case=first, to=CaseStatus.SUBMITTED)
    api.post(f"{CASES}{second.pk}/guardians/", {"relation": "aunt"})

    answer = api.post(f"{IMPORTS}{job['id']}/undo/")
    assert (answer.status_code, answer.json()["status"]) == (200, "undoing")
    work_off()
    factories.work_off()
    after = api.get(f"{IMPORTS}{job['id']}/").json()
    assert (after["status"], after["counts"]) == ("undone", counts(undone=2, kept=3))
    kept = rows_of(cast.program, job, "?outcome=kept")
    assert codes(kept) == {
        1: [("", "built_on")],
        2: [("", "built_on")],
        5: [("", "was_there_before")],
    }
    assert set(Case.objects.values_list("pk", flat=True)) == {UUID(there), first.pk, second.pk}
    refused(api.post(f"{IMPORTS}{job['id']}/undo/"), 409, "nothing_to_undo")
    again = brought_in(cast.program, ndjson(row(3)), mode="skip_bad")
    assert again["counts"] == counts(created=1)


def test_photos_come_by_their_names_and_never_by_an_address(cast: Cast) -> None:
    api = cast.program.api()
    data = ndjson(row(1, photos=["L-1.jpg"]), row(2, photos=["l-1.JPG"]))
    job = brought_in(cast.program, data, mode="skip_bad")
    where = f"{IMPORTS}{job['id']}/photos/"
    assert codes(rows_of(cast.program, job))[2] == [("/photos", "photo_twice")]

    def photo(name: str) -> Any:
        return api.post(
            where, {"name": name, "image": upload(factories.jpeg(1))}, format="multipart"
        )

    assert refused(photo("other.jpg"), 400, "invalid") == {"/name": "unknown_photo_name"}
    answer = photo("L-1.JPG")
    assert answer.status_code == 201, answer.json()
    assert CasePhoto.objects.get().case == Case.objects.get(external_ids__value="1")
    refused(photo("L-1.jpg"), 409, "photo_taken_in")
    assert [line["photo"] for line in api.get(where).json()["results"]] == [
        str(CasePhoto.objects.get().pk)
    ]


def test_a_coordinator_brings_cases_in_for_their_alliance(cast: Cast) -> None:
    coordinator, alliance = cast.coordinator, cast.alliance
    data = b"full name,sex,missing at,external ids\nLin,female,2011,wall:1\n"
    job = brought_in(coordinator, data, "csv", alliance=str(alliance.pk))

    assert job["counts"] == counts(created=1)
    case = Case.objects.get()
    assert (case.alliance, case.partner, case.family.guardians.count()) == (alliance, None, 0)
    assert Case.objects.visible_to(coordinator.actor).get() == case
    again = brought_in(coordinator, data, "csv", alliance=str(alliance.pk))
    assert again["counts"] == counts(unchanged=1)
    factories.file_case(cast)
    for person in (cast.guardian, coordinator):
        answer = send(person.api(), data, "csv")
        assert refused(answer, 400, "invalid") == {"/alliance": "unknown_alliance"}
    answer = send(cast.program.api(), data, "csv", alliance=str(alliance.pk))
    assert refused(answer, 400, "invalid") == {"/alliance": "unknown_alliance"}


def test_nobody_else_knows_of_an_import(cast: Cast) -> None:
    job = brought_in(cast.program, ndjson(row(1)))
    where = f"{IMPORTS}{job['id']}/"

    for who in (cast.other_program, cast.coordinator):
        api = who.api()
        for part in ("", "rows/", "errors/csv/", "errors/xlsx/", "photos/"):
            refused(api.get(where + part), 404, "not_found")
        refused(api.post(f"{where}undo/"), 404, "not_found")
        assert api.get(IMPORTS).json()["results"] == []
    refused(cast.program.api("cases:read").get(IMPORTS), 403, "insufficient_scope")
    refused(cast.program.api("sightings:write").post(IMPORTS), 403, "insufficient_scope")
    refused(cast.reviewer.api().get(IMPORTS), 404, "not_found")
    refused(cast.anonymous.api().get(IMPORTS), 401, "not_authenticated")


@pytest.mark.parametrize("mode", ["all_or_nothing", "skip_bad"])
def test_a_stopped_organisation_brings_nothing_more_in(cast: Cast, mode: str) -> None:
    from casemgr.platform.partners import services

    api = cast.program.api()
    job_id = UUID(send(api, ndjson(*map(row, range(150))), mode=mode).json()["id"])
    import_work.step(job_id)
    services.stop(actor=cast.admin.actor, partner=cast.partner)
    work_off()

    job = ImportJob.objects.get(pk=job_id)
    assert (job.problem_code, Case.objects.count()) == (
        "not_allowed",
        0 if mode == "all_or_nothing" else 100,
    )


def test_no_more_than_three_run_at_a_time_and_a_key_starts_one(cast: Cast) -> None:
    api = cast.program.api()
    key = {"Idempotency-Key": "monday"}
    for _again in range(2):
        body = {"file": SimpleUploadedFile("x", ndjson(row(1))), "format": "ndjson"}
        assert api.post(IMPORTS, body, format="multipart", headers=key).status_code == 201
    assert ImportJob.objects.count() == 1
    for number in (2, 3):
        assert send(api, ndjson(row(number))).status_code == 201
    refused(send(api, ndjson(row(4))), 409, "too_many_imports")


def test_lists_take_the_same_few_queries_however_long(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    job = brought_in(cast.program, ndjson(*map(row, range(120))))
    api = cast.program.api()
    for query in ("page_size=5", "page_size=100"):
        with django_assert_max_num_queries(6):
            page = api.get(f"{IMPORTS}{job['id']}/rows/?{query}").json()
    assert page["next"]
    assert len(api.get(page["next"]).json()["results"]) == 20
    for number in range(3):
        brought_in(cast.program, ndjson(row(number)))
    with django_assert_max_num_queries(6):
        assert len(api.get(IMPORTS).json()["results"]) == 4
