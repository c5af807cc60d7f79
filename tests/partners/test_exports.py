"""Taking cases out as a file, by the one program that asked for it."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from casemgr.platform import erasure, outbox, retention
from casemgr.platform.audit import AuditEntry
from casemgr.platform.erasure import Kind, Why
from casemgr.platform.outbox import Job
from cases import lifecycle
from cases.models import Case, Consent, ConsentPurpose, ExportJob, ExportPart
from cases.services import give_consent
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast
from tests.partners.test_imports import brought_in, counts

pytestmark = pytest.mark.django_db
EXPORTS = f"{BASE}exports/"
CASES = f"{BASE}cases/"
NEW = {
    "public_name": "=1+1",
    "child": {
        "sex": "female",
        "full_name": "林小满",
        "nicknames": ["满满", "Manman"],
        "height_cm": 110,
        "marks": [{"kind": "scar", "body_part": "eyebrow", "side": "left", "text": "small"}],
        "description": "+86 1; @home\n-x",
    },
    "missing_at": "summer 2011",
    "missing_from": {
        "text": "昆明西山",
        "division_code": "530112",
        "latitude": 25.0,
        "longitude": 102.6,
    },
    "dna_on_file": True,
    "external_ids": [{"system": "lighthouse", "id": "L-1"}],
}


def work_off() -> None:
    while job := Job.objects.filter(handler="cases.export").exclude(state="done").first():
        outbox.run(job.pk)


def exported(cast: Cast, format: str, **options: Any) -> tuple[dict[str, Any], str]:
    answer = cast.program.api().post(EXPORTS, {"format": format, **options})
    assert answer.status_code == 201, answer.json()
    work_off()
    job = cast.program.api().get(f"{EXPORTS}{answer.json()['id']}/").json()
    assert "key" not in job
    return job, answer.json()["key"]


def fetched(cast: Cast, job: dict[str, Any], key: str) -> bytes:
    answer: Any = cast.program.api().get(f"{EXPORTS}{job['id']}/file/", headers={"Export-Key": key})
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def test_a_csv_is_inert_watermarked_and_read_back_without_a_change(cast: Cast) -> None:
    filed = cast.program.api().post(CASES, NEW).json()
    cast.other_program.api().post(CASES, {**NEW, "public_name": "theirs"})
    job, key = exported(cast, "csv")

    assert (job["status"], job["progress"], job["rows"]) == ("done", 1.0, 1)
    text = fetched(cast, job, key)
    [line] = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert (line["public_name"], line["child.description"]) == ("'=1+1", "'+86 1; @home\n-x")
    assert line["reference"] == filed["reference"]
    assert line["exported"].startswith("importer (Lighthouse) · 20")
    assert line["exported"].endswith(job["id"])
    again = brought_in(cast.program, text, "csv")
    assert again["counts"] == counts(unchanged=1)


@pytest.mark.parametrize("format", ["ndjson", "xlsx"])
def test_what_is_exported_is_imported_elsewhere_as_it_was(cast: Cast, format: str) -> None:
    cast.program.api().post(CASES, NEW)
    job, key = exported(cast, format)
    data = fetched(cast, job, key)
    there = brought_in(cast.other_program, data, format)

    assert there["counts"] == counts(created=1)
    own = {"id", "reference", "created_at", "updated_at"}
    one, other = (
        {k: v for k, v in who.api().get(CASES).json()["results"][0].items() if k not in own}
        for who in (cast.program, cast.other_program)
    )
    assert one == other
    if format == "xlsx":
        book = load_workbook(io.BytesIO(data))
        assert {cell.data_type for cell in book["cases"][2]} <= {"s", "n", "inlineStr"}
        assert job["id"] in str(book["about"]["B1"].value)
    else:
        assert json.loads(data)["exported"].endswith(job["id"])


def test_at_rest_nobody_but_the_holder_of_the_key_reads_it(cast: Cast) -> None:
    cast.program.api().post(CASES, NEW)
    job, key = exported(cast, "ndjson")

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM cases_exportpart")
        [(content,)] = cursor.fetchall()
        cursor.execute("SELECT j::text FROM cases_exportjob j")
        [(row,)] = cursor.fetchall()
    assert "林小满".encode() not in bytes(content)
    assert key not in row
    where = f"{EXPORTS}{job['id']}/file/"
    api = cast.program.api()
    for wrong in ("", "x", key[:-2] + "AA", exported(cast, "csv")[1]):
        refused(api.get(where, headers={"Export-Key": wrong}), 403, "wrong_key")


def test_without_a_key_nothing_is_said_of_how_far_it_is(cast: Cast) -> None:
    api = cast.program.api()
    job = api.post(EXPORTS, {"format": "csv"}, format="json").json()
    where = f"{EXPORTS}{job['id']}/file/"
    refused(api.get(where), 403, "wrong_key")
    refused(api.get(where, headers={"Export-Key": job["key"]}), 409, "export_not_done")


def test_only_the_program_that_asked_fetches_it(cast: Cast) -> None:
    job, key = exported(cast, "csv")
    where = f"{EXPORTS}{job['id']}/"
    sent = {"Export-Key": key}
    colleague = cast.program_of(cast.partner)
    for who in (colleague, cast.other_program):
        refused(who.api().get(where), 404, "not_found")
        refused(who.api().get(f"{where}file/", headers=sent), 404, "not_found")
        assert who.api().get(EXPORTS).json()["results"] == []
    refused(cast.program.api("cases:write").get(where), 403, "insufficient_scope")
    for person in (cast.coordinator, cast.reviewer, cast.admin):
        refused(person.api().post(EXPORTS, {"format": "csv"}), 404, "not_found")


def test_asking_writing_and_fetching_are_written_down(cast: Cast) -> None:
    filed = cast.program.api().post(CASES, NEW).json()
    job, key = exported(cast, "csv")
    fetched(cast, job, key)

    acts = AuditEntry.objects.filter(action__in=["X", "fetch_export"]).order_by("at", "id")
    assert [(act.action, act.subject_type) for act in acts] == [
        ("X", "export"),
        ("X", "case"),
        ("fetch_export", "export"),
    ]
    assert {act.user_id for act in acts} == {cast.program.client.pk}
    assert [str(pk) for pk in acts[1].subject_ids] == [filed["id"]]


def test_it_ends_with_its_time_and_with_the_right_to_any_case_in_it(cast: Cast) -> None:
    case = factories.file_case(cast)
    give_consent(
        actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.SHARE, partner=cast.partner
    )
    job, key = exported(cast, "csv")
    assert b"Xiaoman" in fetched(cast, job, key)
    lifecycle.revoke_consent(actor=cast.guardian.actor, consent=Consent.objects.get())
    api = cast.program.api()
    sent = {"Export-Key": key}
    refused(api.get(f"{EXPORTS}{job['id']}/file/", headers=sent), 410, "gone")

    job, key = exported(cast, "csv")
    ExportJob.objects.filter(pk=job["id"]).update(expires_at=timezone.now())
    refused(
        cast.program.api().get(f"{EXPORTS}{job['id']}/file/", headers={"Export-Key": key}),
        410,
        "gone",
    )
    [rule] = [rule for rule in retention.rules() if rule.name == "exports"]
    rule.run(10)
    assert not ExportJob.objects.filter(pk=job["id"]).exists()


def test_a_case_that_is_to_be_erased_takes_its_exports_with_it(cast: Cast) -> None:
    cast.program.api().post(CASES, NEW)
    job, _key = exported(cast, "csv")
    erasure.request(Kind.CASE, Case.objects.get().pk, why=Why.RETENTION)

    assert ExportPart.objects.count() == 0
    after = cast.program.api().get(f"{EXPORTS}{job['id']}/").json()
    assert (after["status"], after["problem"]["code"]) == ("refused", "outdated")


def test_it_can_be_narrowed_and_what_is_not_known_is_refused(cast: Cast) -> None:
    api = cast.program.api()
    api.post(CASES, NEW)
    later = timezone.now() + timedelta(hours=1)
    assert exported(cast, "csv", status="open")[0]["rows"] == 0
    assert exported(cast, "csv", status="draft")[0]["rows"] == 1
    assert exported(cast, "csv", updated_since=later.isoformat())[0]["rows"] == 0
    for body, pointer in (({"format": "pdf"}, "/format"), ({"format": "csv", "x": 1}, "/x")):
        assert pointer in refused(api.post(EXPORTS, body), 400, "invalid")
    with time_machine.travel(later):
        refused(
            cast.program.api().get(
                f"{EXPORTS}0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11/file/", headers={"Export-Key": "x"}
            ),
            404,
            "not_found",
        )


def test_the_list_takes_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for _number in range(4):
        exported(cast, "csv")
    api = cast.program.api()
    with django_assert_max_num_queries(4):
        assert len(api.get(EXPORTS).json()["results"]) == 4
