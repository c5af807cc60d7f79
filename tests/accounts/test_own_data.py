"""One's own data by the page: a copy to take away, and closing the account."""

import io
import time
import zipfile

import pytest
import time_machine
from django.test import Client

from casemgr.platform.accounts.models import User
from casemgr.platform.audit import AuditEntry
from casemgr.platform.erasure import Erasure, Kind
from searches.models import Sighting
from tests.accounts.helpers import PASSWORD, signed_in_as
from tests.cast import Cast
from tests.factories import log_sighting
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db
PAGE = "/account/data/"


def by_password(email: str) -> Client:
    """Somebody without a second factor, signed in just now."""
    user = User.objects.get(email=email)
    if not user.has_usable_password():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    browser = Client()
    assert browser.post("/sign-in/", {"login": email, "password": PASSWORD}).status_code == 302
    return browser


def test_the_owner_takes_a_copy_away(cast: Cast) -> None:
    log_sighting(cast, by=cast.volunteer)
    browser = by_password("volunteer@example.org")
    assert INLINE.findall(text_of(browser.get(PAGE))) == []

    answer = browser.post(PAGE, {"act": "copy"})

    assert answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "small scar over the left eyebrow" in archive.read("data.json").decode()
    assert AuditEntry.objects.filter(action="X", subject_type="account").count() == 1


@pytest.mark.parametrize("act", ["copy", "close"])
def test_both_ask_who_it_is_when_that_was_over_five_minutes_ago(cast: Cast, act: str) -> None:
    log_sighting(cast, by=cast.volunteer)
    browser = by_password("volunteer@example.org")

    with time_machine.travel(time.time() + 301):
        answer = browser.post(PAGE, {"act": act})

    assert answer["Location"] == "/account/confirm/?next=%2Faccount%2Fdata%2F"
    assert not AuditEntry.objects.filter(subject_type="account").exists()
    assert not Erasure.objects.exists()


def test_closing_signs_out_and_begins_the_erasure(cast: Cast) -> None:
    log_sighting(cast, by=cast.volunteer)
    browser, other = (by_password("volunteer@example.org") for _ in "ab")

    assert browser.post(PAGE, {"act": "close"})["Location"] == "/sign-in/closed/"

    assert signed_in_as(browser) is None
    assert other.get("/account/").status_code == 302
    assert Erasure.objects.get().kind == Kind.ACCOUNT
    assert Sighting.objects.count() == 1


def test_whoever_holds_a_role_is_told_to_give_it_up_first(cast: Cast) -> None:
    browser = cast.reviewer.browser()

    refused = browser.post(PAGE, {"act": "close"})

    assert refused.status_code == 400
    assert "Take the roles away first" in text_of(refused)
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"act": "fly"}, {"act": "\0"}])
def test_what_no_form_of_ours_sends_is_not_there(cast: Cast, sent: dict[str, str]) -> None:
    assert cast.volunteer.browser().post(PAGE, sent).status_code == 404
    assert cast.anonymous.browser().get(PAGE).status_code == 302
