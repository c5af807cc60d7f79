"""What a phone keeps of the site: a shell that is nobody's, and how it comes to be there."""

import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from casemgr import offline
from casemgr.platform.site import Site
from tests.cast import Cast
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "zh-hans")
SHELL = [(language, page) for language in LANGUAGES for page in offline.PAGES]


def known_to_the_worker(client: Client) -> dict[str, Any]:
    """The list that the service worker is given."""
    first, *_more = client.get("/service-worker.js").content.decode().splitlines()
    known: dict[str, Any] = json.loads(first.removeprefix("self.SHELL = ").removesuffix(";"))
    return known


@pytest.mark.parametrize(("language", "page"), SHELL)
def test_a_page_of_the_shell_is_the_same_bytes_whoever_asks(
    cast: Cast, language: str, page: str
) -> None:
    address = f"/shell/{language}/{page}/"
    answers = [
        person.browser(language="zh-hans" if language == "en" else "en").get(address)
        for person in (cast.anonymous, cast.reviewer, cast.guardian)
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert all(not answer.cookies for answer in answers)
    told = text_of(answers[0])
    assert f'<html lang="{language}">' in told
    assert INLINE.findall(told) == []
    assert not re.search(r"csrfmiddlewaretoken|name=\"key\"|data-account|/sign-out/", told)


@pytest.mark.parametrize(("language", "page"), SHELL)
def test_only_the_shell_says_that_it_may_be_kept(language: str, page: str) -> None:
    kept = Client().get(f"/shell/{language}/{page}/")

    assert kept["Cache-Control"] == "no-cache"
    assert kept["Content-Language"] == language
    if live := offline.PAGES[page].stands_for:
        known = known_to_the_worker(Client())["standsFor"]
        assert live
        [address] = [where for where, name in known.items() if name == page]
        assert Client().get(address)["Cache-Control"] == "no-store"


def test_all_that_the_worker_is_told_to_keep_may_be_kept_and_is_nobodys(cast: Cast) -> None:
    known = known_to_the_worker(cast.reviewer.browser())
    addresses = [
        *known["files"],
        *(one for page in known["pages"].values() for one in page.values()),
    ]

    assert all(re.match(r"/(static|shell)/", address) for address in addresses)
    assert sorted(known["standsFor"]) == [
        *("/help/seeing-a-child/", "/on-this-phone/", "/report/", "/sightings/new/"),
    ]
    for address in addresses:
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
        else:
            answer = Client().get(address)
            assert answer.status_code == 200
            assert "no-store" not in answer["Cache-Control"]


def test_the_worker_comes_from_the_root_as_a_script_that_the_browser_asks_for_anew() -> None:
    answer = Client().get("/service-worker.js")

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert 'importScripts("/static/offline/worker.js")' in answer.content.decode()


def test_everything_that_pages_of_the_shell_load_is_kept_with_them() -> None:
    known = known_to_the_worker(Client())
    needed = re.compile(r'(?:<script src|<link rel="stylesheet" href|<img src|<use href)="([^"#]+)')
    pages = [Client().get(one) for page in known["pages"].values() for one in page.values()]
    loaded = {address for page in pages for address in needed.findall(text_of(page))}

    assert loaded <= set(known["files"])
    assert len(loaded) > 5


def test_the_version_moves_with_what_the_shell_says() -> None:
    before = Site("Homeward", "Asia/Shanghai", "110")

    assert offline.version(before) == offline.version(Site("Homeward", "Asia/Shanghai", "110"))
    assert re.fullmatch(r"[0-9a-f]{16}", offline.version(before))


@pytest.mark.parametrize(
    "address", ["/shell/fr/sighting/", "/shell/en/queue/", "/manifest/fr.webmanifest"]
)
def test_there_is_no_other_shell(address: str) -> None:
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize(
    ("language", "name", "words"),
    [("en", "Homeward", "I have seen a child"), ("zh-hans", "归途", "我看见了一个孩子")],
)
def test_the_manifest_speaks_the_language_of_the_page(language: str, name: str, words: str) -> None:
    page = text_of(Client(HTTP_ACCEPT_LANGUAGE=language).get("/"))
    found = re.search(r'<link rel="manifest" href="([^"]+)">', page)
    assert found
    answer = Client().get(found[1])
    told = json.loads(answer.content)

    assert answer["Content-Type"] == "application/manifest+json"
    assert (told["name"], told["short_name"], told["lang"]) == (name, name, language)
    assert (told["start_url"], told["scope"], told["display"]) == ("/", "/", "standalone")
    assert told["shortcuts"][0] == {"name": words, "url": "/sightings/new/"}
    for icon in told["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert isinstance(path, str)
        with open(path, "rb") as file:
            head = file.read(24)
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        assert icon["sizes"] == f"{int.from_bytes(head[16:20])}x{int.from_bytes(head[20:24])}"


def test_a_page_tells_the_phone_whose_it_is_and_nobody_who_that_is(cast: Cast) -> None:
    def mark(browser: Client) -> list[str]:
        return re.findall(r'data-account="(\w+)"', text_of(browser.get("/about/")))

    [one] = mark(cast.reviewer.browser())
    assert mark(cast.reviewer.browser()) == [one]
    assert mark(cast.guardian.browser()) != [one]
    assert mark(cast.anonymous.browser()) == []
    assert one not in str(cast.reviewer.user_id)
