"""People with accounts on a new machine: a volunteer, and a reviewer who never touches a mouse."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from casemgr.platform.accounts.models import User
from casemgr.platform.vocabularies import ReviewDecision
from searches.models import Review
from tests.accounts.helpers import PASSWORD, code_for
from tests.browser.conftest import Machine
from tests.cast import Cast
from tests.factories import file_case, log_sighting, store_match

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])
WHY = "The mark over the eyebrow is the same."


def with_password(user: User | None) -> str:
    """The person's address, once they have a password."""
    assert user is not None
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return str(user.email)


@LANGUAGES
def test_a_volunteer_signs_in_and_finds_what_they_told(
    cast: Cast, machine: Machine, language: str
) -> None:
    log_sighting(cast, by=cast.volunteer, description="By the ferry")
    log_sighting(cast, description="Somebody else's")
    visitor = machine(language)

    visitor.open("/")
    visitor.tap("Sign in")
    visitor.type("E-mail address", with_password(cast.volunteer.user))
    visitor.type("Password", PASSWORD)
    visitor.page.locator("main form button[type=submit]").first.click()
    visitor.tap("My sightings")
    visitor.reads("By the ferry")
    assert "Somebody else" not in visitor.page.locator("main").inner_text()
    visitor.page.locator("main a", has_text="By the ferry").click()
    visitor.reads("received")
    visitor.type("More words", "He had a blue cap.")
    visitor.tap("Add")
    visitor.reads("received")
    assert visitor.axe() == []
    assert visitor.failed == []


@LANGUAGES
def test_a_reviewer_with_a_second_factor_decides_by_keyboard_alone(
    cast: Cast, machine: Machine, language: str
) -> None:
    case = file_case(cast, public=True, in_hand_of=[cast.reviewer])
    match = store_match(case, log_sighting(cast).sighting)
    secret = generate_totp_secret()
    TOTP.activate(cast.reviewer.user, secret)
    visitor = machine(language, width=1280)
    keyboard = visitor.page.keyboard

    visitor.open("/sign-in/")
    visitor.press_to("E-mail address")
    keyboard.type(with_password(cast.reviewer.user))
    visitor.press_to("Password")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    visitor.page.wait_for_url("**/sign-in/factor/**")
    visitor.press_to("Code")
    keyboard.type(code_for(secret))
    keyboard.press("Enter")
    visitor.page.wait_for_url("**/review/")
    visitor.press_to("Open")
    keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/review/matches/{match.pk}/")
    keyboard.press("a")
    keyboard.type(WHY)
    assert Review.objects.count() == 0, "no key sends anything by itself"
    visitor.press_to("Save my decision")
    keyboard.press("Enter")
    visitor.page.wait_for_load_state()
    visitor.reads(WHY)

    review = Review.objects.get()
    assert (review.reviewer, review.decision) == (cast.reviewer.user, ReviewDecision.ACCEPT)
    assert visitor.axe() == []
    assert visitor.failed == []
