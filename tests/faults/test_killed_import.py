"""An import whose worker is killed while it works: every row comes in, and each one once."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now

from casemgr.platform.outbox import Job, JobState
from cases.models import BulkStatus, Case, ImportJob, ImportRow
from tests.cast import Cast
from tests.faults.house import House, wait_for
from tests.platform.embedded_places import new_place, remove

ROWS = 700

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def _file() -> SimpleUploadedFile:
    rows = (
        {
            "public_name": f"Child {number}",
            "child": {"full_name": "林小满", "sex": "female"},
            "missing_at": "summer 2011",
            "missing_from": {"division_code": "530112"},
            "external_ids": [{"system": "test", "id": str(number)}],
        }
        for number in range(ROWS)
    )
    return SimpleUploadedFile("cases", "\n".join(map(json.dumps, rows)).encode())


def test_rows_come_in_once_though_the_worker_is_killed_in_the_middle(cast: Cast) -> None:
    place = new_place()
    place.var.mkdir()
    house = House(Path(place.var), None)
    try:
        house.start_broker()
        house.start_beat()
        house.start_worker("default,bulk")
        sent = cast.program.api().post(
            "/api/v1/imports/",
            {"file": _file(), "format": "ndjson", "mode": "skip_bad"},
            format="multipart",
        )
        assert sent.status_code == 201, sent.content
        job = ImportJob.objects.get(pk=sent.json()["id"])

        def reaches(count: int) -> bool:
            job.refresh_from_db()
            return job.done >= count

        wait_for(lambda: reaches(1), seconds=120, what="the first rows")
        house.kill("worker")
        job.refresh_from_db()
        assert job.done < ROWS, "the worker was done before it could be killed"
        assert Case.objects.count() == ImportRow.objects.count() == job.done

        # Its lease is minutes long; the test need not wait for it to run out.
        Job.objects.filter(state=JobState.RUNNING).update(lease_until=Now())
        house.start_worker("default,bulk")
        wait_for(lambda: reaches(ROWS), seconds=240, what="the rest of the rows")
        wait_for(lambda: _ended(job), seconds=60, what="the import to end")
        assert job.status == BulkStatus.DONE
        assert Case.objects.count() == ROWS
        numbers = ImportRow.objects.order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, ROWS + 1))
    except AssertionError as failed:
        raise AssertionError(f"{failed}\n{house.log()}") from failed
    finally:
        house.stop()
        remove(place)


def _ended(job: ImportJob) -> bool:
    job.refresh_from_db()
    return job.finished_at is not None
