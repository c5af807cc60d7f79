"""Sightings through HTTP: anybody logs one, its reporter alone reads it, a receipt opens it."""

import json
from typing import Any
from uuid import uuid4

from casemgr.platform.outbox import Job
from searches.models import ReporterContact, Sighting, SightingPhoto
from tests import factories
from tests.api.helpers import RECEIPT, SIGHTINGS, receipt_header, refused, upload
from tests.cast import Cast

NEW: dict[str, Any] = {
    "kind": "street",
    "seen_at": {
        "text": "noon",
        "earliest": "2012-03-02T12:00:00+08:00",
        "latest": "2012-03-02T13:00:00+08:00",
    },
    "place": {"text": "station square", "division_code": "440300"},
    "reporter_place": {"text": "Hangzhou"},
    "sex": "female",
    "apparent_age_min": 5,
    "apparent_age_max": 7,
    "marks": [{"kind": "scar", "body_part": "eyebrow", "side": "left"}],
    "situation": "peddling",
    "description": "Sells flowers.",
    "danger_now": False,
    "contact": {"name": "Reporter Name", "phone": "+86 139 0000 0000"},
    "external_ids": [{"system": "lanterns", "id": "S-1"}],
}
FACTS: dict[str, Any] = {
    "sex": "female",
    "height_cm": None,
    "weight_kg": None,
    "blood_type": "",
    "ethnicity": "",
    "languages": [],
    "clothing": "",
    "description": "Sells flowers.",
    "kind": "street",
    "seen_at": NEW["seen_at"],
    "place": {
        "text": "station square",
        "division_code": "440300",
        "country": "CN",
        "latitude": None,
        "longitude": None,
        "datum": "wgs84",
        "precision_m": None,
    },
    "reporter_place": {
        "text": "Hangzhou",
        "division_code": None,
        "country": "CN",
        "latitude": None,
        "longitude": None,
        "datum": "wgs84",
        "precision_m": None,
    },
    "apparent_age_min": 5,
    "apparent_age_max": 7,
    "height_as_of": None,
    "marks": [{"kind": "scar", "body_part": "eyebrow", "side": "left", "text": ""}],
    "name_heard": "",
    "situation": "peddling",
    "companions": "",
    "vehicle": "",
    "memories": "",
    "source_url": "",
    "danger_now": False,
    "dna_on_file": None,
    "birth_date": None,
    "separated_at": None,
    "separated_from": None,
    "admitted_at": None,
    "external_ids": [{"system": "lanterns", "id": "S-1"}],
}


def test_anybody_logs_a_sighting_and_gets_an_id_and_a_receipt(cast: Cast) -> None:
    response = cast.anonymous.api().post(SIGHTINGS, NEW)
    assert response.status_code == 201
    sighting = Sighting.objects.get()
    assert response.json() == {
        "id": str(sighting.pk),
        "receipt": response.json()["receipt"],
    }
    assert sighting.reporter is None
    assert ReporterContact.objects.get().phone == "+86 139 0000 0000"
    assert Job.objects.get(subject=sighting.pk).handler == "searches.match_sighting"


def test_a_receipt_opens_what_was_told_and_nothing_else(cast: Cast) -> None:
    api = cast.anonymous.api()
    received = api.post(SIGHTINGS, NEW).json()
    other = api.post(SIGHTINGS, NEW).json()
    mine = receipt_header(received["receipt"])
    response = api.get(RECEIPT, headers=mine)
    body = response.json()
    assert body == {
        **FACTS,
        "id": received["id"],
        "status": "received",
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert "139 0000" not in response.content.decode()
    assert api.get(f"{SIGHTINGS}{received['id']}/", headers=mine).status_code == 200
    refused(api.get(f"{SIGHTINGS}{other['id']}/", headers=mine), 404, "not_found")
    listed = api.get(SIGHTINGS, headers=mine).json()["results"]
    assert [row["id"] for row in listed] == [received["id"]]


def test_a_receipt_may_be_typed_without_dashes_and_in_capitals(cast: Cast) -> None:
    api = cast.anonymous.api()
    code = api.post(SIGHTINGS, NEW).json()["receipt"].replace("-", "").upper()
    assert api.get(RECEIPT, headers=receipt_header(code)).status_code == 200


def test_a_wrong_receipt_and_none_at_all_open_nothing(cast: Cast) -> None:
    api = cast.anonymous.api()
    api.post(SIGHTINGS, NEW)
    wrong = api.get(RECEIPT, headers=receipt_header("aaaaaa-bbbbbb-cccccc"))
    refused(wrong, 401, "authentication_failed")
    assert "Receipt" in wrong["WWW-Authenticate"]
    assert api.get(RECEIPT, headers=receipt_header("x")).content == wrong.content
    for missing in (api.get(RECEIPT), api.patch(RECEIPT, {}), api.delete(RECEIPT)):
        refused(missing, 401, "not_authenticated")
    refused(api.get(RECEIPT, headers={"Authorization": "Bearer x"}), 401, "authentication_failed")
    refused(cast.volunteer.api().get(RECEIPT), 401, "not_authenticated")


def test_a_receipt_adds_facts_to_its_version(cast: Cast) -> None:
    api = cast.anonymous.api()
    mine = receipt_header(api.post(SIGHTINGS, NEW).json()["receipt"])
    before = api.get(RECEIPT, headers=mine)
    change = {"vehicle": "white van", "contact": {"email": "me@example.org"}}
    refused(api.patch(RECEIPT, change, headers=mine), 428, "precondition_required")
    after = api.patch(RECEIPT, change, headers={**mine, "If-Match": before["ETag"]})
    assert after.status_code == 200
    expected = {**before.json(), "vehicle": "white van", "updated_at": after.json()["updated_at"]}
    assert after.json() == expected
    assert ReporterContact.objects.get().email == "me@example.org"
    stale = api.patch(RECEIPT, change, headers={**mine, "If-Match": before["ETag"]})
    refused(stale, 412, "stale")


def test_a_withdrawn_sighting_says_so_and_takes_nothing_more(cast: Cast) -> None:
    api = cast.anonymous.api()
    mine = receipt_header(api.post(SIGHTINGS, NEW).json()["receipt"])
    assert api.delete(RECEIPT, headers=mine).status_code == 204
    assert api.delete(RECEIPT, headers=mine).status_code == 204
    after = api.get(RECEIPT, headers=mine)
    assert after.json()["status"] == "withdrawn"
    change = api.patch(RECEIPT, {"vehicle": "van"}, headers={**mine, "If-Match": after["ETag"]})
    refused(change, 409, "withdrawn")


def test_photos_come_along_in_one_request(cast: Cast) -> None:
    response = cast.anonymous.api().post(
        SIGHTINGS,
        {
            "data": json.dumps({"kind": "street"}),
            "photos": [upload(factories.jpeg(1)), upload(factories.jpeg(2))],
        },
        format="multipart",
    )
    assert response.status_code == 201
    assert response.json().keys() == {"id", "receipt"}
    assert SightingPhoto.objects.count() == 2
    assert len(factories.stored_files()) == 2


def test_the_data_part_may_be_a_file_of_its_own(cast: Cast) -> None:
    data = upload(json.dumps(NEW).encode(), name="data.json")
    response = cast.anonymous.api().post(SIGHTINGS, {"data": data}, format="multipart")
    assert response.status_code == 201
    assert Sighting.objects.get().description == "Sells flowers."


def test_a_receipt_adds_photos_one_by_one_up_to_ten(cast: Cast) -> None:
    api = cast.anonymous.api()
    received = api.post(SIGHTINGS, NEW).json()
    photos = f"{SIGHTINGS}{received['id']}/photos/"
    mine = receipt_header(received["receipt"])
    sent: dict[str, Any] = {"shows": "child_then", "taken_at": '{"text": "2009"}'}

    def add(seed: int) -> Any:
        image = upload(factories.jpeg(seed))
        return api.post(photos, {**sent, "image": image}, format="multipart", headers=mine)

    body = add(1).json()
    assert body == {
        "id": body["id"],
        "status": "received",
        "faces": None,
        "quality": None,
        "advice": "",
        "advice_code": "",
        "taken_at": {"text": "2009", "earliest": "2009-01-01", "latest": "2009-12-31"},
        "image_url": None,
        "thumb_url": None,
        "shows": "child_then",
        "subject_face": None,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert api.get(f"{photos}{body['id']}/", headers=mine).json() == body
    for seed in range(2, 11):
        assert add(seed).status_code == 201
    refused(add(11), 409, "too_many_photos")
    assert len(api.get(photos, headers=mine).json()["results"]) == 10
    image = {"image": upload(factories.jpeg(1))}
    refused(api.post(photos, image, format="multipart"), 401, "not_authenticated")
    stranger = cast.volunteer.api()
    refused(stranger.post(photos, image, format="multipart"), 404, "not_found")


def test_reporters_with_an_account_see_their_own_alone(cast: Cast) -> None:
    api = cast.volunteer.api()
    pk = api.post(SIGHTINGS, NEW).json()["id"]
    cast.other_guardian.api().post(SIGHTINGS, NEW)
    response = api.get(f"{SIGHTINGS}{pk}/")
    body = response.json()
    assert body == {
        **FACTS,
        "id": pk,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert api.get(SIGHTINGS).json() == {"next": None, "previous": None, "results": [body]}
    change = {"kind": "online", "source_url": "https://example.org/post"}
    after = api.patch(f"{SIGHTINGS}{pk}/", change, headers={"If-Match": response["ETag"]})
    assert after.json() == {**body, **change, "updated_at": after.json()["updated_at"]}
    stranger = cast.other_guardian.api()
    absent = stranger.get(f"{SIGHTINGS}{uuid4()}/")
    assert stranger.get(f"{SIGHTINGS}{pk}/").content == absent.content
    refused(absent, 404, "not_found")


def test_nobody_lists_sightings_without_an_account_or_receipt(cast: Cast) -> None:
    pk = cast.anonymous.api().post(SIGHTINGS, NEW).json()["id"]
    for address in (SIGHTINGS, f"{SIGHTINGS}{pk}/", f"{SIGHTINGS}{pk}/photos/"):
        refused(cast.anonymous.api().get(address), 401, "not_authenticated")
