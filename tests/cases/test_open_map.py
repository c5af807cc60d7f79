"""The map of open cases: counts of what cards tell, for everybody, and nothing finer."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgr.platform.places import Place, division
from casemgr.platform.vocabularies import CaseStatus
from cases import publication
from tests.cast import Cast
from tests.factories import file_case
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db
STATIC = Path(__file__).parents[2] / "static"


def put_up(cast: Cast, **place: Any) -> Any:
    where = Place(**{"text": "canary lane 7", "latitude": 24.9913, "longitude": 102.6134, **place})
    return file_case(cast, public=True, case={"missing_from": where})


def told(cast: Cast, language: str = "en") -> Any:
    return cast.anonymous.browser(language=language).get("/map/places.json").json()["places"]


def test_counties_are_counted_and_stand_at_their_seat(cast: Cast) -> None:
    for code in ("530112", "530112", "441900"):
        put_up(cast, division_code=code)
    xishan, dongguan = division("530112"), division("441900")
    assert xishan
    assert dongguan

    assert told(cast) == [
        ["441900", "Dongguan, Guangdong", dongguan.latitude, dongguan.longitude, 1],
        ["530112", "Xishan, Kunming, Yunnan", xishan.latitude, xishan.longitude, 2],
    ]
    assert told(cast, "zh-hans")[1][1] == "云南省昆明市西山区"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_finer_than_a_county_and_no_case_by_itself_is_told(
    cast: Cast, language: str
) -> None:
    case = put_up(cast, division_code="530112")
    browser = cast.anonymous.browser(language=language)
    for address in ("/map/", "/map/places.json"):
        page = text_of(browser.get(address))
        hidden = ("canary", "24.99", "102.61", case.reference, str(case.pk), "Xiaoman")
        assert [fact for fact in hidden if fact in page] == []


def test_a_place_in_words_or_by_coordinates_alone_is_told_as_its_card_tells_it(cast: Cast) -> None:
    put_up(cast, text="昆明市西山区碧鸡镇", latitude=None, longitude=None)
    put_up(cast, text="")
    put_up(cast, text="somewhere", latitude=None, longitude=None)

    assert {(row[0], row[4]) for row in told(cast)} == {("530112", 1), ("530100", 1)}
    page = cast.anonymous.browser().get("/map/")
    assert "1 card tells no place." in text_of(page)
    assert [row[0:3:2] for row in page.context["provinces"]] == [("530000", 2)]


@pytest.mark.parametrize("asker", ["anonymous", "volunteer", "reviewer", "guardian"])
def test_only_cards_that_are_up_are_counted_whoever_asks(cast: Cast, asker: str) -> None:
    file_case(cast, status=CaseStatus.OPEN)
    case = put_up(cast, division_code="530112")
    browser = getattr(cast, asker).browser()

    assert [row[4] for row in browser.get("/map/places.json").json()["places"]] == [1]
    publication.unpublish(actor=cast.guardian.actor, case=case, reason="home again")
    assert browser.get("/map/places.json").json()["places"] == []
    assert "data-open-map" not in text_of(browser.get("/map/"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_without_a_script_there_is_a_picture_and_a_list_that_leads_to_the_cases(
    cast: Cast, language: str
) -> None:
    put_up(cast, division_code="530112")
    browser = cast.anonymous.browser(language=language)
    page = text_of(browser.get("/map/"))

    assert 'class="map"' in page
    assert 'href="/near/?place=530000"' in page
    assert len(browser.get("/near/?place=530000").context["rows"]) == 1
    assert INLINE.findall(page) == []


def test_cases_with_places_in_words_are_found_near_them_too(cast: Cast) -> None:
    case = put_up(cast, text="昆明市西山区碧鸡镇", latitude=None, longitude=None)
    browser = cast.anonymous.browser()

    for place, found in (("Kunming", 1), ("Yunnan", 1), ("Harbin", 0), ("Guangdong", 0)):
        rows = browser.get("/near/", {"place": place}).context["rows"]
        assert [card.reference for card, _km in rows] == [case.reference] * found


def test_the_map_is_loaded_on_its_own_page_alone_and_from_this_house(cast: Cast) -> None:
    put_up(cast, division_code="530112")
    browser = cast.anonymous.browser()
    response = browser.get("/map/")

    assert "leaflet" not in text_of(browser.get("/"))
    assert "/static/vendor/leaflet/leaflet.js" in text_of(response)
    assert 'data-tiles=""' in text_of(response)
    assert settings.MAP_TILES == ""
    assert "https:" not in response.headers["Content-Security-Policy"]
    assert "sourceMappingURL" not in (STATIC / "vendor/leaflet/leaflet.js").read_text("utf-8")


def test_many_cases_cost_as_many_queries_as_two(cast: Cast) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert cast.anonymous.browser().get(address).status_code == 200
        return len(asked)

    for code in ("530112", "441900"):
        put_up(cast, division_code=code)
    few = [queries("/map/"), queries("/map/places.json")]
    for code in ("530181", "530400", "110101", "310101", ""):
        put_up(cast, division_code=code or None)

    assert [queries("/map/"), queries("/map/places.json")] == few
    assert max(few) <= 4
