"""Refusals: one shape for all, in the asker's language, and silent about ourselves."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from searches import services
from tests.api.helpers import BASE, SIGHTINGS, refused
from tests.cast import Cast


@pytest.mark.parametrize(("language", "tag"), [("zh-CN", "zh-hans"), ("fr", "en"), ("en", "en")])
def test_words_follow_the_language_and_codes_do_not(cast: Cast, language: str, tag: str) -> None:
    response = cast.anonymous.api(language=language).post(SIGHTINGS, {})
    assert refused(response, 400, "invalid") == {"/kind": "required"}
    assert response["Content-Language"] == tag
    words = {"zh-hans": "该字段是必填项。", "en": "This field is required."}
    assert response.json()["errors"][0]["detail"] == words[tag]


def test_what_is_no_address_is_a_problem_for_every_method(cast: Cast) -> None:
    api = cast.anonymous.api()
    for address in ("nothing/", "cases", "cases/HW-234-567-8/", "cases/%00/", ""):
        for method in ("get", "post", "put", "delete"):
            refused(getattr(api, method)(BASE + address), 404, "not_found")


def test_a_404_echoes_nothing(cast: Cast) -> None:
    response = cast.anonymous.api().get(f"{BASE}echo-me/?echo=me")
    refused(response, 404, "not_found")
    assert "echo" not in response.content.decode()


def test_what_nobody_foresaw_tells_nothing_of_itself(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(services, "log_sighting", broken)
    api = cast.anonymous.api()
    api.raise_request_exception = False
    response = api.post(SIGHTINGS, {"kind": "street", "description": "x"})
    refused(response, 500, "server_error")
    assert "secret" not in response.content.decode()


def test_answers_are_kept_by_nobody(cast: Cast) -> None:
    for address in ("cases/", "nothing/"):
        assert cast.anonymous.api().get(BASE + address)["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["get", "options"])
@pytest.mark.parametrize("address", ["cases/", "sightings/", "events/", "statistics/"])
def test_no_page_of_another_site_may_read_the_api(cast: Cast, address: str, method: str) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for client in (cast.anonymous.api(), cast.program.api()):
        answer = getattr(client, method)(BASE + address, headers=asked)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
