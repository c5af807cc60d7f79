"""Pages about the site itself: there for everybody, in both languages, without anybody's data."""

import pytest
from django.test import Client

from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", ["/about/", "/privacy/", "/help/seeing-a-child/"])
def test_everybody_can_read_what_this_is(address: str, language: str) -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE=language).get(address)

    assert page.status_code == 200
    assert INLINE.findall(text_of(page)) == []
    assert Client().post(address).status_code == 405


def test_the_periods_that_people_are_told_are_those_that_are_kept() -> None:
    page = text_of(Client(HTTP_ACCEPT_LANGUAGE="en").get("/privacy/"))

    assert "kept for 24 months" in page
    assert "12 months after the case has ended" in page
