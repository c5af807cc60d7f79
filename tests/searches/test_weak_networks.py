"""Phones in the street: a connection that ends in the middle, a queue that sends once more."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, encode_multipart

from searches.models import Sighting, SightingPhoto
from searches.services import receipt_digest
from tests.cast import Cast
from tests.factories import jpeg, stored_files
from tests.pages import fresh_key, receipt_in, text_of

pytestmark = pytest.mark.django_db
API, PAGE = "/api/v1/sightings/", "/sightings/new/"
TOLD = {"kind": "street", "sex": "male", "description": "A boy selling roses, with a limp."}


def photo(data: bytes, name: str = "1.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=kind)


def as_the_phone_sends(data: dict[str, Any], *photos: bytes) -> bytes:
    """The whole body, closing line and all."""
    parts = {"data": json.dumps(data), "photos": [photo(one) for one in photos]}
    return encode_multipart(BOUNDARY, parts)


def post(address: str, body: bytes, *, whole: int | None = None, key: str, **headers: Any) -> Any:
    """Send `body`, saying that it has `whole` bytes, as a connection that ends early does."""
    return Client(raise_request_exception=False).generic(
        "POST",
        address,
        b"",
        CONTENT_TYPE=f"multipart/form-data; boundary={BOUNDARY}",
        HTTP_IDEMPOTENCY_KEY=key,
        CONTENT_LENGTH=str(whole or len(body)),
        **{"wsgi.input": io.BytesIO(body), **headers},
    )


def test_what_is_sent_again_from_the_queue_makes_one_sighting_with_one_code() -> None:
    key, body = str(uuid4()), as_the_phone_sends(TOLD, jpeg(1), jpeg(2))
    first, again = post(API, body, key=key), post(API, body, key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert (Sighting.objects.count(), SightingPhoto.objects.count()) == (1, 2)


@pytest.mark.parametrize("part", [0.3, 0.5, 0.9, 0.99, 1.0])
def test_a_body_that_ends_early_is_never_taken_for_the_whole(part: float) -> None:
    key = str(uuid4())
    whole = as_the_phone_sends(TOLD, jpeg(1), jpeg(2))
    cut = int((len(whole) - 8) * part)
    first = post(API, whole[:cut], whole=len(whole), key=key)

    assert first.status_code in (400, 408), (first.status_code, first.content[:300])
    assert Sighting.objects.count() == len(stored_files()) == 0
    assert post(API, whole, key=key).status_code == 201
    assert SightingPhoto.objects.count() == 2


def between(whole: bytes) -> int:
    """Where the first photo has ended and the second has not begun."""
    return whole.rindex(b"--" + BOUNDARY.encode() + b"\r\n")


@pytest.mark.parametrize("address", [API, PAGE])
def test_a_connection_that_ends_between_two_photos_leaves_nothing_half(address: str) -> None:
    key = str(uuid4())
    whole = as_the_phone_sends(TOLD, jpeg(1), jpeg(2))
    if address == PAGE:
        fields = {"key": key, "description": "A boy", "photos": [photo(jpeg(1)), photo(jpeg(2))]}
        whole = encode_multipart(BOUNDARY, fields)
    first = post(address, whole[: between(whole)], whole=len(whole), key=key)

    assert first.status_code == 400, first.content[:300]
    assert Sighting.objects.count() == len(stored_files()) == 0
    assert post(address, whole, key=key).status_code == 201
    assert SightingPhoto.objects.count() == 2


def test_yesterday_is_counted_from_the_day_of_writing_however_late_it_is_sent() -> None:
    def kept(written: datetime | None) -> str:
        seen_at = {"text": "yesterday"} | ({"written_at": written.isoformat()} if written else {})
        answer = post(API, as_the_phone_sends({**TOLD, "seen_at": seen_at}), key=str(uuid4()))
        assert answer.status_code == 201
        return str(Sighting.objects.get(pk=answer.json()["id"]).seen_at.earliest)[:10]

    now = datetime(2026, 3, 9, 4, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        assert kept(None) == "2026-03-08"
        assert kept(now - timedelta(days=3)) == "2026-03-05"
        # A phone whose clock is years off, or ahead, is not believed.
        assert kept(now - timedelta(days=3000)) == "2026-03-08"
        assert kept(now + timedelta(days=3)) == "2026-03-08"


@pytest.mark.parametrize("written", ["soon", "", 5, None, "0001-01-01T00:00:00+14:00"])
def test_a_day_of_writing_that_is_none_is_refused(written: Any) -> None:
    told = {**TOLD, "seen_at": {"text": "yesterday", "written_at": written}}
    answer = post(API, as_the_phone_sends(told), key=str(uuid4()))

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/seen_at/written_at"


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n"


def too_many_pixels() -> bytes:
    """A photo of 48 million pixels by its header."""
    data = bytearray(jpeg(1))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = (6000).to_bytes(2) + (8000).to_bytes(2)
    return bytes(data)


BAD = [(PDF, "paper.pdf", "application/pdf"), (too_many_pixels(), "big.jpg", "image/jpeg")]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("bad", BAD, ids=["a PDF", "48 megapixels"])
def test_a_pdf_and_a_huge_photo_are_refused_in_words_that_keep_the_rest(
    cast: Cast, bad: tuple[bytes, str, str], language: str
) -> None:
    browser = cast.anonymous.browser(language=language)
    told = {"key": str(uuid4()), "description": "A boy selling roses.", "photos": photo(*bad)}
    answer = browser.post(PAGE, told)
    page = text_of(answer)

    assert answer.status_code == 400
    assert 'id="id_photos_error"' in page
    assert "A boy selling roses." in page
    answer = post(API, as_the_phone_sends(TOLD, bad[0]), key=str(uuid4()))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/photos/0"
    assert len(answer.json()["errors"][0]["detail"]) > 20
    assert Sighting.objects.count() == len(stored_files()) == 0


@pytest.mark.parametrize("bad", BAD, ids=["a PDF", "48 megapixels"])
def test_a_familys_report_says_the_same_of_them_and_stays_on_its_screen(
    cast: Cast, bad: tuple[bytes, str, str]
) -> None:
    browser = cast.guardian.browser()
    begun = browser.post("/report/begin/")["Location"]
    here = begun.replace("/child/", "/photos/")
    answer = browser.post(here, {"photos": [photo(*bad), photo(jpeg(2))]})

    assert answer.status_code == 400
    assert 'id="id_photos_error"' in text_of(answer)
    assert browser.post(here, {"photos": photo(jpeg(2))}).status_code == 302


def test_a_session_that_ends_meanwhile_costs_a_reporter_nothing(cast: Cast) -> None:
    browser = cast.volunteer.browser()
    key = fresh_key(browser)
    browser.session.flush()
    answer = browser.post(PAGE, {"key": key, "description": "A boy selling roses."})

    assert answer.status_code == 201
    sighting = Sighting.objects.get()
    assert sighting.reporter is None
    assert sighting.receipt_digest == receipt_digest(receipt_in(answer))


def test_a_report_whose_session_ends_meanwhile_goes_on_where_it_was(cast: Cast) -> None:
    browser = cast.guardian.browser()
    here = browser.post("/report/begin/")["Location"]
    child = {"full_name": "林小满", "sex": "female", "birth_date": "21 May 2016"}
    when = here.replace("/child/", "/when/")
    assert browser.post(here, child)["Location"] == when
    browser.session.flush()
    turned_away = browser.post(when, {"missing_at": "3 June 2020"})

    assert turned_away.status_code == 302
    assert turned_away["Location"] == f"/sign-in/?next={when}"
    again = cast.guardian.browser()
    page = text_of(again.get(when))
    # What the browser keeps of the screen it was on goes back into this form (homeward.js).
    assert "data-keep" in page
    assert 'value="林小满"' in text_of(again.get(here))
    assert again.post(when, {"missing_at": "3 June 2020"}).status_code == 302


def test_the_back_button_and_a_second_tap_begin_no_second_report(cast: Cast) -> None:
    browser = cast.guardian.browser()
    first, again = (browser.post("/report/begin/")["Location"] for _tap in range(2))
    child = {"full_name": "林小满", "sex": "female", "birth_date": "21 May 2016"}
    onward = {browser.post(first, child)["Location"] for _tap in range(2)}

    assert first == again
    assert onward == {first.replace("/child/", "/when/")}


def test_a_page_opened_before_signing_in_elsewhere_says_what_to_do(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")
    answer = browser.post(PAGE, {"key": str(uuid4()), "description": "A boy selling roses."})

    assert answer.status_code == 403
    assert "This page had been open for too long" in text_of(answer)
