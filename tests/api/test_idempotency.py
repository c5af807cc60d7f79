"""A retried POST makes one record and is answered as the first time."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from cases.models import Case
from searches.models import Sighting, SightingPhoto
from tests import factories
from tests.api.helpers import BASE, SIGHTINGS, refused, upload
from tests.cast import Cast

WORDS = {"kind": "street", "description": "A girl selling flowers."}


def key(value: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": value or str(uuid4())}


def test_the_same_key_and_content_get_the_first_answer_again(cast: Cast) -> None:
    api = cast.anonymous.api()
    mine = key()
    first = api.post(SIGHTINGS, WORDS, headers=mine)
    reordered = dict(reversed(WORDS.items()))
    again = api.post(SIGHTINGS, reordered, headers=mine)
    assert (again.status_code, again.content) == (201, first.content)
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Sighting.objects.count() == 1
    assert api.post(SIGHTINGS, WORDS, headers=key()).json() != first.json()
    assert Sighting.objects.count() == 2


def test_other_content_under_the_same_key_is_refused(cast: Cast) -> None:
    api = cast.anonymous.api()
    mine = key()
    api.post(SIGHTINGS, WORDS, headers=mine)
    other = api.post(SIGHTINGS, {**WORDS, "vehicle": "van"}, headers=mine)
    refused(other, 422, "idempotency_key_reused")
    assert Sighting.objects.count() == 1


def test_another_boundary_is_no_difference_but_another_photo_is(cast: Cast) -> None:
    api = cast.anonymous.api()
    mine = key()

    def send(seed: int, boundary: str) -> Any:
        lines = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="data"\r\n\r\n'.encode(),
            json.dumps(WORDS).encode(),
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="photos"; '
            f'filename="{boundary}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode(),
            factories.jpeg(seed),
            f"\r\n--{boundary}--\r\n".encode(),
        ]
        content_type = f"multipart/form-data; boundary={boundary}"
        return api.post(SIGHTINGS, b"".join(lines), content_type=content_type, headers=mine)

    first = send(1, "first")
    assert first.status_code == 201
    again = send(1, "second")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    refused(send(2, "third"), 422, "idempotency_key_reused")
    assert SightingPhoto.objects.count() == 1
    assert len(factories.stored_files()) == 1


def test_a_refusal_frees_the_key_for_the_corrected_request(cast: Cast) -> None:
    api = cast.anonymous.api()
    mine = key()
    refused(api.post(SIGHTINGS, {"kind": "dream"}, headers=mine), 400, "invalid")
    assert api.post(SIGHTINGS, WORDS, headers=mine).status_code == 201


def test_keys_are_random_where_nobody_is_signed_in(cast: Cast) -> None:
    response = cast.anonymous.api().post(SIGHTINGS, WORDS, headers=key("my-first-key"))
    refused(response, 400, "invalid")
    (line,) = response.json()["errors"]
    assert line["header"] == "Idempotency-Key"
    assert line["code"] == "idempotency_key_not_random"
    assert cast.volunteer.api().post(SIGHTINGS, WORDS, headers=key("k")).status_code == 201
    long = cast.volunteer.api().post(SIGHTINGS, WORDS, headers=key("k" * 81))
    assert long.json()["errors"][0]["code"] == "idempotency_key_malformed"


def test_a_key_belongs_to_one_person_and_one_address(cast: Cast) -> None:
    mine = key("k")
    first = cast.volunteer.api().post(SIGHTINGS, WORDS, headers=mine).json()
    assert cast.guardian.api().post(SIGHTINGS, WORDS, headers=mine).json() != first
    assert cast.volunteer.api().post(f"{BASE}cases/", {}, headers=mine).status_code == 201


def test_every_post_honours_a_key(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    match = factories.store_match(case, factories.log_sighting(cast).sighting)
    own = factories.log_sighting(cast, by=cast.guardian).sighting
    guardian, reviewer = cast.guardian.api(), cast.reviewer.api()
    of_case = f"{BASE}cases/{case.pk}/"
    posts: list[tuple[Any, str, Any, str]] = [
        (guardian, f"{BASE}cases/", {}, "json"),
        (guardian, f"{of_case}transitions/", {"to": "submitted"}, "json"),
        (guardian, f"{of_case}timeline/", {"kind": "note", "note": "x"}, "json"),
        (guardian, f"{of_case}consents/", {"purpose": "publish"}, "json"),
        (guardian, f"{of_case}photos/", {"image": factories.jpeg()}, "multipart"),
        (guardian, f"{SIGHTINGS}{own.pk}/photos/", {"image": factories.jpeg()}, "multipart"),
        (
            reviewer,
            f"{BASE}matches/{match.pk}/reviews/",
            {"decision": "accept", "reason": "yes, it fits"},
            "json",
        ),
    ]
    for api, address, body, form in posts:
        mine, answers = key(), []
        for _ in range(2):
            sent = {**body, "image": upload(body["image"])} if "image" in body else body
            answers.append(api.post(address, sent, format=form, headers=mine))
        first, again = answers
        assert first.status_code in {200, 201}, (address, first.content)
        assert again.content == first.content, address
        assert again["Idempotency-Replayed"] == "true", address
    assert Case.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_record(cast: Cast) -> None:
    many = 8
    mine, start = key(), Barrier(many)

    def send() -> tuple[int, bytes]:
        api = cast.anonymous.api()
        start.wait()
        try:
            response = api.post(SIGHTINGS, WORDS, headers=mine)
            return response.status_code, response.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(many) as pool:
        answers = list(pool.map(lambda _: send(), range(many)))
    assert Sighting.objects.count() == 1
    made = {content for status, content in answers if status == 201}
    assert len(made) == 1
    assert {status for status, _content in answers} <= {201, 409}
    later = cast.anonymous.api().post(SIGHTINGS, WORDS, headers=mine)
    assert {later.content} == made


@pytest.mark.django_db(transaction=True)
def test_of_many_changes_to_one_version_one_wins(cast: Cast) -> None:
    case = factories.file_case(cast)
    address = f"{BASE}cases/{case.pk}/"
    version = {"If-Match": cast.guardian.api().get(address)["ETag"]}
    many = 6
    clients = [cast.guardian.api() for _ in range(many)]
    start = Barrier(many)

    def change(number: int) -> int:
        start.wait()
        try:
            body = {"story": f"story {number}"}
            return int(clients[number].patch(address, body, headers=version).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(many) as pool:
        statuses = sorted(pool.map(change, range(many)))
    assert statuses == [200] + [412] * (many - 1)
