"""Open cases near a place: what is found, what a card does not tell, and what it costs."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.make_cities import FILE, cities, written
from casemgr.platform.places import Place, division, division_label, find
from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case
from tests.cast import Cast
from tests.factories import file_case
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db
STATIC = Path(__file__).parents[2] / "static"


def at(cast: Cast, code: str, **case: Any) -> Case:
    """A case whose card tells this division."""
    place = Place(text="canary lane 7", division_code=code, latitude=24.99, longitude=102.61)
    return file_case(cast, public=True, case={"missing_from": place, **case})


def around(cast: Cast, place: str, **asked: Any) -> set[str]:
    page = cast.anonymous.browser().get("/near/", {"place": place, **asked})
    assert page.status_code == 200
    return {card.reference for card, _km in page.context["rows"]}


def test_cases_are_found_around_a_place_by_the_county_that_their_cards_tell(cast: Cast) -> None:
    kunming, anning, yuxi = (at(cast, code).reference for code in ("530112", "530181", "530400"))
    somewhere_in_yunnan = at(cast, "530000").reference
    beijing = at(cast, "110101").reference

    assert around(cast, "昆明") == {kunming, anning, yuxi}
    assert around(cast, "530112", within=50) == {kunming, anning}
    assert around(cast, "Yunnan") == {kunming, anning, yuxi, somewhere_in_yunnan}
    assert around(cast, "110000") == {beijing}
    assert around(cast, "Harbin") == set()
    assert around(cast, "") == set()


def test_how_far_off_is_told_from_county_to_county_and_nothing_finer(cast: Cast) -> None:
    at(cast, "530112"), at(cast, "530400")
    response = cast.anonymous.browser().get("/near/", {"place": "530112"})
    page = text_of(response)

    assert {km for _card, km in response.context["rows"]} == {0, 80}
    assert "in this area" in page
    assert "about 80 km away" in page
    assert [fact for fact in ("canary", "24.99", "102.61") if fact in page] == []


def test_only_cards_that_are_up_are_found_whoever_asks(cast: Cast) -> None:
    shown = at(cast, "530112").reference
    file_case(cast, status=CaseStatus.OPEN)

    for person in (cast.anonymous, cast.volunteer, cast.reviewer, cast.guardian):
        page = person.browser().get("/near/", {"place": "Kunming"})
        assert {card.reference for card, _km in page.context["rows"]} == {shown}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_place_given_by_its_number_is_told_by_its_name_and_keeps_finding_itself(
    cast: Cast, language: str
) -> None:
    page = cast.anonymous.browser(language=language).get("/near/", {"place": "440305"})
    unit = division("440305")
    assert unit is not None
    name = division_label(unit, language)

    assert f'value="{name}"' in text_of(page)
    assert 'value="100" selected' in text_of(page)
    assert "%(km)s" not in text_of(page)
    assert find(name) == unit
    assert INLINE.findall(text_of(page)) == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"place": "Atlantis"},
        {"place": "000000"},
        {"place": "x" * 61},
        {"place": "a\x00"},
        {"place": "Kunming", "within": "far"},
        {"place": "Kunming", "within": "51"},
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(
    cast: Cast, wrong: dict[str, str], language: str
) -> None:
    response = cast.anonymous.browser(language=language).get("/near/", wrong)

    assert response.status_code == 400
    assert "error-summary" in text_of(response)


def test_the_next_page_goes_on_around_the_same_place(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.near_views.PAGE_SIZE", 2)
    for _number in range(3):
        at(cast, "530112")
    browser = cast.anonymous.browser()
    first = browser.get("/near/", {"place": "530112", "within": "50"})
    link = text_of(first).split('rel="next"')[1].split('href="')[1].split('"')[0]
    second = browser.get("/near/" + link.replace("&amp;", "&"))

    seen = [card.reference for page in (first, second) for card, _km in page.context["rows"]]
    assert len(seen) == len(set(seen)) == 3
    assert second.context["form"].cleaned_data["within"] == 50
    assert browser.get("/near/", {"place": "530112", "after": "nonsense"}).status_code == 404


def test_many_cards_cost_as_many_queries_as_two(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert len(around(cast, "Kunming")) in (2, 20)
        return len(asked)

    for _number in range(2):
        at(cast, "530112")
    around(cast, "Kunming")
    few = queries()
    for _number in range(18):
        at(cast, "530181")

    assert queries() == few <= 6


def test_the_phone_picks_the_city_itself_and_sends_no_position(cast: Cast) -> None:
    script = (STATIC / "near.js").read_text("utf-8")
    page = text_of(cast.anonymous.browser().get("/near/"))

    assert "/static/near.js" in page
    assert 'name="latitude"' not in page
    assert script.count("fetch(") == 1
    assert "fetch(button.dataset.cities)" in script


def test_the_list_of_cities_is_what_the_gazetteer_says() -> None:
    rows = json.loads(FILE.read_text("utf-8"))

    assert FILE.read_text("utf-8") == written(cities())
    assert all(division(code) for code, *_rest in rows)
    assert sum(rank == 1 for *_rest, rank in rows) == 34
