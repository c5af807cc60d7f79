"""Staff roles count only where a second factor was shown; risky acts ask for it anew."""

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django.fixtures import Settings

from casemgr.platform.access import ANONYMOUS, Role
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.accounts.services import make_sign_in_link, sign_in_path
from searches.models import Review
from tests.accounts.helpers import PASSWORD, code_for, letters, set_up_app, sign_up, signed_in_as
from tests.cast import Cast, Person
from tests.pages import text_of
from tests.searches.test_review_pages import matched

pytestmark = pytest.mark.django_db(transaction=True)


def new_reviewer(email: str = "new-reviewer@example.org") -> tuple[Client, User]:
    """Somebody signed in by password alone, who is then given the role."""
    browser = sign_up(email)
    user = User.objects.get(email=email)
    RoleGrant.objects.create(user=user, role=StaffRole.REVIEWER)
    return browser, user


def sign_in(user: User) -> Client:
    browser = Client()
    browser.post("/sign-in/", {"login": user.email, "password": PASSWORD})
    return browser


def test_a_reviewer_without_a_second_factor_is_a_volunteer_and_is_told_what_to_do() -> None:
    browser, _user = new_reviewer()

    answer = browser.get("/review/")

    assert (answer.status_code, answer["Location"]) == (302, "/account/factor/")
    assert "Your role waits for a second factor" in text_of(browser.get("/"))
    assert browser.get("/api/v1/matches/").status_code == 404


def test_setting_up_an_app_gives_the_role_back_in_this_session() -> None:
    browser, user = new_reviewer()

    secret = set_up_app(browser)

    assert browser.get("/review/").status_code == 200
    assert "Your role waits" not in text_of(browser.get("/"))
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    assert "second factor was changed" in str(letters(str(user.email))[-1].subject)


def test_signing_in_asks_for_the_factor_and_takes_each_code_once() -> None:
    browser, user = new_reviewer()
    secret = set_up_app(browser)
    code = code_for(secret)

    first = sign_in(user)
    assert signed_in_as(first) is None
    assert "Wait for the next" in text_of(first.post("/sign-in/factor/", {"code": "000000"}))
    assert first.post("/sign-in/factor/", {"code": code}).status_code == 302
    assert first.get("/review/").status_code == 200

    second = sign_in(user)
    assert "Wait for the next" in text_of(second.post("/sign-in/factor/", {"code": code}))
    assert signed_in_as(second) is None


def test_a_recovery_code_stands_for_a_lost_phone_once() -> None:
    browser, user = new_reviewer()
    set_up_app(browser)
    code = re.findall(r"<code>(\w+)</code>", text_of(browser.get("/account/recovery-codes/")))[0]

    first, second = sign_in(user), sign_in(user)
    first.post("/sign-in/factor/", {"code": code})
    second.post("/sign-in/factor/", {"code": code})

    assert signed_in_as(first) == str(user.pk)
    assert signed_in_as(second) is None


def test_a_one_time_link_never_stands_for_the_second_factor() -> None:
    browser, user = new_reviewer()
    set_up_app(browser)
    path = sign_in_path(make_sign_in_link(actor=ANONYMOUS, user=user))

    stolen = Client()
    answer = stolen.post(path)

    assert answer["Location"] == "/sign-in/factor/"
    assert signed_in_as(stolen) is None


def test_a_factor_counts_for_twelve_hours() -> None:
    browser, _user = new_reviewer()
    set_up_app(browser)

    with time_machine.travel(time.time() + 12 * 3600 - 60, tick=False):
        assert browser.get("/review/").status_code == 200
    with time_machine.travel(time.time() + 12 * 3600 + 60, tick=False):
        assert browser.get("/review/")["Location"] == "/account/factor/"


@pytest.mark.parametrize(
    "role", [StaffRole.REVIEWER, StaffRole.DATA_PROTECTION, StaffRole.ADMIN], ids=str
)
def test_every_staff_role_is_withheld_and_no_other(cast: Cast, role: StaffRole) -> None:
    person = Person(User.objects.create_user(email="staff@example.org"))
    RoleGrant.objects.create(user_id=person.user_id, role=role)
    RoleGrant.objects.create(user_id=person.user_id, role=StaffRole.INSTITUTION)
    browser = Client()
    assert person.user is not None
    browser.force_login(person.user)

    actor = browser.get("/").wsgi_request.actor  # type: ignore[attr-defined]

    assert actor.withheld == {Role(role.value)}
    assert actor.roles == {Role.VOLUNTEER, Role.INSTITUTION}


def test_a_coordinator_without_a_factor_has_no_alliance(cast: Cast) -> None:
    browser = Client()
    assert cast.coordinator.user is not None
    browser.force_login(cast.coordinator.user)

    assert browser.get("/").wsgi_request.actor.withheld == {Role.COORDINATOR}  # type: ignore[attr-defined]


# --- asked anew -----------------------------------------------------------------------------------


def test_a_decision_asks_for_a_factor_older_than_five_minutes_and_loses_no_word(
    cast: Cast,
) -> None:
    browser, user = new_reviewer()
    secret = set_up_app(browser)
    match = matched(cast, Person(user))
    address = f"/review/matches/{match.pk}/"
    decision = {"decision": "reject", "reason": "Another child, by the ears."}

    with time_machine.travel(time.time() + 301):
        asked = browser.post(address, decision)
        assert asked.status_code == 403
        assert 'name="reason" value="Another child, by the ears."' in text_of(asked)
        assert Review.objects.count() == 0
        wrong = browser.post(address, {**decision, "second_factor_code": "000000"})
        assert (wrong.status_code, Review.objects.count()) == (400, 0)

        browser.post(address, {**decision, "second_factor_code": code_for(secret)})

    review = Review.objects.get()
    assert (review.reviewer_id, review.reason) == (user.pk, decision["reason"])


def test_a_program_is_told_that_a_person_has_to_show_the_factor(cast: Cast) -> None:
    match = matched(cast, cast.reviewer)
    api = cast.reviewer.api()

    with time_machine.travel(time.time() + 301):
        answer = api.post(
            f"/api/v1/matches/{match.pk}/reviews/", {"decision": "reject", "reason": "Not them."}
        )

    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")
    assert Review.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    ["/account/app/remove/", "/account/passkeys/add/", "/account/recovery-codes/"],
)
def test_a_stolen_session_changes_no_factor(address: str) -> None:
    browser, _user = new_reviewer()
    set_up_app(browser)

    with time_machine.travel(time.time() + 301):
        answer = browser.get(address)
        assert answer["Location"] == f"/account/confirm/?next={address.replace('/', '%2F')}"
        browser.post(address)
        browser.post("/account/confirm/", {"password": PASSWORD})
        assert browser.get(address).status_code == 302

    assert Authenticator.objects.filter(type="totp").count() == 1


def test_confirming_leads_on_and_only_within_the_site() -> None:
    browser, _user = new_reviewer()
    secret = set_up_app(browser)

    for later, (onward, expected) in enumerate(
        (("/review/", "/review/"), ("https://evil.example/", "/my/"))
    ):
        answer = browser.post(
            f"/account/confirm/?next={onward}",
            {"second_factor_code": code_for(secret, later=later)},
        )
        assert (answer.status_code, answer["Location"]) == (302, expected)


def test_without_a_factor_the_password_is_asked_for_before_one_is_set_up() -> None:
    browser = sign_up("mother@example.org")

    with time_machine.travel(time.time() + 301):
        assert browser.get("/account/app/").status_code == 302
        wrong = browser.post("/account/confirm/?next=/account/app/", {"password": "x"})
        assert wrong.status_code == 400
        browser.post("/account/confirm/?next=/account/app/", {"password": PASSWORD})
        set_up_app(browser)


# --- demos ----------------------------------------------------------------------------------------


def test_in_a_demo_a_one_time_link_stands_for_both_factors(cast: Cast, settings: Settings) -> None:
    assert cast.reviewer.user is not None
    settings.DEMO = True
    browser = Client()

    browser.post(sign_in_path(make_sign_in_link(actor=ANONYMOUS, user=cast.reviewer.user)))

    assert browser.get("/review/").status_code == 200
    settings.DEMO = False
    assert browser.get("/review/")["Location"] == "/account/factor/"
