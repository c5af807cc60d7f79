"""A parent on a new machine: from nothing to a report, a fact that comes later, and withdrawal."""

import time

import pytest

from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case
from tests.accounts.helpers import PASSWORD, letters, path_in
from tests.browser.conftest import Machine
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
FASTEST = 180
A_TAP = 2.0
A_CHARACTER = 0.35
"""Seconds of somebody who is no quick typist, on a phone; reading is theirs to add."""


def sign_up(visitor: Visitor) -> None:
    """From what comes first to the report, through the letter that confirms the address."""
    visitor.open("/report/")
    visitor.tap("Open an account")
    visitor.type("E-mail address", "mother@example.org")
    visitor.type("Password", PASSWORD)
    visitor.tap("Open the account")
    visitor.reads("Look at your letters")
    [letter] = letters("mother@example.org")
    visitor.open(path_in(letter))
    visitor.tap("Yes, this is my address")


def report(visitor: Visitor) -> None:
    """The fastest way: the three things that are needed, and on."""
    visitor.open("/report/")
    visitor.tap("Begin the report")
    visitor.type("What is the child called at home?", "Manman")
    visitor.tap("A girl")
    visitor.tap("Keep this and go on")
    visitor.type("When did you last know where the child was?", "2011")
    for _screen in ("when", "looks", "photos", "story", "reach"):
        visitor.tap("Keep this and go on")
    visitor.tap("No, search without one")
    visitor.tap("Keep this and go on")
    visitor.tap("Send the report")
    visitor.reads("We have your report. A reviewer will read it and call you.")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_child_is_reported_within_three_minutes_added_to_and_taken_back(
    machine: Machine, language: str
) -> None:
    visitor = machine(language)
    began = time.monotonic()
    sign_up(visitor)
    report(visitor)
    machines = time.monotonic() - began
    hands = visitor.taps * A_TAP + visitor.typed * A_CHARACTER
    print(
        f"{language}: {machines + hands:.0f} s from nothing to a report, account included"
        f" ({visitor.taps} taps and {visitor.typed} characters: {hands:.0f} s)"
    )
    assert machines + hands < FASTEST
    assert visitor.axe() == []
    case = Case.objects.get()
    assert case.status == CaseStatus.SUBMITTED

    visitor.page.get_by_role("link", name=visitor.says("What happened")).click()
    visitor.type("What happened, in your words?", "She went to look at the lanterns.")
    visitor.tap("Keep this")
    visitor.reads("She went to look at the lanterns.")

    visitor.tap("Take the case back")
    visitor.type("Would you tell us why?", "She came home.")
    visitor.tap("Take it back")
    case.refresh_from_db()
    assert visitor.path == f"/my/cases/{case.reference}/"
    assert case.status == CaseStatus.WITHDRAWN or case.withdrawal_asked_at is not None
    assert visitor.axe() == []
    assert visitor.failed == []
