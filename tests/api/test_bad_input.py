"""What can't be accepted: a 4xx that says where and why, and nothing left behind."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from casemgr.platform import images
from searches.models import Sighting, SightingPhoto
from tests import factories
from tests.api.helpers import BASE, SIGHTINGS, nothing_of_a_sighting, refused, upload
from tests.cast import Cast
from tests.platform import hostile

WORDS = {"kind": "street", "description": "A girl selling flowers."}


def truncated() -> bytes:
    data = factories.jpeg(size=(640, 480))
    return data[: len(data) // 2]


def of_20_megabytes() -> bytes:
    return factories.jpeg() + b"\0" * (20 * 1024 * 1024)


BAD_PHOTOS: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "a text file named .jpg": (lambda: b"I am no picture.", 400, "not_a_photo"),
    "an empty file": (lambda: b"", 400, "empty"),
    "a truncated JPEG": (truncated, 400, "truncated"),
    "a PNG bomb": (lambda: hostile.png_bomb(10_000, 9_000), 400, "too_many_pixels"),
    "an SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', 400, "not_a_photo"),
    "an animated WebP": (lambda: hostile.animated("WEBP"), 400, "animated"),
    "20 MB": (of_20_megabytes, 413, "too_large"),
}


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_a_bad_photo_refuses_the_whole_sighting(cast: Cast, name: str) -> None:
    make, status, code = BAD_PHOTOS[name]
    response = cast.anonymous.api().post(
        SIGHTINGS,
        {
            "data": json.dumps(WORDS),
            "photos": [upload(factories.jpeg()), upload(make())],
        },
        format="multipart",
    )
    errors = refused(response, status, "invalid" if status == 400 else code)
    assert errors == {"/photos/1": code}
    nothing_of_a_sighting()


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_a_bad_photo_is_not_added_to_a_case(cast: Cast, name: str) -> None:
    make, status, code = BAD_PHOTOS[name]
    case = factories.file_case(cast)
    response = cast.guardian.api().post(
        f"{BASE}cases/{case.pk}/photos/", {"image": upload(make())}, format="multipart"
    )
    errors = refused(response, status, "invalid" if status == 400 else code)
    assert errors == {"/image": code}
    nothing_of_a_sighting()


def test_a_cmyk_jpeg_and_a_photo_without_a_face_are_taken(cast: Cast) -> None:
    cmyk = hostile.saved(hostile.scene().convert("CMYK"), "JPEG")
    response = cast.anonymous.api().post(
        SIGHTINGS,
        {"data": '{"kind": "street"}', "photos": [upload(cmyk), upload(factories.jpeg())]},
        format="multipart",
    )
    assert response.status_code == 201
    factories.work_off("searches.develop_photo")
    assert list(SightingPhoto.objects.values_list("status", "advice")) == [
        ("ready", "no_face"),
        ("ready", "no_face"),
    ]


def ahead(**more: float) -> str:
    return (timezone.now() + timedelta(**more)).isoformat()


BAD_FACTS: dict[str, tuple[Any, dict[str, str]]] = {
    "a date more than a day ahead": (
        {"seen_at": {"text": "", "earliest": ahead(hours=25), "latest": ahead(hours=26)}},
        {"/seen_at": "in_the_future"},
    ),
    "a latitude of 91": (
        {"place": {"latitude": 91, "longitude": 0}},
        {"/place/latitude": "out_of_range"},
    ),
    "one coordinate alone": ({"place": {"latitude": 9}}, {"/place/longitude": "required"}),
    "an unknown division": (
        {"place": {"division_code": "999999"}},
        {"/place/division_code": "unknown_division"},
    ),
    "a wrong code": ({"kind": "dream"}, {"/kind": "invalid_choice"}),
    "a mark without a kind": ({"marks": [{"text": "x"}]}, {"/marks/0/kind": "required"}),
    "an unknown field": (
        {"colour": "red", "place": {"city": "x"}},
        {"/colour": "unknown_field"},
    ),
    "a field below that is unknown": ({"place": {"city": "x"}}, {"/place/city": "unknown_field"}),
    "a field that is only read": ({"id": "x"}, {"/id": "unknown_field"}),
    "a naive date-time": (
        {"seen_at": {"earliest": "2012-03-02T12:00:00", "latest": "2012-03-02T13:00:00"}},
        {"/seen_at/earliest": "offset_missing"},
    ),
    "a day that no month has": (
        {"seen_at": {"earliest": "2012-02-30"}},
        {"/seen_at/earliest": "invalid"},
    ),
    "a year beyond all calendars": (
        {"seen_at": {"earliest": "0001-01-01"}},
        {"/seen_at/earliest": "out_of_range"},
    ),
    "ends in the wrong order": (
        {"seen_at": {"earliest": "2012-03-02", "latest": "2012-03-01"}},
        {"/seen_at/latest": "in_order"},
    ),
    "ages in the wrong order": (
        {"apparent_age_min": 9, "apparent_age_max": 5},
        {"/apparent_age_max": "out_of_order"},
    ),
    "a text too long": ({"vehicle": "x" * 201}, {"/vehicle": "too_long"}),
    "too many marks": ({"marks": [{"kind": "scar"}] * 41}, {"/marks": "too_long"}),
    "too many languages": ({"languages": ["zh"] * 21}, {"/languages": "too_long"}),
    "an address that is none": ({"source_url": "javascript:x"}, {"/source_url": "invalid"}),
    "one system twice": (
        {"external_ids": [{"system": "a", "id": "1"}, {"system": "a", "id": "2"}]},
        {"/external_ids": "duplicate"},
    ),
    "no kind": ({"kind": None}, {"/kind": "null"}),
    "not an object": ([], {"": "invalid"}),
    "nothing to go by": ({"description": ""}, {"": "nothing_to_go_by"}),
}


@pytest.mark.parametrize("name", BAD_FACTS)
def test_facts_that_cannot_be_are_refused_where_they_stand(cast: Cast, name: str) -> None:
    facts, errors = BAD_FACTS[name]
    body = {**WORDS, **facts} if isinstance(facts, dict) else facts
    assert refused(cast.anonymous.api().post(SIGHTINGS, body), 400, "invalid") == errors
    nothing_of_a_sighting()


def test_a_wrong_code_is_answered_with_the_right_ones(cast: Cast) -> None:
    response = cast.anonymous.api().post(SIGHTINGS, {**WORDS, "kind": "dream"})
    assert response.json()["detail"] == "Use one of: street, institution, seeker, online."


BAD_BODIES: dict[str, tuple[bytes, int, str, dict[str, str]]] = {
    "2 MiB": (json.dumps({**WORDS, "memories": "x" * 2**21}).encode(), 413, "too_large", {}),
    "no JSON": (b'{"kind": "street"', 400, "malformed_json", {"": "malformed_json"}),
    "broken at byte 900,000": (
        b'{"kind":"street","memories":"' + b"x" * 899_971 + b"\n" + b'"}',
        400,
        "malformed_json",
        {"": "malformed_json"},
    ),
    "not UTF-8": (b'{"kind": "\xff"}', 400, "malformed_json", {"": "malformed_json"}),
    "NUL": (
        json.dumps({**WORDS, "marks": [{"kind": "scar", "text": "a\0b"}]}).encode(),
        400,
        "forbidden_characters",
        {"/marks/0/text": "forbidden_characters"},
    ),
    "a lone surrogate": (
        b'{"kind": "street", "description": "a\\ud800b"}',
        400,
        "forbidden_characters",
        {"/description": "forbidden_characters"},
    ),
    "a key with a control character": (
        b'{"ki\\u0001nd": "street"}',
        400,
        "forbidden_characters",
        {"": "forbidden_characters"},
    ),
    "NaN": (b'{"height_cm": NaN}', 400, "number_out_of_range", {"": "number_out_of_range"}),
    "1e400": (b'{"height_cm": 1e400}', 400, "number_out_of_range", {"": "number_out_of_range"}),
    "an endless integer": (
        b'{"height_cm": ' + b"9" * 5_000 + b"}",
        400,
        "number_out_of_range",
        {"": "number_out_of_range"},
    ),
    "deep nesting": (
        b'{"marks": ' + b"[" * 25 + b"]" * 25 + b"}",
        400,
        "too_deep",
        {"/marks" + "/0" * 19: "too_deep"},
    ),
    "bottomless nesting": (b"[" * 200_000, 400, "too_deep", {"": "too_deep"}),
    "a key twice": (
        b'{"kind": "street", "kind": "online"}',
        400,
        "duplicate_key",
        {"": "duplicate_key"},
    ),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_can_be_misread_is_not_read(cast: Cast, name: str) -> None:
    raw, status, code, errors = BAD_BODIES[name]
    response = cast.anonymous.api().post(SIGHTINGS, raw, content_type="application/json")
    assert refused(response, status, code) == errors
    nothing_of_a_sighting()


def test_nesting_of_twenty_levels_is_read(cast: Cast) -> None:
    raw = b'{"kind": "street", "description": "x", "marks": ' + b"[" * 19 + b"]" * 19 + b"}"
    response = cast.anonymous.api().post(SIGHTINGS, raw, content_type="application/json")
    refused(response, 400, "invalid")


def test_forbidden_characters_are_found_in_parts_and_parameters_too(cast: Cast) -> None:
    api = cast.anonymous.api()
    parts = {"data": '{"kind": "street", "description": "\\u0000"}'}
    response = api.post(SIGHTINGS, parts, format="multipart")
    assert refused(response, 400, "forbidden_characters") == {
        "/description": "forbidden_characters"
    }
    response = api.get(f"{BASE}cases/", {"reference": "a\0"})
    refused(response, 400, "forbidden_characters")
    nothing_of_a_sighting()


def test_parts_that_nobody_asked_for_are_named(cast: Cast) -> None:
    api = cast.anonymous.api()
    for parts, errors in (
        ({"data": json.dumps(WORDS), "extra": "x"}, {"/extra": "unknown_field"}),
        ({"data": json.dumps(WORDS), "video": upload(b"x")}, {"/video": "unknown_field"}),
    ):
        response = api.post(SIGHTINGS, parts, format="multipart")
        assert refused(response, 400, "unknown_field") == errors
    four = {"data": json.dumps(WORDS), "photos": [upload(factories.jpeg())] * 4}
    response = api.post(SIGHTINGS, four, format="multipart")
    assert refused(response, 400, "too_many_photos") == {"/photos": "too_many_photos"}
    eleven = {"photos": [upload(factories.jpeg()) for _ in range(11)]}
    refused(api.post(SIGHTINGS, eleven, format="multipart"), 400, "too_many_parts")
    nothing_of_a_sighting()


def test_a_part_of_a_megabyte_of_words_is_too_large(cast: Cast) -> None:
    for data in ("x" * 2**21, upload(b"x" * 2**21)):
        response = cast.anonymous.api().post(SIGHTINGS, {"data": data}, format="multipart")
        refused(response, 413, "too_large")


def test_more_than_three_photos_of_bytes_is_not_even_read(cast: Cast) -> None:
    response = cast.anonymous.api().post(
        SIGHTINGS,
        b"--x\r\n",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(3 * images.MAX_BYTES + 2**21),
    )
    refused(response, 413, "too_large")


def test_multipart_without_sense_is_a_problem_too(cast: Cast) -> None:
    api = cast.anonymous.api()
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x"):
        response = api.post(SIGHTINGS, b"no parts here", content_type=content_type)
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"


def test_a_photo_endpoint_wants_a_photo(cast: Cast) -> None:
    case = factories.file_case(cast)
    photos = f"{BASE}cases/{case.pk}/photos/"
    api = cast.guardian.api()
    response = api.post(photos, {"taken_at": "2010"}, format="multipart")
    assert refused(response, 400, "invalid") == {"/image": "required"}
    response = api.post(photos, {"image": "words"}, format="multipart")
    assert refused(response, 400, "invalid") == {"/image": "invalid"}
    refused(api.post(photos, {"image": "x"}), 415, "unsupported_media_type")


def test_other_content_types_are_not_read(cast: Cast) -> None:
    api = cast.anonymous.api()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        response = api.post(SIGHTINGS, b"kind=street", content_type=content_type)
        refused(response, 415, "unsupported_media_type")
    refused(api.get(f"{BASE}cases/", headers={"Accept": "text/csv"}), 406, "not_acceptable")


def test_a_partial_change_is_checked_as_strictly(cast: Cast) -> None:
    api = cast.volunteer.api()
    pk = api.post(SIGHTINGS, WORDS).json()["id"]
    tag = api.get(f"{SIGHTINGS}{pk}/")["ETag"]
    for change, errors in (
        ({"marks": [{"text": "x"}]}, {"/marks/0/kind": "required"}),
        ({"external_ids": [{"id": "1"}]}, {"/external_ids/0/system": "required"}),
        ({"colour": "red"}, {"/colour": "unknown_field"}),
        ({"description": ""}, {"": "nothing_to_go_by"}),
        ({"place": {"latitude": 91, "longitude": 0}}, {"/place/latitude": "out_of_range"}),
    ):
        response = api.patch(f"{SIGHTINGS}{pk}/", change, headers={"If-Match": tag})
        assert refused(response, 400, "invalid") == errors
    assert Sighting.objects.get().description == WORDS["description"]


@pytest.mark.parametrize("field", ["reporter", "receipt_digest", "tokens", "revision", "status"])
def test_columns_cannot_be_written_from_outside(cast: Cast, field: str) -> None:
    response = cast.volunteer.api().post(SIGHTINGS, {**WORDS, field: "x"})
    assert refused(response, 400, "invalid") == {f"/{field}": "unknown_field"}
    case = {"public_since": "2026-01-01", "ever_public": True, "family": "x", "status": "open"}
    errors = refused(cast.volunteer.api().post(f"{BASE}cases/", case), 400, "invalid")
    assert errors == {
        "/public_since": "unknown_field",
        "/ever_public": "unknown_field",
        "/family": "unknown_field",
        "/status": "read_only",
    }
