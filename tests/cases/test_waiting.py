"""Families that wait for a reviewer: a report is seen whether anything matches it or not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgr.platform.notify.models import Notice
from casemgr.platform.vocabularies import CaseStatus
from cases import consents, lifecycle, publication
from cases.models import Assignment, Case, ConsentPurpose
from families.models import Guardian
from tests.cast import Cast, Person
from tests.factories import file_case, work_off
from tests.pages import text_of

pytestmark = pytest.mark.django_db
WAITING = "/review/cases/"


def submitted(cast: Cast) -> Case:
    case = file_case(cast)
    return lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.SUBMITTED)


def listed(person: Person, case: Case) -> bool:
    return case.reference in text_of(person.browser().get(WAITING))


def test_a_report_that_nothing_matches_is_put_before_reviewers_at_once(cast: Cast) -> None:
    desk = {person.actor.user_id for person in cast.desk}
    case = submitted(cast)
    work_off()

    told = Notice.objects.filter(kind="case_came_in").values_list("person", flat=True)
    assert set(told) == desk
    page = text_of(cast.reviewer.browser().get("/review/"))
    assert f'href="{WAITING}"' in page
    page = text_of(cast.reviewer.browser().get(WAITING))
    assert case.reference in page
    assert "A new report: read it, call the family" in page
    for hidden in ("林小满", "小满", "Kunming"):
        assert hidden not in page


def test_taking_it_leads_to_its_desk_and_says_why(cast: Cast) -> None:
    case = submitted(cast)
    browser = cast.reviewer.browser()
    answer = browser.post(
        "/review/take/", {"reference": case.reference, "why": "new", "to": "desk"}
    )

    assert answer.headers["Location"] == f"/review/cases/{case.reference}/"
    assert Assignment.objects.get(case=case).reviewer == cast.reviewer.user
    assert f'href="/review/cases/{case.reference}/">Open' in text_of(browser.get(WAITING))


def test_it_waits_until_it_is_open_and_shown_as_the_family_agreed(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.VERIFIED, in_hand_of=cast.desk)
    first, second = cast.desk[:2]
    assert listed(first, case)
    lifecycle.transition(actor=first.actor, case=case, to=CaseStatus.OPEN)
    assert not listed(first, case)

    consents.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    assert listed(first, case)
    publication.approve_publication(actor=first.actor, case=case)
    assert not listed(first, case)
    assert listed(second, case)


def test_a_family_that_wants_its_case_back_comes_first(cast: Cast) -> None:
    submitted(cast)
    back = file_case(cast, status=CaseStatus.OPEN)
    lifecycle.transition(actor=cast.guardian.actor, case=back, to=CaseStatus.WITHDRAWN)
    page = text_of(cast.reviewer.browser().get(WAITING))

    references = [case.reference for case in Case.objects.order_by("created_at")]
    assert page.index(references[1]) < page.index(references[0])


def test_a_child_missing_for_days_comes_before_everybody(cast: Cast) -> None:
    submitted(cast)
    fresh = submitted(cast)
    now = timezone.now()
    Case.objects.filter(pk=fresh.pk).update(
        missing_at_earliest=now - timedelta(days=2), missing_at_latest=now - timedelta(days=1)
    )
    page = text_of(cast.reviewer.browser().get(WAITING))

    older = Case.objects.exclude(pk=fresh.pk).get()
    assert page.index(fresh.reference) < page.index(older.reference)
    assert page.count("missing for less than a week") == 1


def test_nobody_else_sees_the_list_and_kin_do_not_see_their_own(cast: Cast) -> None:
    case = submitted(cast)
    for person in (cast.guardian, cast.coordinator, cast.volunteer, cast.admin):
        assert person.browser().get(WAITING).status_code == 404
    Guardian.objects.create(family=case.family, user=cast.reviewer.user, relation="aunt")
    assert not listed(cast.reviewer, case)


def test_the_list_asks_no_more_for_many_than_for_one(cast: Cast) -> None:
    def asked(count: int) -> int:
        for _each in range(count):
            submitted(cast)
        browser: Any = cast.reviewer.browser()
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(WAITING).status_code == 200
        return len(queries)

    assert asked(1) == asked(7)


@pytest.mark.parametrize("start", ["x", "-1", "9999999"])
def test_a_link_that_was_made_up_leads_nowhere(cast: Cast, start: str) -> None:
    assert cast.reviewer.browser().get(WAITING, {"start": start}).status_code == 404
