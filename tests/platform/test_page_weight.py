"""What a page weighs on an old phone's connection: without its photos, before any compression."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from casemgr import offline
from tests.cast import Cast
from tests.factories import file_case, log_sighting
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PAGE, FIRST_LOAD = 60_000, 150_000
LOADED = re.compile(
    r'<(?:script|img|use|link rel="(?:stylesheet|icon|apple-touch-icon)")[^>]*?'
    r' (?:src|href)="/static/([^"#]+)'
)
# A page's worth of the longest things there are, so that lists are as heavy as they get.
MANY = 30


def files_of(page: Any) -> set[str]:
    """The site's own files that this page loads; photos are none of them."""
    return set(LOADED.findall(text_of(page)))


def weight_of(name: str) -> int:
    """Bytes of one file, uncompressed."""
    found = finders.find(name)
    assert isinstance(found, str), name
    return Path(found).stat().st_size


def weigh(browser: Client, address: str, language: str) -> tuple[int, int]:
    """Bytes of the page itself, and of all that a first visit loads for it."""
    answer = browser.get(address, headers={"accept-language": language})
    assert answer.status_code == 200, (address, answer.status_code)
    page = len(answer.content)
    return page, page + sum(weight_of(name) for name in files_of(answer))


def too_heavy(browser: Client, addresses: list[str]) -> list[str]:
    """Each page beyond a limit, with what it weighs."""
    said = []
    for address in addresses:
        for language in ("en", "zh-hans"):
            page, first = weigh(browser, address, language)
            if page > PAGE or first > FIRST_LOAD:
                said.append(f"{address} {language}: {page:,} bytes, {first:,} on a first visit")
    return said


def test_every_public_page_is_light(cast: Cast) -> None:
    cases = [file_case(cast, public=True) for _number in range(MANY)]
    shell = [f"/shell/zh-hans/{page}/" for page in offline.PAGES]
    addresses = [
        *("/", f"/cases/{cases[0].reference}/", "/sightings/new/", "/receipt/", "/report/"),
        *("/help/seeing-a-child/", "/about/", "/privacy/", "/statistics/", "/on-this-phone/"),
        *("/sign-in/", "/sign-up/", "/password/forgotten/"),
        *shell,
    ]
    assert too_heavy(Client(), addresses) == []


def test_the_pages_of_families_and_reporters_are_light(cast: Cast) -> None:
    for _number in range(MANY):
        log_sighting(cast, by=cast.volunteer)
    assert too_heavy(cast.volunteer.browser(), ["/my/sightings/", "/account/", "/notices/"]) == []
    guardian = cast.guardian.browser()
    begun = guardian.post("/report/begin/")["Location"]
    for _number in range(MANY):
        file_case(cast)
    steps = ("child", "when", "looks", "photos", "story", "reach", "public", "check")
    screens = [begun.replace("/child/", f"/{step}/") for step in steps]
    assert too_heavy(guardian, ["/my/cases/", *screens]) == []


def test_the_scales_see_every_file_that_a_page_loads() -> None:
    names = files_of(Client().get("/sightings/new/"))

    assert {"homeward.css", "homeward.js", "icons.svg", "logo.svg", "offline/photos.js"} <= names
    assert weight_of("homeward.css") > 20_000
