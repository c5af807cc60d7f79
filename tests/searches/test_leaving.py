"""'Leave this page': for whoever reads or tells something that the one beside them must not see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import Cast
from tests.factories import file_case, log_sighting
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db
LEAVE = f'<a class="leave" href="{settings.LEAVE_ADDRESS}" rel="noreferrer" data-leave>'

Open = Callable[[Cast, Client], Any]


def received(cast: Cast, browser: Client) -> Any:
    key = "3e0ef82d-09c5-4b2f-9f0a-2a3a3f7f7c11"
    return browser.post("/sightings/new/", {"key": key, "description": "A boy with roses."})


def own_sighting(cast: Cast, browser: Client) -> Any:
    return browser.post("/receipt/", {"code": log_sighting(cast).receipt})


def taking_back(cast: Cast, browser: Client) -> Any:
    return browser.post("/receipt/", {"code": log_sighting(cast).receipt, "act": "ask_withdraw"})


def about_me(cast: Cast, browser: Client) -> Any:
    reference = file_case(cast, public=True).reference
    return browser.get(f"/cases/{reference}/tell/about_me/")


def about_me_told(cast: Cast, browser: Client) -> Any:
    reference = file_case(cast, public=True).reference
    return browser.post(f"/cases/{reference}/tell/about_me/", {"words": "It is me."})


def at(address: str) -> Open:
    def page(cast: Cast, browser: Client) -> Any:
        return browser.get(address)

    return page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "page",
    [
        at("/sightings/new/"),
        at("/receipt/"),
        at("/help/seeing-a-child/"),
        at("/privacy/"),
        at("/seekers/"),
        at("/seekers/tell/"),
        received,
        own_sighting,
        taking_back,
        about_me,
        about_me_told,
    ],
)
def test_one_link_leads_away_and_comes_before_all_else(
    cast: Cast, page: Open, language: str
) -> None:
    response = page(cast, cast.anonymous.browser(language=language))
    text = text_of(response)

    assert response.status_code in (200, 201)
    assert text.count("data-leave") == text.count(LEAVE) == 1
    assert text.index('class="skip"') < text.index(LEAVE) < text.index("<header>")
    assert INLINE.findall(text) == []


def test_ones_own_sightings_can_be_left_too(cast: Cast) -> None:
    assert text_of(cast.volunteer.browser().get("/my/sightings/")).count(LEAVE) == 1


def test_pages_that_nobody_need_hide_have_no_such_link(cast: Cast) -> None:
    assert "data-leave" not in text_of(cast.anonymous.browser().get("/"))
