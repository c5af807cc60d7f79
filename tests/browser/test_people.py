"""Getting in and letting in: a second factor, signing out everywhere, an alliance, who looked."""

from urllib.parse import urlsplit

import pytest

from tests.accounts.helpers import PASSWORD, code_for
from tests.browser.conftest import Machine
from tests.browser.test_family import sign_up
from tests.browser.visitor import Visitor
from tests.cast import Cast, Person
from tests.security.test_audit import last_month
from tests.security.test_looks_pages import moved_to, of_verified_guardian

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])


def signed_in(visitor: Visitor, person: Person) -> Visitor:
    """The visitor, in a session of this person's that showed both factors."""
    visitor.become(person.browser().cookies["sessionid"].value)
    return visitor


@LANGUAGES
def test_somebody_signs_up_sets_a_second_factor_up_and_signs_out_everywhere_else(
    machine: Machine, language: str
) -> None:
    mother, elsewhere = machine(language), machine(language)
    sign_up(mother)
    mother.open("/account/")
    mother.tap("Look after it")
    mother.tap("Set up an app")
    secret = mother.page.locator("details code").text_content()
    assert secret is not None
    mother.type("The code that the app shows now", code_for(secret.strip()))
    mother.tap("Set it up")
    mother.reads("Each works once. These are left:")
    assert mother.page.locator(".codes code").count() == 10
    assert mother.axe() == []

    elsewhere.open("/sign-in/")
    elsewhere.type("E-mail address", "mother@example.org")
    elsewhere.type("Password", PASSWORD)
    elsewhere.tap("Sign in")
    elsewhere.reads("One more step, so that your password alone opens nothing.")
    assert elsewhere.axe() == []
    elsewhere.type("Code", code_for(secret.strip(), later=1))
    elsewhere.tap("Sign in")
    elsewhere.page.wait_for_url("**/my/**")

    mother.open("/account/")
    mother.tap("Where I am signed in")
    assert mother.page.locator("main li").count() == 2
    mother.tap("Sign out everywhere else")
    mother.page.wait_for_function("document.querySelectorAll('main li').length === 1")
    assert mother.axe() == []
    elsewhere.open("/account/")
    assert elsewhere.path.startswith("/sign-in/")
    mother.open("/account/")
    assert mother.path == "/account/"
    assert mother.failed == elsewhere.failed == []


@LANGUAGES
def test_a_family_comes_in_by_invitation_shares_its_case_ends_it_and_sees_who_looked(
    cast: Cast, machine: Machine, language: str
) -> None:
    case, alliance = of_verified_guardian(cast), f"/alliances/{cast.alliance.pk}/"
    leader = signed_in(machine(language, width=1280), cast.coordinator)
    mother = signed_in(machine(language), cast.guardian)

    leader.open(alliance)
    leader.tap("Invite somebody")
    leader.tap("Make a link")
    link = leader.page.locator("#code").inner_text()
    assert leader.axe() == []
    mother.open(urlsplit(link).path)
    mother.reads("This alliance invites you to search together.")
    mother.tap("Come in")
    mother.reads("Who is in it")

    mother.open(f"/my/cases/{case.reference}/")
    mother.tap("Who may see this case")
    mother.page.get_by_role("link", name=cast.alliance.name).click()
    mother.reads("What they will never see")
    assert mother.axe() == []
    mother.tap("Yes, share it")
    mother.reads("Stop sharing")
    leader.open(alliance)
    leader.page.locator("td.reference a").click()
    leader.reads(case.story)
    opened = leader.path
    assert leader.axe() == []

    mother.tap("Stop sharing")
    mother.reads(
        "They stop seeing the case at once. What they have read they may remember."
        " You can share it again at any time."
    )
    mother.tap("Stop sharing")
    mother.reads("Sees nothing. You said no.")
    answer = leader.page.goto(opened)
    assert answer is not None
    assert answer.status == 404

    moved_to(last_month())
    mother.open("/account/")
    mother.tap("Who looked at my case")
    mother.reads("an alliance's coordinator")
    assert mother.axe() == []
    assert mother.failed == leader.failed == []
