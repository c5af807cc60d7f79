"""'I think I was taken': a grown child tells of themselves, from the first page to the receipt."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from casemgr.platform.outbox import Job
from searches.models import ReporterContact, Sighting
from searches.services import receipt_digest
from tests.cast import Cast
from tests.factories import file_case, jpeg, stored_files
from tests.pages import INLINE, KEY, receipt_in, text_of

pytestmark = pytest.mark.django_db
TOLD: Mapping[str, Any] = {
    "memories": "一座石桥，桥下有水车。奶奶叫我毛毛。",
    "name_heard": "毛毛",
    "languages": "云南话, 客家话",
    "separated_at": "about 1998",
    "separated_from": "昆明市西山区",
    "place": "福建省泉州市",
    "sex": "female",
    "birth_date": "1994",
    "mark1-kind": "mole",
    "mark1-body_part": "chin",
    "description": "My left ear has a notch.",
    "then_taken": "2001",
    "dna_on_file": "no",
    "contact_phone": "13900000000",
}


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", data, content_type="image/jpeg")


def send(browser: Client, told: Mapping[str, Any], *, key: str | None = None) -> Any:
    return browser.post("/seekers/tell/", {"key": key or str(uuid4()), **told})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_the_first_page_it_is_two_taps_to_the_first_question(
    cast: Cast, language: str
) -> None:
    browser = cast.anonymous.browser(language=language)
    page = text_of(browser.get("/seekers/"))

    assert 'href="/seekers/"' in text_of(browser.get("/"))
    assert page.index('href="tel:110"') < page.index("<h1>") < page.index('href="/seekers/tell/"')
    form = text_of(browser.get("/seekers/tell/"))
    assert form.index('href="tel:110"') < form.index('name="memories"')
    for text in (page, form):
        assert "data-leave" in text
        assert INLINE.findall(text) == []


def test_the_form_asks_what_fits_a_seeker_and_nothing_else(cast: Cast) -> None:
    form = cast.anonymous.browser().get("/seekers/tell/").context["form"]

    assert set(form.fields) == {
        *("key", "memories", "name_heard", "languages", "separated_at", "separated_from", "place"),
        *("sex", "birth_date", "description", "photos_then", "then_taken", "photos_now"),
        *("dna_on_file", "contact_name", "contact_phone", "contact_email"),
    }


def test_what_a_seeker_tells_becomes_a_sighting_of_themselves(cast: Cast) -> None:
    browser = cast.anonymous.browser()
    key = KEY.search(text_of(browser.get("/seekers/tell/")))
    assert key
    photos = {"photos_then": upload(jpeg(1)), "photos_now": [upload(jpeg(2)), upload(jpeg(3))]}
    response = send(browser, {**TOLD, **photos}, key=key[1])

    sighting = Sighting.objects.get()
    assert response.status_code == 201
    assert sighting.receipt_digest == receipt_digest(receipt_in(response))
    assert (sighting.kind, sighting.sex, sighting.name_heard) == ("seeker", "female", "毛毛")
    assert sighting.memories == TOLD["memories"]
    assert sighting.languages == ["云南话", "客家话"]
    assert sighting.separated_from.division_code == "530112"
    assert sighting.place.division_code == "350500"
    assert (sighting.birth_date.text, sighting.separated_at.text) == ("1994", "about 1998")
    assert not sighting.seen_at.text
    assert sighting.seen_at.earliest is None
    assert sighting.dna_on_file is False
    assert [mark.kind for mark in sighting.marks.all()] == ["mole"]
    assert ReporterContact.objects.get().phone == "13900000000"
    assert Job.objects.filter(handler="searches.match_sighting").count() == 1
    page = text_of(response)
    assert "13900000000" not in page
    assert "follow, question or post" not in page
    assert "another child" not in page


def test_photos_of_then_are_never_taken_for_photos_of_today(cast: Cast) -> None:
    send(
        cast.anonymous.browser(),
        {**TOLD, "photos_then": upload(jpeg(4)), "photos_now": upload(jpeg(5))},
    )

    photos = {photo.shows: photo.taken_at for photo in Sighting.objects.get().photos.all()}
    assert set(photos) == {"child_then", "child_now"}
    assert str(photos["child_then"].earliest).startswith("2001")
    assert photos["child_now"].earliest is not None
    assert str(photos["child_now"].earliest)[:4] >= "2026"


def test_sending_twice_makes_one_sighting_and_other_words_are_asked_about(cast: Cast) -> None:
    browser, key = cast.anonymous.browser(), str(uuid4())
    codes = {receipt_in(send(browser, TOLD, key=key)) for _ in range(2)}
    again = send(browser, {**TOLD, "memories": "A red gate."}, key=key)

    assert len(codes) == 1
    assert again.status_code == 422
    assert key not in text_of(again)
    assert Sighting.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"memories": "a\x00b"}, "memories"),
        ({"memories": "x" * 10_001}, "memories"),
        ({"languages": ",".join(str(number) for number in range(21))}, "languages"),
        ({"languages": "x" * 61}, "languages"),
        ({"separated_at": "2099-01-01"}, "separated_at"),
        ({"birth_date": "2099-01-01"}, "birth_date"),
        ({"then_taken": "2099-01-01"}, "then_taken"),
        ({"sex": "robot"}, "sex"),
        ({"dna_on_file": "perhaps"}, "dna_on_file"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"mark1-text": "a\x07b"}, "mark1-text"),
        ({"photos_then": upload(b"not a photo")}, "photos_then"),
        ({"photos_now": [upload(jpeg(seed)) for seed in range(4)]}, "photos_now"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_lost(
    cast: Cast, told: Mapping[str, Any], field: str, language: str
) -> None:
    response = send(cast.anonymous.browser(language=language), {**TOLD, **told})
    page = text_of(response)

    assert response.status_code == 400
    assert f'id="id_{field}_error"' in page
    assert escape(TOLD["description"]) in page
    assert INLINE.findall(page) == []
    assert Sighting.objects.count() == Job.objects.count() == len(stored_files()) == 0


def test_an_empty_form_says_in_a_seekers_words_what_would_be_enough(cast: Cast) -> None:
    response = send(cast.anonymous.browser(), {"sex": "male", "birth_date": "1994"})

    assert response.status_code == 400
    assert "Tell one thing that you remember" in text_of(response)
    assert Sighting.objects.count() == 0


def test_one_photo_of_then_alone_is_enough(cast: Cast) -> None:
    assert send(cast.anonymous.browser(), {"photos_then": upload(jpeg(6))}).status_code == 201


def test_the_receipt_opens_what_was_told_in_a_seekers_words(cast: Cast) -> None:
    browser = cast.anonymous.browser()
    code = receipt_in(send(browser, TOLD))
    page = text_of(browser.post("/receipt/", {"code": code}))

    assert "<h1>What you told us</h1>" in page
    assert TOLD["memories"] in page
    assert "about 1998" in page
    assert "Where you grew up" in page
    taken_back = text_of(browser.post("/receipt/", {"code": code, "act": "withdraw"}))
    assert "see the child" not in taken_back
    assert 'href="/seekers/tell/"' in taken_back


def test_signed_in_it_is_found_among_ones_own(cast: Cast) -> None:
    browser = cast.volunteer.browser()
    send(browser, {"memories": "A bridge of stone."})

    assert "A bridge of stone." in text_of(browser.get("/my/sightings/"))


def test_whoever_says_that_a_page_is_about_them_is_led_here(cast: Cast) -> None:
    reference = file_case(cast, public=True).reference
    told = cast.anonymous.browser().post(f"/cases/{reference}/tell/about_me/", {"words": "Me."})

    assert 'href="/seekers/tell/"' in text_of(told)
