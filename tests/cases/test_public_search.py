"""Looking for a public card from the home page."""

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.public_cases import invent
from casemgr.platform.dates import PartialDate
from casemgr.platform.places import Place
from cases.models import Case
from cases.search_forms import PublicSearchForm
from tests import factories
from tests.cast import Cast
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db


def found(cast: Cast, **asked: Any) -> set[str]:
    """References on the home page for a search."""
    page = cast.anonymous.browser().get("/", asked)
    assert page.status_code == 200
    return {card.reference for card in page.context["cards"]}


def born(year: int) -> PartialDate:
    return PartialDate(str(year), date(year, 1, 1), date(year, 12, 31))


@pytest.fixture
def two(cast: Cast) -> tuple[Case, Case]:
    """Two cards: a girl of Kunming, missing in 2011, and a boy of Guangdong, missing in 2019."""
    girl = factories.file_case(cast, public=True)
    boy = factories.file_case(
        cast,
        by=cast.other_guardian,
        public=True,
        case={
            "public_name": "",
            "missing_at": PartialDate("2019", date(2019, 1, 1), date(2019, 12, 31)),
            "missing_from": Place(text="Humen", division_code="441900"),
            "story": "A secret word: heliotrope.",
        },
        child={"sex": "male", "full_name": "欧阳春生", "given_name": "春生", "family_name": "欧阳",
               "nicknames": ["阿生"], "birth_date": born(timezone.now().year - 10)},
    )  # fmt: skip
    return girl, boy


def test_cards_are_found_by_what_they_say(cast: Cast, two: tuple[Case, Case]) -> None:
    girl, boy = two[0].reference, two[1].reference

    assert found(cast, q="") == {girl, boy}
    assert found(cast, q="xiaoman") == {girl}
    assert found(cast, q="春生") == {boy}
    assert found(cast, q="云南") == {girl}
    assert found(cast, q="Kunming") == {girl}
    assert found(cast, q="东莞") == {boy}
    assert found(cast, sex="male") == {boy}
    assert found(cast, province="530000") == {girl}
    assert found(cast, year_from=2012) == {boy}
    assert found(cast, year_to=2018) == {girl}
    assert found(cast, age_from=8, age_to=10) == {boy}
    assert found(cast, age_from=15, age_to=60) == {girl}
    assert found(cast, sex="male", province="530000") == set()


@pytest.mark.parametrize(
    "hidden", ["heliotrope", "欧阳", "阿生", "林小满", "lanterns", "west gate", "Manman"]
)
def test_what_a_card_does_not_say_finds_nothing(
    cast: Cast, two: tuple[Case, Case], hidden: str
) -> None:
    assert found(cast, q=hidden) == set()


def test_cases_without_a_card_are_not_found(cast: Cast) -> None:
    factories.file_case(cast, child={"nicknames": ["Lantern"]})

    assert found(cast, q="Xiaoman") == set()
    page = cast.anonymous.browser().get("/", {"q": "Xiaoman"})
    assert "No card shown here says that" in text_of(page)


@pytest.mark.parametrize(
    "wrong",
    [
        {"age_from": "ten"},
        {"age_from": 12, "age_to": 3},
        {"year_from": 2020, "year_to": 2010},
        {"year_to": 10_000},
        {"sex": "robot"},
        {"province": "000000"},
        {"q": "x" * 61},
        {"q": "a\x00"},
        {"age_from": 10**30},
    ],
)
def test_a_search_that_makes_no_sense_says_so(cast: Cast, wrong: dict[str, Any]) -> None:
    page = cast.anonymous.browser(language="zh-hans").get("/", wrong)

    assert page.status_code == 400
    assert "error-summary" in text_of(page)
    assert INLINE.findall(text_of(page)) == []


def test_the_next_page_looks_for_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(3):
        factories.file_case(cast, public=True)
    monkeypatch.setattr("cases.views.PAGE_SIZE", 2)
    page = cast.anonymous.browser().get("/", {"q": "Xiaoman", "sex": "female"})
    following = cast.anonymous.browser().get("/" + _next(page))

    assert len(page.context["cards"]) == 2
    assert len(following.context["cards"]) == 1
    assert following.context["form"].data["q"] == "Xiaoman"


def _next(page: Any) -> str:
    link = text_of(page).split('rel="next"')[1].split('href="')[1].split('"')[0]
    return link.split("#")[0].replace("&amp;", "&")


def test_a_search_takes_as_many_queries_for_ten_cards_as_for_two(cast: Cast) -> None:
    for _number in range(2):
        factories.file_case(cast, public=True)
    found(cast, q="Xiaoman")
    with CaptureQueriesContext(connection) as few:
        found(cast, q="Xiaoman")
    for _number in range(8):
        factories.file_case(cast, public=True)
    with CaptureQueriesContext(connection) as many:
        assert len(found(cast, q="Xiaoman")) == 10

    assert len(few) == len(many)


def test_a_new_name_on_the_card_is_found_and_the_old_one_is_not(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    assert found(cast, q="Xiaoman") == {case.reference}

    page = cast.guardian.api().patch(
        f"/api/v1/cases/{case.pk}/",
        {"public_name": "小石榴"},
        format="json",
        headers={"If-Match": cast.guardian.api().get(f"/api/v1/cases/{case.pk}/")["ETag"]},
    )

    assert page.status_code == 200, page.content
    assert found(cast, q="石榴") == {case.reference}
    assert found(cast, q="榴") == {case.reference}
    assert found(cast, q="榴石") == set()
    assert found(cast, q="Xiaoman") == set()


def test_cases_filed_before_cards_had_an_index_are_found(
    cast: Cast, two: tuple[Case, Case]
) -> None:
    Case.objects.update(card_tokens=[])
    assert found(cast, q="春生") == set()

    import_module("cases.migrations.0022_card_tokens").fill(apps, None)

    assert found(cast, q="春生") == {two[1].reference}
    assert found(cast, sex="female", province="530000", year_to=2018) == {two[0].reference}


def test_words_that_are_on_few_cards_do_not_make_it_read_all(cast: Cast) -> None:
    invent(cast, 1_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case, cases_child")
        # So few rows are read fastest one after the other.
        cursor.execute("SET LOCAL enable_seqscan = off")
    for words in ("nobody", "Chengjiang"):
        form = PublicSearchForm({"q": words})
        assert form.is_valid()
        cases = form.narrow(Case.objects.public()).order_by("-public_since", "-pk")[:25]

        plan = cases.explain()
        assert "case_card_tokens" in plan, plan
