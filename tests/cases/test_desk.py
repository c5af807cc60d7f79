"""The reviewers' pages of a case, a claim and reported cards, through their doors."""

import re
import time
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.utils.formats import date_format

from casemgr.platform.audit import AuditEntry
from casemgr.platform.fields import civil_zone
from casemgr.platform.vocabularies import CaseStatus
from cases import claims, lifecycle, publication, services
from cases.models import (
    Case,
    Claim,
    ConsentPurpose,
    FlagKind,
    HarmfulImage,
    PageReportKind,
    ProtectionFlag,
)
from families.services import set_contact
from tests import factories
from tests.cast import Cast, Person
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db


def address(case: Case) -> str:
    return f"/review/cases/{case.reference}/"


def does(person: Person, case: Case, act: str, **given: Any) -> Any:
    return person.browser().post(address(case), {"act": act, **given})


def in_hand(cast: Cast, **more: Any) -> Case:
    more.setdefault("status", CaseStatus.OPEN)
    return factories.file_case(cast, in_hand_of=[cast.reviewer, cast.second_reviewer], **more)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_desk_is_there_for_reviewers_with_the_case_and_for_nobody_else(
    cast: Cast, language: str
) -> None:
    case = in_hand(cast)
    page = cast.reviewer.browser(language=language).get(address(case))
    assert page.status_code == 200
    assert INLINE.findall(text_of(page)) == []

    for person in (cast.guardian, cast.volunteer, cast.coordinator, cast.third_reviewer):
        assert person.browser().get(address(case)).status_code == 404
        assert does(person, case, "raise_flag", kind="threat").status_code == 404
    assert cast.anonymous.browser().get(address(case)).status_code == 302
    assert not ProtectionFlag.objects.exists()


def test_two_reviewers_put_the_card_up_from_their_desks(cast: Cast) -> None:
    case = in_hand(cast)
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    assert does(cast.reviewer, case, "approve").status_code == 302
    assert cast.anonymous.browser().get(f"/cases/{case.reference}/").status_code == 404
    assert does(cast.second_reviewer, case, "approve").status_code == 302
    assert cast.anonymous.browser().get(f"/cases/{case.reference}/").status_code == 200
    agreed = re.findall(r" agreed on ([^<]*)<", text_of(cast.reviewer.browser().get(address(case))))
    assert agreed == [f"{date_format(datetime.now(civil_zone()), 'DATE_FORMAT')}."] * 2

    assert does(cast.reviewer, case, "unpublish", words="asked by phone").status_code == 302
    assert cast.anonymous.browser().get(f"/cases/{case.reference}/").status_code == 410


def test_what_is_refused_is_said_in_words_on_the_same_page(cast: Cast) -> None:
    case = in_hand(cast)
    refused = does(cast.reviewer, case, "approve")
    assert refused.status_code == 400
    assert "its guardian has agreed to it" in text_of(refused)
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    assert "Give the police reference" in text_of(does(cast.reviewer, case, "emergency"))
    assert does(cast.reviewer, case, "emergency", police_reference="KM-1").status_code == 302
    assert "It comes down" in text_of(cast.reviewer.browser().get(address(case)))


@pytest.mark.parametrize(
    "act",
    ["approve", "emergency", "approve_photo", "clear_flag", "verify", "told"],
)
def test_what_publishes_or_lifts_protection_asks_for_the_factor_anew(cast: Cast, act: str) -> None:
    """A factor that was shown six minutes ago opens the desk, and does none of these."""
    case = in_hand(cast)
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    browser = cast.reviewer.browser()

    with time_machine.travel(time.time() + 6 * 60):
        assert browser.get(address(case)).status_code == 200
        asked = browser.post(address(case), {"act": act, "police_reference": "KM-1"})

    assert (asked.status_code, asked.get("Location")) == (302, "/account/factor/")
    assert case.approvals.count() == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"act": "fly"},
        {},
        {"act": "step"},
        {"act": "step", "to": "lost"},
        {"act": "raise_flag"},
        {"act": "clear_flag"},
        {"act": "clear_flag", "item": "x"},
        {"act": "verify", "basis": "papers"},
        {"act": "raise_flag", "kind": "threat", "words": "\0"},
    ],
)
def test_what_no_form_of_ours_sends_is_not_there(cast: Cast, sent: dict[str, str]) -> None:
    case = in_hand(cast)
    assert cast.reviewer.browser().post(address(case), sent).status_code == 404
    assert not ProtectionFlag.objects.exists()


def test_a_flag_is_raised_and_cleared_by_two_from_the_desk(cast: Cast) -> None:
    case = in_hand(cast)
    does(cast.reviewer, case, "raise_flag", kind=FlagKind.CUSTODY_ORDER, words="order of 3 May")
    flag = ProtectionFlag.objects.get()
    assert "order of 3 May" in text_of(cast.second_reviewer.browser().get(address(case)))
    for person in (cast.reviewer, cast.second_reviewer):
        sent = does(person, case, "clear_flag", item=flag.pk, words="lifted by the court")
        assert sent.status_code == 302
    assert "order of 3 May" not in text_of(cast.reviewer.browser().get(address(case)))


def test_a_withdrawal_that_was_asked_for_is_confirmed_or_declined_at_the_desk(cast: Cast) -> None:
    for act, given, after in (
        ("step", {"to": "withdrawn", "words": "spoke to both"}, "withdrawn"),
        ("decline", {"words": "she was made to"}, "open"),
    ):
        case = in_hand(cast, public=True)
        lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.WITHDRAWN)
        asked = "The family asked to withdraw this case"
        assert asked in text_of(cast.reviewer.browser().get(address(case)))
        assert does(cast.reviewer, case, act, **given).status_code == 302
        assert Case.objects.get(pk=case.pk).status == after
        assert asked not in text_of(cast.reviewer.browser().get(address(case)))


def test_guardians_are_verified_and_the_family_told_from_the_desk(cast: Cast) -> None:
    case = in_hand(cast, status=CaseStatus.LOCATED)
    guardian = case.family.guardians.get()
    told = does(cast.reviewer, case, "told", words="by phone")
    assert "Verify everybody" in text_of(told)
    does(cast.reviewer, case, "verify", item=guardian.pk, basis="police", police_reference="K-1")
    assert does(cast.reviewer, case, "told", words="by phone").status_code == 302
    assert "The family has been told." in text_of(cast.reviewer.browser().get(address(case)))


def test_a_photo_is_agreed_to_or_sealed_from_the_desk(cast: Cast) -> None:
    case = in_hand(cast, public=True)
    photo = services.add_photo(
        actor=cast.guardian.actor, case=case, data=factories.jpeg(), consent_public=True
    )
    factories.work_off("cases.develop_photo")
    assert does(cast.reviewer, case, "approve_photo", item=photo.pk).status_code == 302
    photo.refresh_from_db()
    assert photo.ever_public
    assert does(cast.reviewer, case, "harmful", item=photo.pk, words="no").status_code == 302
    assert HarmfulImage.objects.filter(photo_id=photo.pk).exists()
    assert cast.reviewer.browser().get(address(case)).status_code == 200


def test_a_claim_is_tested_on_its_page(cast: Cast) -> None:
    case = in_hand(cast)
    does(cast.reviewer, case, "enter_fact", words="a red thread around the ankle")
    claims.make_claim(actor=cast.guardian.actor, case=case, statement="I am her father.")
    claim = Claim.objects.get()
    page = f"/review/claims/{claim.pk}/"
    assert page in text_of(cast.reviewer.browser().get(address(case)))
    browser = cast.reviewer.browser()
    closed = text_of(browser.get(page))
    assert "I am her father." not in closed
    assert "red thread" not in closed

    assert browser.post(page, {"act": "take"}).status_code == 302
    opened = text_of(browser.get(page))
    assert "I am her father." in opened
    assert "red thread" in opened
    fact = case.withheld_facts.get()
    browser.post(page, {"act": "answer", "item": fact.pk})
    early = browser.post(page, {"act": "verdict", "verdict": "release", "words": "she knew"})
    assert "too early" in text_of(early)
    done = browser.post(page, {"act": "verdict", "verdict": "refuse", "words": "did not know"})
    assert done.headers["Location"] == address(case)
    assert browser.get(page).status_code == 404
    for person in (cast.guardian, cast.third_reviewer, cast.volunteer):
        assert person.browser().get(page).status_code == 404


def test_a_reported_page_is_hidden_with_one_click_by_any_reviewer(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    report = publication.report_page(
        actor=cast.anonymous.actor,
        case=case,
        kind=PageReportKind.ABOUT_ME,
        words="That is me.",
        contact="me@example.org",
    )
    for person in (cast.guardian, cast.volunteer, cast.coordinator):
        assert person.browser().get("/review/reports/").status_code == 404
    browser = cast.third_reviewer.browser()
    assert "1 page was reported" in text_of(browser.get("/review/"))
    assert "That is me." in text_of(browser.get("/review/reports/"))

    kept = browser.post("/review/reports/", {"act": "keep", "item": report.pk})
    assert kept.status_code == 400
    hidden = browser.post("/review/reports/", {"act": "hide", "item": report.pk})
    assert hidden.status_code == 302
    assert cast.anonymous.browser().get(f"/cases/{case.reference}/").status_code == 410
    assert "That is me." not in text_of(browser.get("/review/reports/"))


def test_a_case_put_back_is_gone_from_the_desk(cast: Cast) -> None:
    case = in_hand(cast)
    assert does(cast.reviewer, case, "release").headers["Location"] == "/review/"
    assert cast.reviewer.browser().get(address(case)).status_code == 404


def test_how_to_reach_a_family_is_shown_when_asked_for_and_written_down(cast: Cast) -> None:
    case = in_hand(cast)
    assert cast.guardian.user is not None
    guardian = case.family.guardians.get(user=cast.guardian.user)
    set_contact(actor=cast.guardian.actor, guardian=guardian, phone="+8613900001234", name="顾")
    looks = AuditEntry.objects.filter(action="R", groups__contains=["f6"])

    page = text_of(cast.reviewer.browser().get(address(case)))
    assert "+8613900001234" not in page
    assert not looks.exists()
    shown = cast.reviewer.browser().get(address(case), {"contacts": "shown"})
    assert "+8613900001234" in text_of(shown)
    assert looks.count() == 1
    away = cast.third_reviewer.browser().get(address(case), {"contacts": "shown"})
    assert away.status_code == 404


def test_the_desk_says_who_the_child_is(cast: Cast) -> None:
    page = text_of(cast.reviewer.browser().get(address(in_hand(cast))))
    assert "林小满" in page


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (CaseStatus.SUBMITTED, ["I have read and checked it", "End it: withdrawn"]),
        (CaseStatus.VERIFIED, ["Open the search", "End it: withdrawn"]),
        (CaseStatus.OPEN, ["The child was located", "End it: withdrawn"]),
        (CaseStatus.LOCATED, ["Not located after all: search on", "End it: withdrawn"]),
        (CaseStatus.CLOSED, ["Missing after all: open it again", "End it: withdrawn"]),
        (CaseStatus.WITHDRAWN, []),
    ],
)
def test_a_step_is_named_by_what_the_reviewer_does_and_never_by_a_status(
    cast: Cast, status: CaseStatus, said: list[str]
) -> None:
    page = text_of(cast.reviewer.browser().get(address(in_hand(cast, status=status))))
    steps = re.findall(r'value="step">.*?<button[^>]*>([^<]*)</button>', page, re.DOTALL)
    assert [words.strip() for words in steps] == said
