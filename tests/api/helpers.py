"""What tests of the API share: uploads, and reading a refusal."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from casemgr.platform.outbox import Event, Job
from cases.models import CasePhoto
from searches.models import Sighting, SightingPhoto
from tests.factories import stored_files

BASE = "/api/v1/"
SIGHTINGS = f"{BASE}sightings/"
RECEIPT = f"{BASE}receipts/me/"


def upload(data: bytes, *, name: str = "photo.jpg") -> SimpleUploadedFile:
    """A file part."""
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def refused(response: Any, status: int, code: str) -> dict[str, str]:
    """Hold a refusal against the contract; returns its errors as {pointer: code}."""
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response["Content-Type"] == "application/problem+json"
    assert body.keys() - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert body["type"] == f"urn:homeward:problem:{code}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return {line["pointer"]: line["code"] for line in body.get("errors", [])}


def nothing_of_a_sighting() -> None:
    """No row, no file and no work is left of what was refused."""
    for model in (Sighting, SightingPhoto, CasePhoto, Job, Event):
        assert model.objects.count() == 0, model
    assert stored_files() == []


def receipt_header(code: str) -> dict[str, str]:
    return {"Authorization": f"Receipt {code}"}
