"""Telling of a sighting in the browser, and following it by its receipt."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus, ReviewDecision
from searches import reviewing, services
from searches.models import ReporterContact, Sighting
from searches.services import receipt_digest
from tests.cast import Cast
from tests.factories import file_case, jpeg, log_sighting, store_match, stored_files
from tests.pages import fresh_key, receipt_in, text_of

pytestmark = pytest.mark.django_db
TOLD: Mapping[str, Any] = {
    "description": "A boy selling roses, with a limp.",
    "sex": "male",
    "apparent_age_min": "6",
    "apparent_age_max": "8",
    "place": "深圳市南山区科技园地铁站",
    "reporter_place": "Beijing",
    "seen_at": "2026年3月5日下午",
    "name_heard": "阿声",
    "mark1-kind": "scar",
    "mark1-body_part": "cheek",
    "mark1-side": "left",
    "mark1-text": "like a crescent",
    "contact_phone": "13800000000",
}


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def send(browser: Client, told: Mapping[str, Any], *, key: str | None = None) -> Any:
    return browser.post("/sightings/new/", {"key": key or str(uuid4()), **told})


def test_a_sighting_is_told_in_one_form_without_a_script(cast: Cast) -> None:
    browser = cast.anonymous.browser()
    response = send(browser, {**TOLD, "photos": upload(jpeg(1))}, key=fresh_key(browser))

    sighting = Sighting.objects.get()
    assert response.status_code == 201
    assert sighting.receipt_digest == receipt_digest(receipt_in(response))
    assert (sighting.kind, sighting.sex, sighting.name_heard) == ("street", "male", "阿声")
    assert (sighting.apparent_age_min, sighting.apparent_age_max) == (6, 8)
    assert (sighting.place.text, sighting.place.division_code) == (TOLD["place"], "440305")
    assert sighting.reporter_place.division_code == "110000"
    assert sighting.seen_at.text == TOLD["seen_at"]
    assert sighting.seen_at.earliest is not None
    assert str(sighting.seen_at.earliest).startswith("2026-03-05")
    [mark] = sighting.marks.all()
    assert (mark.kind, mark.body_part, mark.side) == ("scar", "cheek", "left")
    assert sighting.photos.count() == 1
    assert ReporterContact.objects.get().phone == "13800000000"
    assert "13800000000" not in text_of(response)


def test_the_phones_position_is_taken_for_the_childs_place_only_when_sent_as_such(
    cast: Cast,
) -> None:
    position = {
        "place_latitude": "22.53",
        "place_longitude": "113.95",
        "place_precision_m": "30",
    }
    send(cast.anonymous.browser(), position)

    sighting = Sighting.objects.get()
    assert sighting.place.wgs84() == (22.53, 113.95)
    assert sighting.place.precision_m == 30
    assert sighting.reporter_place.wgs84() is None


def test_sending_twice_makes_one_sighting_with_one_code(cast: Cast) -> None:
    browser = cast.anonymous.browser()
    key = fresh_key(browser)
    codes = {
        receipt_in(send(browser, {**TOLD, "photos": upload(jpeg(2))}, key=key)) for _ in range(3)
    }

    assert len(codes) == 1
    assert Sighting.objects.count() == 1
    assert Job.objects.filter(handler="searches.match_sighting").count() == 1


def test_sending_the_form_again_with_other_words_asks_before_making_another(cast: Cast) -> None:
    browser = cast.anonymous.browser()
    key = fresh_key(browser)
    send(browser, TOLD, key=key)
    again = send(browser, {**TOLD, "description": "He wore a red coat."}, key=key)

    assert again.status_code == 422
    assert Sighting.objects.count() == 1
    assert "He wore a red coat." in text_of(again)
    assert key not in text_of(again)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"not a photo at all", "photo.jpg"),
        (b"", "empty.jpg"),
        (jpeg(3)[:300], "cut.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.svg"),
    ],
    ids=["text", "empty", "cut short", "svg"],
)
def test_a_photo_that_cannot_be_read_keeps_the_words_and_leaves_nothing_behind(
    cast: Cast, language: str, data: bytes, name: str
) -> None:
    browser = cast.anonymous.browser(language=language)
    response = send(browser, {**TOLD, "photos": upload(data, name)})
    page = text_of(response)

    assert response.status_code == 400
    assert escape(TOLD["description"]) in page
    assert TOLD["place"] in page
    assert 'href="#id_photos"' in page
    assert 'id="id_photos_error"' in page
    assert Sighting.objects.count() == Job.objects.count() == len(stored_files()) == 0


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"place_latitude": "91", "place_longitude": "113"}, "place_latitude"),
        ({"apparent_age_min": "9", "apparent_age_max": "6"}, "apparent_age_max"),
        ({"apparent_age_min": "-1"}, "apparent_age_min"),
        ({"seen_at": "2099-01-01"}, "seen_at"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "a\x07b"}, "description"),
        ({"mark1-text": "a\x07b"}, "mark1-text"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"sex": "other"}, "sex"),
        ({"photos": [upload(jpeg(seed)) for seed in range(4)]}, "photos"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused_beside_its_field(
    cast: Cast, told: Mapping[str, Any], field: str
) -> None:
    response = send(cast.anonymous.browser(), {"description": "A boy.", **told})

    assert response.status_code == 400
    assert f'id="id_{field}_error"' in text_of(response)
    assert 'role="alert"' in text_of(response)
    assert Sighting.objects.count() == Job.objects.count() == len(stored_files()) == 0


def test_what_is_wrong_follows_its_question_without_the_question_mark(cast: Cast) -> None:
    response = send(cast.anonymous.browser(), {"description": "A boy.", "seen_at": "2099-01-01"})

    assert "When was that: This date lies ahead. Please check it." in text_of(response)


def test_an_empty_form_says_what_would_be_enough(cast: Cast) -> None:
    response = send(cast.anonymous.browser(), {})

    assert response.status_code == 400
    assert "Any one of them will do" in text_of(response)


def test_a_form_sent_without_its_key_is_refused_and_not_lost(cast: Cast) -> None:
    response = send(cast.anonymous.browser(), TOLD, key="12")

    assert response.status_code == 400
    assert escape(TOLD["description"]) in text_of(response)


def test_the_words_of_the_first_help_and_of_what_not_to_do_stand_on_the_form(cast: Cast) -> None:
    page = text_of(cast.anonymous.browser().get("/sightings/new/"))

    assert "call the police first: 110" in page
    assert "don't follow, question or post the child" in page
    assert page.index("call the police first") < page.index("<form method=")


# --- following a receipt --------------------------------------------------------------------------


def open_receipt(browser: Client, code: str, **more: Any) -> Any:
    return browser.post("/receipt/", {"code": code, **more})


def test_a_code_opens_its_own_sighting_however_it_is_typed(cast: Cast) -> None:
    receipt = log_sighting(cast, description="Roses at the gate").receipt
    browser = cast.anonymous.browser()

    for typed in (receipt, receipt.upper().replace("-", " ")):
        response = open_receipt(browser, typed)
        assert response.status_code == 200
        assert "Roses at the gate" in text_of(response)
        assert "<strong>received</strong>" in text_of(response)
    assert not browser.cookies.get("sessionid")


def test_a_wrong_code_opens_nothing(cast: Cast) -> None:
    log_sighting(cast, description="Roses at the gate")
    response = open_receipt(cast.anonymous.browser(), "aaaaaa-bbbbbb-cccccc")

    assert response.status_code == 400
    assert "Roses" not in text_of(response)


def test_words_and_photos_are_added_once_however_often_the_button_is_pressed(cast: Cast) -> None:
    received = log_sighting(cast, description="Roses.")
    browser = cast.anonymous.browser()
    for _ in range(2):
        added = open_receipt(
            browser,
            received.receipt,
            act="add",
            description="He limped. 左腿",
            photos=[upload(jpeg(6)), upload(jpeg(6)), upload(jpeg(7))],
        )
        assert added.status_code == 200
        assert "It has been added" in text_of(added)

    sighting = Sighting.objects.get()
    assert sighting.description == "Roses.\n\nHe limped. 左腿"
    assert sighting.photos.count() == 2


def test_what_is_added_is_added_whole_or_not_at_all(cast: Cast) -> None:
    received = log_sighting(cast, description="Roses." * 1_000)
    browser = cast.anonymous.browser()
    refused = open_receipt(
        browser,
        received.receipt,
        act="add",
        description="x" * 4_500,
        photos=[upload(jpeg(6))],
    )
    assert refused.status_code == 400
    assert "This is too long" in text_of(refused)
    for number in range(services.MAX_PHOTOS - 1):
        services.add_photo(
            actor=replace(cast.anonymous.actor, receipt=received.sighting.pk),
            sighting=received.sighting,
            data=jpeg(20 + number),
        )
    before = stored_files()
    refused = open_receipt(
        browser,
        received.receipt,
        act="add",
        description="He limped.",
        photos=[upload(jpeg(6)), upload(jpeg(7))],
    )

    assert refused.status_code == 400
    sighting = Sighting.objects.get()
    assert sighting.description == "Roses." * 1_000
    assert sighting.photos.count() == services.MAX_PHOTOS - 1
    assert stored_files() == before


def test_a_bad_photo_beside_more_words_adds_neither_and_keeps_the_words(cast: Cast) -> None:
    received = log_sighting(cast, description="Roses.")
    response = open_receipt(
        cast.anonymous.browser(),
        received.receipt,
        act="add",
        description="He limped.",
        photos=upload(b"no photo"),
    )

    assert response.status_code == 400
    assert "He limped." in text_of(response)
    assert Sighting.objects.get().description == "Roses."


def test_taking_a_sighting_back_asks_first(cast: Cast) -> None:
    received = log_sighting(cast)
    browser = cast.anonymous.browser()

    asked = open_receipt(browser, received.receipt, act="ask_withdraw")
    assert "Yes, take it back" in text_of(asked)
    assert Sighting.objects.get().withdrawn_at is None

    done = open_receipt(browser, received.receipt, act="withdraw")
    assert Sighting.objects.get().withdrawn_at is not None
    assert "<strong>taken back</strong>" in text_of(done)
    assert 'name="act" value="add"' not in text_of(done)


def test_a_receipt_says_the_same_whatever_reviewers_find(cast: Cast) -> None:
    received = log_sighting(cast)
    browser = cast.anonymous.browser()
    before = text_of(open_receipt(browser, received.receipt))
    reviewers = [cast.reviewer, cast.second_reviewer]
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers)
    match = store_match(case, received.sighting, bits=25.0, band="strong")
    for person in reviewers:
        reviewing.decide(
            actor=person.actor, match=match, decision=ReviewDecision.ACCEPT, reason="the mark"
        )

    match.refresh_from_db()
    assert match.status == "lead"
    assert text_of(open_receipt(browser, received.receipt)) == before
