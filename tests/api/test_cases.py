"""Cases through HTTP: their shapes, their changes, and who may make them."""

import io
import json
import zipfile
from typing import Any
from uuid import uuid4

import pytest

from casemgr.platform.personal_data import export_person
from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case
from tests import factories
from tests.api.helpers import BASE, refused, upload
from tests.cast import Cast

CASES = f"{BASE}cases/"
NEW: dict[str, Any] = {
    "public_name": "Xiaoman",
    "child": {
        "sex": "female",
        "full_name": "林小满",
        "nicknames": ["Manman"],
        "birth_date": "2006-05-21",
        "height_cm": 112,
        "height_as_of": {"text": "spring 2011", "earliest": "2011-03-01", "latest": "2011-05-31"},
        "blood_type": "AB+",
        "parents_blood_types": ["A", "B"],
        "languages": ["zh-CN", "Kunming dialect"],
        "marks": [
            {"kind": "mole", "body_part": "cheek", "side": "left", "public": True},
            {"kind": "scar", "text": "from a kettle"},
        ],
    },
    "missing_at": {"text": "2011年夏天"},
    "missing_from": {
        "text": "西山区一个集市",
        "division_code": "530112",
        "latitude": 25.05,
        "longitude": 102.66,
        "datum": "gcj02",
        "precision_m": 300,
    },
    "place_type": "market",
    "dna_on_file": True,
    "external_ids": [{"system": "lanterns", "id": "A-17"}],
}


def test_a_filed_case_comes_back_whole(cast: Cast) -> None:
    api = cast.guardian.api()
    response = api.post(CASES, NEW)
    assert response.status_code == 201
    body = response.json()
    case = Case.objects.get()
    assert body == {
        "id": str(case.pk),
        "reference": case.reference,
        "status": "draft",
        "withdrawal_asked_at": None,
        "public": False,
        "public_name": "Xiaoman",
        "child": {
            "sex": "female",
            "height_cm": 112,
            "weight_kg": None,
            "blood_type": "AB+",
            "ethnicity": "",
            "languages": ["zh-CN", "Kunming dialect"],
            "clothing": "",
            "description": "",
            "full_name": "林小满",
            "given_name": "",
            "family_name": "",
            "nicknames": ["Manman"],
            "name_pinyin": case.child.name_pinyin,
            "birth_date": {
                "text": "2006-05-21",
                "earliest": "2006-05-21",
                "latest": "2006-05-21",
            },
            "parents_blood_types": ["A", "B"],
            "height_as_of": {
                "text": "spring 2011",
                "earliest": "2011-03-01",
                "latest": "2011-05-31",
            },
            "marks": body["child"]["marks"],
        },
        "missing_at": {"text": "2011年夏天", "earliest": "2011-06-01", "latest": "2011-08-31"},
        "missing_from": {
            "text": "西山区一个集市",
            "division_code": "530112",
            "country": "CN",
            "latitude": 25.05,
            "longitude": 102.66,
            "datum": "gcj02",
            "precision_m": 300,
        },
        "place_type": "market",
        "circumstance": "",
        "child_situation": "",
        "story": "",
        "police_reference": "",
        "dna_on_file": True,
        "alliance": None,
        "external_ids": [{"system": "lanterns", "id": "A-17"}],
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert sorted(body["child"]["marks"], key=lambda mark: mark["kind"]) == [
        {"kind": "mole", "body_part": "cheek", "side": "left", "text": "", "public": True},
        {"kind": "scar", "body_part": "", "side": "", "text": "from a kettle", "public": False},
    ]
    assert api.get(f"{CASES}{case.pk}/").json() == body
    assert api.get(CASES).json() == {"next": None, "previous": None, "results": [body]}


def test_a_change_touches_what_it_names_and_needs_the_version_read(cast: Cast) -> None:
    api = cast.guardian.api()
    case = factories.file_case(cast)
    address = f"{CASES}{case.pk}/"
    before = api.get(address)
    change = {"child": {"nicknames": ["Little Lantern"]}, "story": "Seen last at the gate."}
    refused(api.patch(address, change), 428, "precondition_required")
    refused(api.patch(address, change, headers={"If-Match": '"older"'}), 412, "stale")
    after = api.patch(address, change, headers={"If-Match": before["ETag"]})
    assert after.status_code == 200
    expected = before.json()
    expected["child"]["nicknames"] = ["Little Lantern"]
    expected["story"] = "Seen last at the gate."
    expected["updated_at"] = after.json()["updated_at"]
    assert after.json() == expected
    assert after["ETag"] != before["ETag"]
    refused(api.patch(address, change, headers={"If-Match": before["ETag"]}), 412, "stale")
    assert api.get(address)["ETag"] == after["ETag"]


def test_there_is_no_put_and_no_delete(cast: Cast) -> None:
    case = factories.file_case(cast)
    api = cast.guardian.api()
    for response in (api.put(f"{CASES}{case.pk}/", {}), api.delete(f"{CASES}{case.pk}/")):
        refused(response, 405, "method_not_allowed")
    refused(api.options(CASES), 405, "method_not_allowed")


def test_a_case_goes_its_way_by_transitions_alone(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    guardian, reviewer = cast.guardian.api(), cast.reviewer.api()
    steps = f"{CASES}{case.pk}/transitions/"
    submitted = guardian.post(steps, {"to": "submitted"})
    assert (submitted.status_code, submitted.json()["status"]) == (200, "submitted")
    refused(guardian.post(steps, {"to": "verified"}), 403, "forbidden")
    refused(guardian.post(steps, {"to": "closed"}), 409, "no_such_step")
    assert refused(guardian.post(steps, {"to": "lost"}), 400, "invalid") == {
        "/to": "invalid_choice"
    }
    assert reviewer.post(steps, {"to": "verified"}).json()["status"] == "verified"
    assert reviewer.post(steps, {"to": "open", "reason": "police file seen"}).status_code == 200
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN


def test_an_unfinished_draft_is_told_what_is_missing(cast: Cast) -> None:
    api = cast.guardian.api()
    pk = api.post(CASES, {}).json()["id"]
    response = api.post(f"{CASES}{pk}/transitions/", {"to": "submitted"})
    assert refused(response, 400, "invalid") == {
        "/child/sex": "required",
        "/missing_at": "required",
        "/child/given_name": "required",
    }


def test_only_members_put_a_case_into_an_alliance(cast: Cast) -> None:
    alliance = cast.alliance
    response = cast.guardian.api().post(CASES, {**NEW, "alliance": str(alliance.pk)})
    assert refused(response, 400, "invalid") == {"/alliance": "unknown_alliance"}
    response = cast.coordinator.api().post(CASES, {**NEW, "alliance": str(alliance.pk)})
    assert response.json()["alliance"] == str(alliance.pk)


def test_a_photo_is_kept_then_developed(cast: Cast) -> None:
    case = factories.file_case(cast)
    api = cast.guardian.api()
    photos = f"{CASES}{case.pk}/photos/"
    sent = {"image": upload(factories.jpeg()), "taken_at": "2010", "consent_public": "true"}
    response = api.post(photos, sent, format="multipart")
    assert response.status_code == 201
    body = response.json()
    assert body == {
        "id": body["id"],
        "status": "received",
        "faces": None,
        "quality": None,
        "advice": "",
        "advice_code": "",
        "taken_at": {"text": "2010", "earliest": "2010-01-01", "latest": "2010-12-31"},
        "image_url": None,
        "thumb_url": None,
        "consent_public": True,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    factories.work_off("cases.develop_photo")
    ready = api.get(f"{photos}{body['id']}/")
    assert ready.json() == {
        **body,
        "status": "ready",
        "faces": 0,
        "quality": "poor",
        "advice_code": "no_face",
        "advice": ready.json()["advice"],
        "image_url": f"/media/case/{body['id']}/public/",
        "thumb_url": f"/media/case/{body['id']}/thumb/",
        "updated_at": ready.json()["updated_at"],
    }
    assert ready.json()["advice"].startswith("We found no face")
    assert api.get(photos).json()["results"] == [ready.json()]
    assert api.get(ready.json()["thumb_url"])["Content-Type"] == "image/jpeg"
    refused(cast.other_guardian.api().get(f"{photos}{body['id']}/"), 404, "not_found")


def test_a_coordinator_cannot_tick_a_photo_for_the_guardian(cast: Cast) -> None:
    case = factories.file_case(cast, case={"alliance": cast.alliance})
    photos = f"{CASES}{case.pk}/photos/"
    sent = {"image": upload(factories.jpeg()), "consent_public": "true"}
    response = cast.coordinator.api().post(photos, sent, format="multipart")
    assert refused(response, 400, "invalid") == {"/consent_public": "guardian_only"}
    assert factories.stored_files() == []
    sent = {"image": upload(factories.jpeg())}
    assert cast.coordinator.api().post(photos, sent, format="multipart").status_code == 201


def test_the_timeline_takes_what_happened(cast: Cast) -> None:
    case = factories.file_case(cast)
    api = cast.guardian.api()
    timeline = f"{CASES}{case.pk}/timeline/"
    response = api.post(
        timeline,
        {"kind": "disappearance", "occurred_at": "2011-07-04", "place": {"text": "the gate"}},
    )
    assert response.status_code == 201
    body = response.json()
    assert body == {
        "id": body["id"],
        "kind": "disappearance",
        "occurred_at": {"text": "2011-07-04", "earliest": "2011-07-04", "latest": "2011-07-04"},
        "place": {
            "text": "the gate",
            "division_code": None,
            "country": "CN",
            "latitude": None,
            "longitude": None,
            "datum": "wgs84",
            "precision_m": None,
        },
        "note": "",
        "created_at": body["created_at"],
        "updated_at": body["created_at"],
    }
    assert api.get(timeline).json()["results"] == [body]
    assert refused(api.post(timeline, {"kind": "note"}), 400, "invalid") == {"/note": "required"}
    future = {"kind": "note", "occurred_at": "2099-01-01"}
    assert refused(api.post(timeline, future), 400, "invalid") == {"/occurred_at": "in_the_future"}


def test_what_a_reviewer_puts_on_the_timeline_reaches_no_family(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer, cast.second_reviewer])
    timeline = f"{CASES}{case.pk}/timeline/"
    family, reviewer = cast.guardian.api(), cast.reviewer.api()
    told = family.post(timeline, {"kind": "note", "note": "She was seen off at noon."}).json()
    before = family.get(timeline).content, family.get(f"{CASES}{case.pk}/").content
    found = reviewer.post(
        timeline, {"kind": "rescue", "occurred_at": "2012-03-02", "place": {"text": "Quanzhou"}}
    )
    assert found.status_code == 201

    assert (family.get(timeline).content, family.get(f"{CASES}{case.pk}/").content) == before
    for api in (reviewer, cast.second_reviewer.api()):
        assert [event["id"] for event in api.get(timeline).json()["results"]] == [
            found.json()["id"],
            told["id"],
        ]
    assert cast.guardian.user is not None
    data = export_person(actor=cast.guardian.actor, user=cast.guardian.user)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        exported = json.loads(archive.read("data.json"))
    [event] = exported["cases"][0]["timeline"]
    assert event["note"] == told["note"]
    assert "for_review" not in event


def test_consent_is_given_by_guardians_and_taking_it_back_ends_publicity(cast: Cast) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    consents = f"{CASES}{case.pk}/consents/"
    refused(cast.reviewer.api().post(consents, {"purpose": "publish"}), 403, "forbidden")
    api = cast.guardian.api()
    again = api.post(consents, {"purpose": "publish"})
    listed = api.get(consents).json()["results"]
    assert listed == [again.json()]
    assert again.json() == {
        "id": again.json()["id"],
        "purpose": "publish",
        "alliance": None,
        "partner": None,
        "guardian": str(case.family.guardians.get().pk),
        "given_at": again.json()["given_at"],
        "revoked_at": None,
        "created_at": again.json()["given_at"],
        "updated_at": again.json()["given_at"],
    }
    anonymous = cast.anonymous.api()
    assert anonymous.get(f"{CASES}{case.pk}/").status_code == 200
    assert api.delete(f"{consents}{again.json()['id']}/").status_code == 204
    assert api.get(consents).json()["results"][0]["revoked_at"] is not None
    refused(anonymous.get(f"{CASES}{case.pk}/"), 410, "gone")


def test_guardians_are_told_without_their_contacts(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    guardian = case.family.guardians.get()
    for person in (cast.guardian, cast.reviewer):
        (row,) = person.api().get(f"{CASES}{case.pk}/guardians/").json()["results"]
        assert row == {
            "id": str(guardian.pk),
            "relation": "",
            "verified_at": None,
            "ended_at": None,
            "created_at": row["created_at"],
            "updated_at": row["created_at"],
        }


def test_everything_of_a_case_is_nowhere_for_strangers(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.file_case(cast, by=cast.other_guardian)
    for stranger in (cast.other_guardian, cast.volunteer, cast.coordinator, cast.reviewer):
        api = stranger.api()
        absent = api.get(f"{CASES}{uuid4()}/")
        refused(absent, 404, "not_found")
        for part in ("", "photos/", "timeline/", "consents/", "guardians/", "matches/"):
            answer = api.get(f"{CASES}{case.pk}/{part}")
            assert (answer.status_code, answer.content) == (404, absent.content), part
        for part, body in (
            ("transitions/", {"to": "withdrawn"}),
            ("timeline/", {"kind": "note", "note": "x"}),
            ("consents/", {"purpose": "publish"}),
        ):
            answer = api.post(f"{CASES}{case.pk}/{part}", body)
            assert (answer.status_code, answer.content) == (404, absent.content), part
        answer = api.patch(f"{CASES}{case.pk}/", {"story": "mine"}, headers={"If-Match": '"x"'})
        assert (answer.status_code, answer.content) == (404, absent.content)


def test_a_case_that_was_handed_in_cannot_lose_what_handing_in_asked_for(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    address = f"{CASES}{case.pk}/"
    api = cast.guardian.api()
    version = {"If-Match": api.get(address)["ETag"]}
    for change in (
        {"missing_at": {"text": ""}},
        {"child": {"sex": "unknown"}},
        {"child": {"full_name": "", "given_name": "", "nicknames": [], "name_pinyin": ""}},
    ):
        assert api.patch(address, change, headers=version).status_code == 400, change
    case = Case.objects.with_detail().get()
    assert (case.missing_at.text, case.child.sex) == ("summer 2011", "female")
    assert case.child.full_name == "林小满"


@pytest.mark.parametrize("words", ["the year the bridge fell", "赶集那天"])
def test_words_of_a_date_that_nobody_can_place_are_kept(cast: Cast, words: str) -> None:
    body = {"child": {"sex": "female", "given_name": "Mei"}, "missing_at": {"text": words}}
    answer = cast.guardian.api().post(CASES, body)

    assert answer.status_code == 201
    assert answer.json()["missing_at"] == {"text": words, "earliest": None, "latest": None}
