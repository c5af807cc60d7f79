"""Signing up, in and out, and what it tells to somebody who asks after others."""

import re
import time
from typing import ClassVar

import pytest
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from casemgr.platform.accounts.models import User
from tests.accounts.helpers import PASSWORD, letters, path_in, sign_up, signed_in_as
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def answer_to(address: str, form: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Everything that a stranger's browser is answered, but for its token and its request's id."""
    browser = Client()
    browser.get(address)
    response = browser.post(address, form)
    onward = text_of(browser.get(response["Location"])) if response.status_code == 302 else ""
    own = ("X-Request-Id", "Expires")
    headers = {name: value for name, value in response.headers.items() if name not in own}
    page = TOKEN.sub("", text_of(response) + onward)
    return response.status_code, headers, page


def test_a_guardian_signs_up_with_an_address_and_is_in_once_it_is_confirmed() -> None:
    browser = sign_up("mother@example.org")
    user = User.objects.get()

    assert signed_in_as(browser) == str(user.pk)
    assert (user.email, user.language) == ("mother@example.org", "en")
    assert "mother@example.org" in text_of(browser.get("/account/"))


def test_nobody_is_in_before_the_address_is_confirmed() -> None:
    browser = Client()
    browser.post("/sign-up/", {"email": "mother@example.org", "password1": PASSWORD})
    browser.post("/sign-in/", {"login": "mother@example.org", "password": PASSWORD})

    assert signed_in_as(browser) is None


def test_signing_up_tells_nobody_whether_an_address_has_an_account() -> None:
    sign_up("mother@example.org")
    form = {"password1": "four boats upon the lake"}

    known = answer_to("/sign-up/", {**form, "email": "mother@example.org"})
    unknown = answer_to("/sign-up/", {**form, "email": "nobody@example.org"})

    assert known == unknown
    assert User.objects.get(email="mother@example.org").check_password(PASSWORD)
    assert "account already" in str(letters("mother@example.org")[-1].subject)
    assert "confirm" in str(letters("nobody@example.org")[-1].subject)


def test_a_forgotten_password_tells_nobody_whether_an_address_has_an_account() -> None:
    sign_up("mother@example.org")
    sent = len(mail.outbox)

    known = answer_to("/password/forgotten/", {"email": "mother@example.org"})
    unknown = answer_to("/password/forgotten/", {"email": "nobody@example.org"})

    assert known == unknown
    assert len(letters("mother@example.org")) == sent + 1
    assert letters("nobody@example.org") == []


def test_a_wrong_password_and_an_unknown_address_are_answered_alike() -> None:
    sign_up("mother@example.org")

    known = answer_to("/sign-in/", {"login": "mother@example.org", "password": "x"})
    unknown = answer_to("/sign-in/", {"login": "mother@example.com", "password": "x"})

    assert known[:2] == unknown[:2]
    assert known[2].replace(".org", "") == unknown[2].replace(".com", "")


def test_a_form_is_answered_no_sooner_for_a_stranger_than_for_somebody_with_an_account(
    settings: Settings,
) -> None:
    settings.EVEN_ANSWER_SECONDS = 0.5
    sign_up("mother@example.org")

    for email in ("mother@example.org", "nobody@example.org"):
        began = time.monotonic()
        Client().post("/password/forgotten/", {"email": email})
        assert 0.5 <= time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("fourteen chars", "at least 15"),
        ("aaaaaaaaaaaaaaaaaaaa", "easy to guess"),
        ("homeward homeward homeward", "easy to guess"),
        ("abcdefghijklmnopqrstuvwxyz", "easy to guess"),
        ("mother mother example 123", "easy to guess"),
        ("x" * 60 + "three lanterns" * 10, "at most 128"),
    ],
    ids=["short", "repeated", "the site's name", "a run", "one's own address", "endless"],
)
def test_a_password_that_is_soon_guessed_is_refused_in_words(password: str, word: str) -> None:
    page = Client().post("/sign-up/", {"email": "mother@example.org", "password1": password})

    assert word in text_of(page)
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "password",
    ["three lanterns by the river", "河边挂着三盏灯笼等你回家吃晚饭呢", "n0t-Only!letters#here"],
    ids=["words", "Chinese", "signs"],
)
def test_any_long_password_will_do_however_its_characters_were_typed(password: str) -> None:
    sign_up("mother@example.org", password=password)
    wide = password.replace("n", "ｎ")
    browser = Client()

    browser.post("/sign-in/", {"login": "Mother@Example.org", "password": wide})

    assert signed_in_as(browser) is not None


def test_a_new_password_ends_every_other_session_and_is_told() -> None:
    sign_up("mother@example.org")
    elsewhere = Client()
    elsewhere.post("/sign-in/", {"login": "mother@example.org", "password": PASSWORD})
    Client().post("/password/forgotten/", {"email": "mother@example.org"})
    browser = Client()
    form_page = browser.get(path_in(letters("mother@example.org")[-1]), follow=True)
    where = form_page.redirect_chain[-1][0]

    answer = browser.post(where, {"password1": "four boats upon the lake"})

    assert answer.status_code == 302
    assert elsewhere.get("/account/").status_code == 302
    assert "changed" in str(letters("mother@example.org")[-1].subject)
    assert "used" in text_of(Client().get(path_in(letters("mother@example.org")[-2]), follow=True))


def test_somebody_signs_out_everywhere_else() -> None:
    browser = sign_up("mother@example.org")
    elsewhere = Client()
    elsewhere.post("/sign-in/", {"login": "mother@example.org", "password": PASSWORD})
    assert "Sign out everywhere else" in text_of(browser.get("/account/sessions/"))

    browser.post("/account/sessions/")

    assert elsewhere.get("/account/").status_code == 302
    assert browser.get("/account/").status_code == 200


def test_a_changed_address_counts_once_its_letter_is_opened() -> None:
    browser = sign_up("mother@example.org")

    browser.post("/account/address/", {"email": "new@example.org", "action_add": "1"})
    assert User.objects.get().email == "mother@example.org"
    browser.post(path_in(letters("new@example.org")[-1]))

    assert User.objects.get().email == "new@example.org"


def test_letters_and_pages_speak_chinese_to_those_who_do() -> None:
    browser = sign_up("mother@example.org", language="zh-hans")

    assert User.objects.get().language == "zh-hans"
    assert '<html lang="zh-hans">' in text_of(browser.get("/account/"))


def test_no_page_of_accounts_has_a_script_of_its_own() -> None:
    browser = sign_up("mother@example.org")
    stranger = Client()
    open_pages = ["/sign-in/", "/sign-up/", "/password/forgotten/", "/confirm-address/"]
    own = ["/account/", "/account/factor/", "/account/app/", "/account/passkeys/add/"]
    own += ["/account/password/", "/account/address/", "/account/sessions/", "/notices/"]

    pages = {a: stranger.get(a) for a in open_pages} | {a: browser.get(a) for a in own}

    assert {page.status_code for page in pages.values()} == {200}
    assert [a for a, page in pages.items() if INLINE.search(text_of(page))] == []


class Texts:
    """A provider of texts: notes what it is given."""

    sent: ClassVar[list[tuple[str, str]]] = []

    def send(self, to: str, text: str) -> None:
        Texts.sent.append((to, text))


def test_with_a_provider_of_texts_a_number_is_confirmed_by_code_and_then_signs_in(
    settings: Settings,
) -> None:
    settings.SMS_PROVIDER = "tests.accounts.test_sign_up.Texts"
    settings.ACCOUNT_LOGIN_METHODS = {"email", "phone"}
    settings.ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*"]
    Texts.sent.clear()
    form = {"email": "mother@example.org", "phone": "+86 138 0000 0000", "password1": PASSWORD}
    browser = Client()

    assert browser.post("/sign-up/", form)["Location"] == "/sign-in/phone/"
    [(number, text)] = Texts.sent
    code = re.findall(r"code is (\S+)\.", text)[0]
    assert browser.post("/sign-in/phone/", {"code": "WRONG1"}).status_code == 200
    browser.post("/sign-in/phone/", {"code": code})
    browser.post(path_in(letters("mother@example.org")[-1]))

    user = User.objects.get()
    assert (number, user.phone) == ("+8613800000000", "+8613800000000")
    assert user.phone_verified_at is not None
    other = Client()
    other.post("/sign-in/", {"login": "+86 138 0000 0000", "password": PASSWORD})
    assert signed_in_as(other) == str(user.pk)


def test_phone_numbers_are_nowhere_while_no_provider_sends_texts() -> None:
    page, _, _footer = text_of(Client().get("/sign-in/")).partition("<footer")
    assert "sign-in" in page
    assert "hone" not in page
    assert 'name="phone"' not in text_of(Client().get("/sign-up/"))
    assert Client().get("/sign-in/phone/").status_code == 404
