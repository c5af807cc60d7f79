"""What a year brings: a silent family's card comes down, and a case is looked at anew."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgr.platform.audit import AuditEntry
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Forbidden, Invalid
from casemgr.platform.notify.models import Notice
from casemgr.platform.vocabularies import CaseStatus
from cases import services, word, yearly
from cases.models import Case, ConsentPurpose
from tests.cast import Cast
from tests.factories import file_case
from tests.pages import INLINE, text_of
from tests.platform.test_retention import run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CARDS = "public cards without a word from the family"
YEARLY = "yearly look at unsolved cases"
TAP = "/account/still-searching/"


def silent_for(case: Case, period: timedelta) -> None:
    """The card went up, and the family said its last word, so long ago."""
    then = timezone.now() - period
    Case.objects.filter(pk=case.pk).update(public_since=then, heard_at=then)


def a_week_later(case: Case) -> None:
    """The last reminder was a week and an hour ago."""
    before = timezone.now() - word.LAST - timedelta(hours=1)
    Case.objects.filter(pk=case.pk).update(card_reminded_at=before)


def told(person_id: Any) -> list[str]:
    return list(
        Notice.objects.filter(person=person_id)
        .order_by("created_at")
        .values_list("kind", flat=True)
    )


def test_a_silent_year_takes_the_card_down_after_two_reminders_and_nothing_else(
    cast: Cast,
) -> None:
    case = file_case(cast, public=True)
    year = settings.PERIODS.public_card
    silent_for(case, year - word.FIRST - DAY)
    assert run(CARDS) == 0
    silent_for(case, year - word.FIRST + DAY)
    assert (run(CARDS), run(CARDS)) == (1, 0)
    silent_for(case, year - word.LAST + DAY)
    assert run(CARDS) == 0
    a_week_later(case)
    assert (run(CARDS), run(CARDS)) == (1, 0)
    silent_for(case, year + DAY)
    assert run(CARDS) == 0
    a_week_later(case)
    assert (run(CARDS), run(CARDS)) == (1, 0)

    case.refresh_from_db()
    assert (case.public, case.status) == (False, CaseStatus.OPEN)
    assert not case.approvals.filter(ended_at__isnull=True).exists()
    assert told(cast.guardian.user_id) == ["card_reminder", "card_reminder", "card_down"]
    assert cast.anonymous.browser().get(f"/cases/{case.reference}/").status_code == 410
    assert AuditEntry.objects.get(action="unpublish").roles == "AN"


def test_a_house_that_stood_still_for_years_still_reminds_twice_first(cast: Cast) -> None:
    case = file_case(cast, public=True)
    silent_for(case, settings.PERIODS.public_card * 3)
    assert [run(CARDS) for _ in range(3)] == [1, 0, 0]
    case.refresh_from_db()
    assert case.public


@pytest.mark.parametrize("word_from", ["tap", "change", "consent"])
def test_any_word_from_the_family_begins_the_year_anew(cast: Cast, word_from: str) -> None:
    case = file_case(cast, public=True)
    silent_for(case, settings.PERIODS.public_card - DAY)
    run(CARDS)
    actor = cast.guardian.actor
    if word_from == "tap":
        page = cast.guardian.browser().post(TAP, {"case": str(case.pk)})
        assert page.status_code == 302
    elif word_from == "change":
        services.update_case(
            actor=actor, case=case, case_changes={"story": "still"}, child_changes={}
        )
    else:
        services.give_consent(actor=actor, case=case, purpose=ConsentPurpose.PUBLISH)

    case.refresh_from_db()
    assert (case.card_reminders, case.card_reminded_at) == (0, None)
    assert run(CARDS) == 0


def test_a_reviewers_change_is_no_word_from_the_family(cast: Cast) -> None:
    case = file_case(cast, public=True, in_hand_of=[cast.reviewer])
    silent_for(case, settings.PERIODS.public_card - DAY)
    services.update_case(
        actor=cast.reviewer.actor, case=case, case_changes={"story": "x"}, child_changes={}
    )
    assert run(CARDS) == 1


def test_the_alliances_coordinator_is_reminded_too_and_may_tap(cast: Cast) -> None:
    case = file_case(cast, public=True)
    assert cast.coordinator.user_id
    Case.objects.filter(pk=case.pk).update(alliance=cast.alliance)
    silent_for(case, settings.PERIODS.public_card - DAY)
    run(CARDS)

    assert told(cast.coordinator.user_id) == ["card_reminder"]
    assert cast.coordinator.browser().post(TAP, {"case": str(case.pk)}).status_code == 302
    assert run(CARDS) == 0


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_shows_cards_that_are_up_to_those_who_may_keep_them_up(
    cast: Cast, language: str
) -> None:
    case, down = file_case(cast, public=True), file_case(cast, status=CaseStatus.OPEN)
    page = text_of(cast.guardian.browser(language=language).get(TAP))
    assert INLINE.findall(page) == []
    assert case.reference in page
    assert down.reference not in page

    stranger = file_case(cast, by=cast.other_guardian)
    sent = cast.other_guardian.browser().post(TAP, {"case": str(case.pk)})
    assert (sent.status_code, stranger.heard_at) == (404, None)
    for bad in ("", "x", str(down.pk), "\0"):
        assert cast.guardian.browser().post(TAP, {"case": bad}).status_code == 404
    assert cast.volunteer.browser().get(TAP).status_code == 404
    with pytest.raises(Forbidden):
        word.still_searching(actor=cast.volunteer.actor, case=case)


def test_the_family_page_asks_as_much_for_many_cases_as_for_one(cast: Cast) -> None:
    file_case(cast, public=True)
    browser = cast.guardian.browser()
    browser.get(TAP)
    with CaptureQueriesContext(connection) as one:
        browser.get(TAP)
    for _ in range(3):
        file_case(cast, public=True)
    with CaptureQueriesContext(connection) as four:
        browser.get(TAP)
    assert len(four) == len(one)


# --- looked at anew -------------------------------------------------------------------------------


def old_case(cast: Cast, **facts: Any) -> Case:
    case = file_case(cast, status=CaseStatus.OPEN, **facts)
    long_ago = timezone.now() - settings.PERIODS.yearly_look - DAY
    Case.objects.filter(pk=case.pk).update(created_at=long_ago)
    return case


def test_an_unsolved_case_comes_back_every_year_until_somebody_looked(cast: Cast) -> None:
    case = old_case(cast, in_hand_of=[cast.reviewer])
    file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    Notice.objects.all().delete()

    run(YEARLY)
    assert told(cast.reviewer.user_id) == ["yearly_look"]
    assert told(cast.third_reviewer.user_id) == []
    assert run(YEARLY) == 0

    page = text_of(cast.reviewer.browser().get("/review/yearly/"))
    assert references_in(page) == [case.reference]
    assert "林小满" not in page
    assert "Unsolved cases wait" in text_of(cast.reviewer.browser().get("/review/"))
    desk = cast.reviewer.browser()
    address = f"/review/cases/{case.reference}/"
    assert "To be looked at anew" in text_of(desk.get(address))
    assert desk.post(address, {"act": "look_anew", "words": ""}).status_code == 400
    sent = desk.post(address, {"act": "look_anew", "words": "rang the mother, all stands"})
    assert sent.status_code == 302
    assert not yearly.waiting_for(cast.reviewer.actor).exists()
    assert AuditEntry.objects.get(action="look_anew").reason == "rang the mother, all stands"


def references_in(page: str) -> list[str]:
    return re.findall(r">(HW-[0-9A-Z-]+)<", page)


def test_a_case_comes_back_when_the_child_comes_of_age(cast: Cast) -> None:
    born = (timezone.now() - yearly.OF_AGE - 2 * DAY).date()
    case = file_case(
        cast,
        status=CaseStatus.OPEN,
        child={"birth_date": PartialDate(str(born), born, born)},
        in_hand_of=[cast.reviewer],
    )
    assert not yearly.due(Case.objects.all()).exists()
    lately = timezone.now() - 30 * DAY
    Case.objects.filter(pk=case.pk).update(created_at=lately)
    assert [each.pk for each in yearly.due(Case.objects.all())] == [case.pk]
    yearly.look_anew(actor=cast.reviewer.actor, case=case, reason="asked after her own wish")
    assert not yearly.due(Case.objects.all()).exists()


def test_only_a_reviewer_with_the_case_looks_and_kin_never_learn_of_it(cast: Cast) -> None:
    case = old_case(cast, by=cast.third_reviewer)
    assert not yearly.waiting_for(cast.third_reviewer.actor).exists()
    assert yearly.waiting_for(cast.reviewer.actor).exists()
    for person in (cast.guardian, cast.reviewer, cast.third_reviewer):
        with pytest.raises(Forbidden):
            yearly.look_anew(actor=person.actor, case=case, reason="all stands")
    with pytest.raises(Invalid):
        yearly.look_anew(actor=cast.desk[0].actor, case=case, reason=" ")
    for outsider in (cast.guardian, cast.volunteer, cast.coordinator):
        assert outsider.browser().get("/review/yearly/").status_code == 404


def test_the_reviewers_page_asks_as_much_for_many_cases_as_for_one(cast: Cast) -> None:
    old_case(cast)
    browser = cast.reviewer.browser()
    browser.get("/review/yearly/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/review/yearly/")
    for _ in range(3):
        old_case(cast)
    with CaptureQueriesContext(connection) as four:
        browser.get("/review/yearly/")
    assert len(four) == len(one)
