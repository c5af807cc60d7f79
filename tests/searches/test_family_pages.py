"""A family's own cases in the browser."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from cases.models import Case
from searches.models import Sighting
from tests import factories
from tests.cast import Cast
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_family_sees_its_cases_and_nobody_elses(cast: Cast, language: str) -> None:
    mine = factories.file_case(cast, status=CaseStatus.OPEN)
    other = factories.file_case(cast, by=cast.other_guardian, status=CaseStatus.OPEN)
    browser = cast.guardian.browser(language=language)
    rows = browser.get("/my/cases/")
    page = browser.get(f"/my/cases/{mine.reference}/")

    assert mine.reference in text_of(rows)
    assert other.reference not in text_of(rows)
    assert page.status_code == 200
    assert INLINE.findall(text_of(rows) + text_of(page)) == []
    assert browser.get(f"/my/cases/{other.reference}/").status_code == 404
    for person in (cast.volunteer, cast.reviewer, cast.coordinator, cast.other_guardian):
        assert person.browser().get(f"/my/cases/{mine.reference}/").status_code == 404
        assert person.browser().post(f"/my/cases/{mine.reference}/withdraw/").status_code == 404
    assert cast.anonymous.browser().get("/my/cases/").status_code == 302


def test_a_list_takes_as_many_queries_for_twenty_cases_as_for_two(cast: Cast) -> None:
    factories.file_case(cast)
    factories.file_case(cast, status=CaseStatus.OPEN)
    browser = cast.guardian.browser()
    browser.get("/my/cases/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/my/cases/")
    for _number in range(18):
        factories.file_case(cast)
    with CaptureQueriesContext(connection) as many:
        page = browser.get("/my/cases/")

    assert text_of(page).count('class="panel"') == 20
    assert len(many) == len(few)


def test_the_count_is_of_all_sightings_worked_through_and_says_nothing_of_matches(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    browser = cast.guardian.browser()
    like = factories.log_sighting(cast).sighting
    factories.log_sighting(cast, sex="male", description="somebody else entirely")
    assert "Held against 0 sightings so far" in text_of(browser.get(f"/my/cases/{case.reference}/"))
    Sighting.objects.update(matched_at=timezone.now())
    before = text_of(browser.get(f"/my/cases/{case.reference}/"))
    assert "Held against 2 sightings so far" in before
    factories.store_match(case, like, bits=30.0, band="strong")

    assert text_of(browser.get(f"/my/cases/{case.reference}/")) == before


def test_a_located_child_changes_nothing_on_the_familys_pages_until_they_are_told(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    browser = cast.guardian.browser()
    pages = ["/my/cases/", f"/my/cases/{case.reference}/", "/report/"]
    before = [text_of(browser.get(page)) for page in pages]
    lifecycle.transition(actor=cast.desk[0].actor, case=case, to=CaseStatus.LOCATED)

    assert [text_of(browser.get(page)) for page in pages] == before


def test_a_family_asks_for_its_case_back_and_the_search_goes_on_until_somebody_has_called(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, public=True)
    browser = cast.guardian.browser()
    address = f"/my/cases/{case.reference}/withdraw/"
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"reason": "x" * 501}).status_code == 400
    assert Case.objects.get().withdrawal_asked_at is None
    assert browser.post(address, {"reason": "She is home."}).status_code == 302

    case = Case.objects.get()
    assert (case.status, case.public_since) == (CaseStatus.OPEN, None)
    assert "asked us to take this case back" in text_of(browser.get(f"/my/cases/{case.reference}/"))
