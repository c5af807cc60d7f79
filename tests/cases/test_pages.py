"""The public pages of cases: what anybody may see, and what nobody may."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgr.platform import references
from casemgr.platform.dates import PartialDate
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, services
from cases.models import Case, CasePhoto
from tests.cast import Cast
from tests.factories import file_case, jpeg, work_off
from tests.pages import INLINE, text_of

LANGUAGES = ["en", "zh-hans"]
pytestmark = pytest.mark.django_db


def references_on(page: str, cases: list[Case]) -> set[str]:
    return {case.reference for case in cases if f"/cases/{case.reference}/" in page}


def test_the_first_page_shows_the_cases_whose_card_is_up_and_no_others(cast: Cast) -> None:
    shown = file_case(cast, public=True)
    hidden = [file_case(cast, status=status) for status in (CaseStatus.SUBMITTED, CaseStatus.OPEN)]

    page = text_of(cast.anonymous.browser().get("/"))

    assert references_on(page, [shown, *hidden]) == {shown.reference}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_without_cases_still_says_what_can_be_done(
    cast: Cast, language: str
) -> None:
    response = cast.anonymous.browser(language=language).get("/")
    page = text_of(response)

    assert response.status_code == 200
    assert f'<html lang="{language}">' in page
    assert 'href="tel:110"' in page
    assert 'href="/sightings/new/"' in page
    assert 'class="empty"' in page


def test_a_visitor_of_public_pages_gets_no_cookie(cast: Cast) -> None:
    case = file_case(cast, public=True)
    browser = cast.anonymous.browser()

    for address in ("/", f"/cases/{case.reference}/"):
        assert not browser.get(address).cookies


def test_older_cases_are_on_the_next_page(cast: Cast) -> None:
    cases = [file_case(cast, public=True) for _ in range(26)]
    for age, case in enumerate(cases):
        Case.objects.filter(pk=case.pk).update(
            public_since=timezone.now() - timedelta(hours=age // 2)
        )
    browser = cast.anonymous.browser()
    first = browser.get("/")
    second = browser.get("/", {"after": first.context["after"]})

    order = [card.reference for page in (first, second) for card in page.context["cards"]]
    assert len(first.context["cards"]) == 24
    assert sorted(order) == sorted(case.reference for case in cases)
    assert second.context["after"] == ""
    assert browser.get("/", {"after": "nonsense"}).status_code == 404


def test_the_first_page_asks_the_database_as_often_for_many_cases_as_for_two(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert cast.anonymous.browser().get("/").status_code == 200
        return len(asked)

    for _ in range(2):
        file_case(cast, public=True)
    few = queries()
    for _ in range(30):
        file_case(cast, public=True)

    assert queries() == few <= 6


CANARIES = {
    "full name": "欧阳金丝雀",
    "story": "canary-story",
    "police": "canary-police",
    "place": "canary-lane 7",
    "mark kept back": "canary-scar",
    "birth date in words": "canary-birthday",
}


def full_case(cast: Cast) -> Case:
    """A public case with something to hide in every private field."""
    return file_case(
        cast,
        public=True,
        case={
            "public_name": "Jinsi",
            "story": CANARIES["story"],
            "police_reference": CANARIES["police"],
            "missing_at": PartialDate("3 June 2011", date(2011, 6, 3), date(2011, 6, 3)),
            "missing_from": Place(
                text=CANARIES["place"],
                division_code="530112",
                latitude=25.0389,
                longitude=102.7046,
                precision_m=10,
            ),
        },
        child={
            "full_name": CANARIES["full name"],
            "birth_date": PartialDate(
                CANARIES["birth date in words"], date(2007, 5, 17), date(2007, 5, 17)
            ),
        },
        marks=[
            {"kind": "mole", "body_part": "chin", "side": "left", "text": "a dot", "public": True},
            {"kind": "birthmark", "body_part": "back", "text": CANARIES["mark kept back"]},
            {"kind": "scar", "body_part": "knee", "text": CANARIES["mark kept back"]},
        ],
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_public_card_tells_the_public_facts_and_nothing_beyond_them(
    cast: Cast, language: str
) -> None:
    case = full_case(cast)
    page = text_of(cast.anonymous.browser(language=language).get(f"/cases/{case.reference}/"))

    assert [name for name, canary in CANARIES.items() if canary in page] == []
    exact = ("05-17", "May 17", "5月17日", "June 3", "6月3日", "25.03", "102.7", str(case.pk))
    assert [fact for fact in exact if fact in page] == []
    told = {
        "en": ["Jinsi", "June 2011", "Xishan, Kunming, Yunnan", "mole", "a dot", "4 years"],
        "zh-hans": ["Jinsi", "2011年6月", "云南省昆明市西山区", "a dot"],
    }
    assert [fact for fact in told[language] if fact not in page] == []


def test_from_a_card_nothing_of_the_case_is_carried_into_a_sighting(cast: Cast) -> None:
    case = file_case(cast, public=True)
    browser = cast.anonymous.browser()

    card = text_of(browser.get(f"/cases/{case.reference}/"))
    form = text_of(browser.get("/sightings/new/", headers={"referer": f"/cases/{case.reference}/"}))

    assert 'href="/sightings/new/"' in card
    assert "/sightings/new/?" not in card
    assert case.reference not in form


def taken_down(cast: Cast) -> dict[str, Case]:
    """Cards that were up once, each taken down for another cause."""
    cases = {
        cause: file_case(cast, public=True) for cause in ("withdrawn", "located", "unpublished")
    }
    desk = cast.desk[0].actor
    lifecycle.transition(
        actor=cast.guardian.actor, case=cases["withdrawn"], to=CaseStatus.WITHDRAWN
    )
    lifecycle.transition(actor=desk, case=cases["located"], to=CaseStatus.LOCATED)
    lifecycle.unpublish(actor=desk, case=cases["unpublished"], reason="asked by phone")
    return cases


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_that_was_up_once_answers_the_same_whatever_took_it_down(
    cast: Cast, language: str
) -> None:
    browser = cast.anonymous.browser(language=language)
    answers = [browser.get(f"/cases/{case.reference}/") for case in taken_down(cast).values()]

    assert [answer.status_code for answer in answers] == [410, 410, 410]
    assert len({answer.content for answer in answers}) == 1
    headers = [{k: v for k, v in a.headers.items() if k != "X-Request-Id"} for a in answers]
    assert headers[0] == headers[1] == headers[2]


def test_a_case_that_was_never_public_is_not_there_for_anybody(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN)
    unknown = references.generate()
    browser = cast.anonymous.browser()
    answers = [browser.get(f"/cases/{reference}/") for reference in (case.reference, unknown)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_mistyped_reference_is_told_from_an_unknown_one(cast: Cast) -> None:
    case = file_case(cast, public=True)
    body, check = case.reference[:-1], case.reference[-1]
    wrong = body + next(letter for letter in references.ALPHABET if letter != check)
    browser = cast.anonymous.browser()
    mistyped, unknown = (
        browser.get("/cases/look-up/", {"reference": reference}, follow=True)
        for reference in (wrong, references.generate())
    )

    assert (mistyped.status_code, unknown.status_code) == (404, 404)
    assert "typing mistake" in text_of(mistyped)
    assert 'action="/cases/look-up/"' in text_of(mistyped)
    assert wrong not in text_of(mistyped)
    assert "There is nothing here" in text_of(unknown)


def test_a_reference_is_found_however_it_is_typed(cast: Cast) -> None:
    case = file_case(cast, public=True)
    typed = case.reference.lower().replace("-", " ")

    response = cast.anonymous.browser().get("/cases/look-up/", {"reference": typed}, follow=True)

    assert response.status_code == 200
    assert response.redirect_chain == [(f"/cases/{case.reference}/", 302)]


def test_no_page_has_a_script_or_style_of_its_own(cast: Cast) -> None:
    case = file_case(cast, public=True)
    browser = cast.anonymous.browser()
    addresses = ["/", f"/cases/{case.reference}/", "/cases/HW-1/", "/nowhere/", "/sightings/new/"]
    addresses += ["/receipt/", "/sign-in/", "/sign-in/link/abc/"]

    pages = {address: browser.get(address) for address in addresses}

    assert [a for a, page in pages.items() if INLINE.search(text_of(page))] == []
    assert "default-src 'self'" in pages["/"].headers["Content-Security-Policy"]
    assert "unsafe" not in pages["/"].headers["Content-Security-Policy"]


def test_a_phone_fetches_the_small_picture_of_each_card(cast: Cast) -> None:
    case = file_case(cast, public=True)
    services.add_photo(actor=cast.guardian.actor, case=case, data=jpeg(3))
    work_off("cases.develop_photo")
    CasePhoto.objects.update(consent_public=True, ever_public=True)
    photo = CasePhoto.objects.get()

    page = text_of(cast.anonymous.browser().get("/"))

    assert f'src="/media/case/{photo.pk}/thumb/"' in page
    assert f'<source media="(min-width: 48em)" srcset="/media/case/{photo.pk}/public/">' in page
    thumb, full = (
        len(b"".join(cast.anonymous.browser().get(f"/media/case/{photo.pk}/{size}/")))
        for size in ("thumb", "public")
    )
    assert thumb < full
