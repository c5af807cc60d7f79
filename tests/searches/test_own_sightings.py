"""Sightings told from an account, and where people start who sign in."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from searches.models import Sighting
from tests import factories
from tests.cast import Cast
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_volunteer_sees_adds_to_and_takes_back_what_they_told(cast: Cast, language: str) -> None:
    mine = factories.log_sighting(cast, by=cast.volunteer).sighting
    other = factories.log_sighting(cast, by=cast.other_guardian).sighting
    browser = cast.volunteer.browser(language=language)
    rows = text_of(browser.get("/my/sightings/"))
    address = f"/my/sightings/{mine.pk}/"
    page = text_of(browser.get(address))
    assert address in rows
    assert str(other.pk) not in rows
    assert INLINE.findall(rows + page) == []

    assert browser.post(address, {"act": "add", "description": "She limped."}).status_code == 200
    mine.refresh_from_db()
    assert mine.description.endswith("She limped.")
    assert browser.post(address, {"act": "ask_withdraw"}).status_code == 200
    mine.refresh_from_db()
    assert mine.withdrawn_at is None
    assert browser.post(address, {"act": "withdraw"}).status_code == 200
    mine.refresh_from_db()
    assert mine.withdrawn_at is not None


def test_nobody_opens_anothers_sighting_by_its_id(cast: Cast) -> None:
    theirs = factories.log_sighting(cast, by=cast.volunteer).sighting
    nobodys = factories.log_sighting(cast).sighting
    people = (cast.other_guardian, cast.reviewer, cast.coordinator, cast.anonymous)
    for address in (f"/my/sightings/{row}/" for row in (theirs.pk, nobodys.pk, uuid4())):
        for person in people:
            assert person.browser().get(address).status_code == 404
            assert person.browser().post(address, {"act": "withdraw"}).status_code == 404
    assert not Sighting.objects.filter(withdrawn_at__isnull=False).exists()


def test_a_list_takes_as_many_queries_for_ten_sightings_as_for_two(cast: Cast) -> None:
    for number in range(2):
        factories.log_sighting(cast, by=cast.volunteer, description=f"number {number}")
    browser = cast.volunteer.browser()
    browser.get("/my/sightings/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/my/sightings/")
    for number in range(8):
        factories.log_sighting(cast, by=cast.volunteer, description=f"another {number}")
    with CaptureQueriesContext(connection) as many:
        page = browser.get("/my/sightings/")

    assert text_of(page).count('class="panel"') == 10
    assert len(few) == len(many)


def test_everybody_starts_at_their_own_work(cast: Cast) -> None:
    factories.file_case(cast)

    def start(person: object) -> str:
        return str(person.browser().get("/my/")["Location"])  # type: ignore[attr-defined]

    assert start(cast.volunteer) == "/my/sightings/"
    assert start(cast.guardian) == "/my/cases/"
    assert start(cast.reviewer) == "/review/"
    assert "next=/my/" in start(cast.anonymous)
