"""Open cases as Atom and JSON Feed: public cards alone, and gone at once."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, publication
from tests.cast import Cast
from tests.factories import file_case

pytestmark = pytest.mark.django_db
ADDRESSES = ("/feeds/cases.atom", "/feeds/cases.json")
ATOM = "{http://www.w3.org/2005/Atom}"


def titles(address: str) -> list[str]:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "public, max-age=30, must-revalidate"
    if address.endswith(".json"):
        return [item["title"] for item in answer.json()["items"]]
    tree = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
    return [str(entry.findtext(f"{ATOM}title")) for entry in tree.findall(f"{ATOM}entry")]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_feed_holds_public_cards_newest_first_and_nothing_beyond_them(
    cast: Cast, address: str
) -> None:
    file_case(cast, public=True, case={"public_name": "First <b>&"})
    file_case(cast, public=True, case={"public_name": "Second"})
    file_case(cast, status=CaseStatus.OPEN, case={"public_name": "Hidden"})

    assert titles(address) == ["Second", "First <b>&"]
    whole = Client().get(address).content.decode()
    for secret in ("林小满", "2006-05-21", "lanterns", "west gate", "Hidden"):
        assert secret not in whole
    assert "Xishan" in whole
    assert "missing since 2011" in whole


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("cause", ["located", "unpublished"])
def test_a_card_that_comes_down_is_gone_from_the_next_answer(
    cast: Cast, address: str, cause: str
) -> None:
    case = file_case(cast, public=True)
    assert titles(address) == ["Xiaoman"]
    desk: Any = cast.desk[0].actor
    if cause == "located":
        lifecycle.transition(actor=desk, case=case, to=CaseStatus.LOCATED)
    else:
        publication.unpublish(actor=desk, case=case, reason="doubt")

    assert titles(address) == []


def test_words_are_in_the_readers_language(cast: Cast) -> None:
    file_case(cast, public=True)
    answer = Client(headers={"Accept-Language": "zh-hans"}).get("/feeds/cases.json")

    assert answer.json()["language"] == "zh-hans"
    assert "西山" in answer.json()["items"][0]["content_text"]
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_long_feed_takes_no_more_queries(cast: Cast, address: str) -> None:
    Client().get(address)
    counts = []
    for more in (1, 4):
        for _ in range(more):
            file_case(cast, public=True)
        with CaptureQueriesContext(connection) as seen:
            Client().get(address)
        counts.append(len(seen))

    assert counts[0] == counts[1]
