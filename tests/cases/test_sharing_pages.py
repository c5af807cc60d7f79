"""A guardian shares a case on the pages, and ends it; the alliance's coordinator sees just that."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case, Consent, Objection
from families.models import Alliance, Guardian, Membership
from tests import factories
from tests.cast import Cast, Person
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def open_case(cast: Cast) -> Case:
    return factories.file_case(cast, status=CaseStatus.OPEN)


def sharing(case: Case, alliance: Alliance | None = None) -> str:
    return f"/my/cases/{case.reference}/sharing/" + (f"{alliance.pk}/" if alliance else "")


def sees(person: Person, alliance: Alliance, case: Case) -> bool:
    return case.reference in text_of(person.browser().get(f"/alliances/{alliance.pk}/"))


def test_a_case_is_shared_by_name_and_the_sharing_ends_at_once(cast: Cast) -> None:
    case, browser = open_case(cast), cast.guardian.browser()
    start = text_of(browser.get(f"/my/cases/{case.reference}/"))
    assert sharing(case) in start
    assert "You share this case with no alliance." in text_of(browser.get(sharing(case)))
    named = browser.post(sharing(case), {"name": "lanterns" if cast.alliance else ""})
    assert named["Location"] == sharing(case, cast.alliance)
    told = text_of(browser.get(named["Location"]))
    assert "What they will never see" in told
    assert Consent.objects.count() == 0
    assert not sees(cast.coordinator, cast.alliance, case)

    for _tap in range(2):
        answer = browser.post(named["Location"], {"act": "share"})
        assert answer["Location"] == sharing(case)
    assert Consent.objects.count() == 1
    assert "they see the case" in text_of(browser.get(sharing(case)))
    assert sees(cast.coordinator, cast.alliance, case)

    assert "Stop sharing with Lanterns?" in text_of(browser.get(named["Location"]))
    for _tap in range(2):
        assert browser.post(named["Location"], {"act": "stop"})["Location"] == sharing(case)
    assert not sees(cast.coordinator, cast.alliance, case)
    assert "You said no." in text_of(browser.get(sharing(case)))
    assert Objection.objects.count() == 1


def test_one_guardians_no_holds_against_anothers_yes_and_both_are_told_so(cast: Cast) -> None:
    case = open_case(cast)
    Guardian.objects.create(family=case.family, user=cast.other_guardian.user)
    one, other = cast.guardian.browser(), cast.other_guardian.browser()
    where = sharing(case, cast.alliance)
    one.post(where, {"act": "share"})
    other.post(where, {"act": "stop"})
    one.post(where, {"act": "share"})

    assert not sees(cast.coordinator, cast.alliance, case)
    assert "somebody else who speaks for the child said no" in text_of(one.get(sharing(case)))
    assert "You said no." in text_of(other.get(sharing(case)))
    other.post(where, {"act": "share"})
    assert sees(cast.coordinator, cast.alliance, case)
    shown = text_of(one.get(sharing(case)))
    assert "they see the case" in shown


def test_only_who_speaks_for_the_child_gets_here(cast: Cast) -> None:
    case = factories.file_case(
        cast, status=CaseStatus.OPEN, case={"alliance": cast.alliance}, in_hand_of=[cast.reviewer]
    )
    factories.file_case(cast, by=cast.other_guardian)
    other = Alliance.objects.create(name="Elsewhere")
    outsiders = (cast.coordinator, cast.reviewer, cast.volunteer, cast.other_guardian)
    for person in outsiders:
        browser = person.browser()
        assert browser.get(sharing(case)).status_code == 404
        assert browser.get(sharing(case, other)).status_code == 404
        assert browser.post(sharing(case, other), {"act": "share"}).status_code == 404
    assert Client().get(sharing(case))["Location"].startswith("/sign-in/")
    assert Consent.objects.count() == 0


def test_what_makes_no_sense_changes_nothing_and_is_answered_in_words(cast: Cast) -> None:
    case, browser = open_case(cast), cast.guardian.browser()
    for wrong in ("No such alliance", "", "x" * 121, "a\x07b"):
        answer = browser.post(sharing(case), {"name": wrong})
        assert answer.status_code == 400, wrong
    where = sharing(case, cast.alliance)
    for act in ("", "shares", "x" * 5000):
        assert browser.post(where, {"act": act}).status_code == 404
    assert browser.post(where, {"act": "stop"}).status_code == 302
    assert browser.get(f"{sharing(case)}{case.pk}/").status_code == 404
    own = factories.file_case(cast, status=CaseStatus.OPEN, case={"alliance": cast.alliance})
    assert browser.post(sharing(own, cast.alliance), {"act": "share"}).status_code == 404
    draft = factories.file_case(cast)
    assert browser.post(sharing(draft, cast.alliance), {"act": "share"}).status_code == 404
    assert (Consent.objects.count(), Objection.objects.count()) == (0, 0)


def test_a_case_that_was_taken_back_is_shared_with_nobody_new_and_can_still_be_ended(
    cast: Cast,
) -> None:
    case, browser = open_case(cast), cast.guardian.browser()
    browser.post(sharing(case, cast.alliance), {"act": "share"})
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.WITHDRAWN)
    other = Alliance.objects.create(name="Elsewhere")

    assert browser.post(sharing(case, other), {"act": "share"}).status_code == 404
    assert "Share with another alliance" not in text_of(browser.get(sharing(case)))
    browser.post(sharing(case, cast.alliance), {"act": "stop"})
    assert not sees(cast.coordinator, cast.alliance, case)


def test_the_alliances_that_one_is_in_are_offered_and_many_take_no_more_queries(
    cast: Cast,
) -> None:
    case, browser, counts = open_case(cast), cast.guardian.browser(), []
    mine = Alliance.objects.create(name="On the same road")
    Membership.objects.create(alliance=mine, user_id=cast.guardian.user_id, role="member")
    assert sharing(case, mine) in text_of(browser.get(sharing(case)))
    for more in (1, 5):
        for number in range(more):
            with_whom = Alliance.objects.create(name=f"Road {more} {number}")
            browser.post(sharing(case, with_whom), {"act": "share"})
        with CaptureQueriesContext(connection) as queries:
            browser.get(sharing(case))
        counts.append(len(queries))
    assert counts[0] == counts[1]
