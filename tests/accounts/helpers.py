"""What the tests of accounts do again and again, through the pages."""

import re
import time
from urllib.parse import urlsplit

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from tests.factories import work_off
from tests.pages import text_of

PASSWORD = "three lanterns by the river"
LINK = re.compile(r"^https?://\S+$", re.MULTILINE)


def letters(to: str) -> list[EmailMessage]:
    """What has been sent to an address so far, after all work is done."""
    work_off()
    return [letter for letter in mail.outbox if letter.to == [to]]


def path_in(letter: EmailMessage) -> str:
    """The path of the link that a letter carries."""
    [link] = LINK.findall(str(letter.body))
    path: str = urlsplit(link).path
    return path


def sign_up(email: str, *, password: str = PASSWORD, language: str = "en") -> Client:
    """Sign up and open the link of the letter, in one browser, which is then signed in."""
    browser = Client(HTTP_ACCEPT_LANGUAGE=language)
    answer = browser.post("/sign-up/", {"email": email, "password1": password})
    assert answer.status_code == 302, text_of(answer)
    address = path_in(letters(email)[-1])
    assert browser.get(address).status_code == 200
    assert browser.post(address).status_code == 302
    return browser


def signed_in_as(browser: Client) -> str | None:
    """The id of whoever is signed in."""
    held: str | None = browser.session.get("_auth_user_id")
    return held


def code_for(secret: str, *, later: int = 0) -> str:
    """The six digits that an app shows now, or some half minutes later; each is taken once."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later)))


def set_up_app(browser: Client) -> str:
    """Set up an authenticator app; returns its secret."""
    page = text_of(browser.get("/account/app/"))
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found is not None, page
    answer = browser.post("/account/app/", {"code": code_for(found[1])})
    assert answer.status_code == 302, text_of(answer)
    return found[1]
