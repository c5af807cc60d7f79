"""The ways out of the house: e-mail by Django's backends, and SMS and push by a provider's class.

No provider is shipped. A class that SMS_PROVIDER or PUSH_PROVIDER names is made without arguments.
"""

import smtplib
from collections.abc import Iterator
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string

from casemgr.platform.notify.letters import Letter
from casemgr.platform.notify.models import Notice, Way


class NotNow(Exception):
    """It certainly was not sent, and may be later."""


class Never(Exception):
    """It certainly was not sent, and trying again can't help."""


class Provider(Protocol):
    """Somebody else's service that carries a short text. Raises NotNow or Never; else it is sent,
    or, after any other error, may have been: then it is not sent again."""

    def send(self, to: str, text: str) -> None:
        """Hand `text` over. `to`: a phone number with its + for SMS, a user's id for push."""


def ways_to(notice: Notice) -> Iterator[tuple[Way, str]]:
    """Each way that reaches the person, with the address there."""
    spec, person = notice.spec, notice.person
    email = spec.to(notice) if spec.to is not None else person.email
    if email:
        yield Way.EMAIL, email
    elif person.phone and settings.SMS_PROVIDER:
        yield Way.SMS, person.phone
    if settings.PUSH_PROVIDER:
        yield Way.PUSH, str(person.pk)


def send(way: Way, address: str, letter: Letter) -> None:
    """Send it now. Raises NotNow, Never, or any other error where nobody knows what came of it."""
    if way is Way.EMAIL:
        _email(address, letter)
        return
    name = settings.SMS_PROVIDER if way is Way.SMS else settings.PUSH_PROVIDER
    provider: Provider = import_string(name)()
    text = letter.body if way is Way.SMS else letter.subject
    provider.send(address, text)


def _email(address: str, letter: Letter) -> None:
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotNow(type(error).__name__) from error
    message = EmailMessage(letter.subject, letter.body, to=[address], connection=connection)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        raise (NotNow if all(400 <= code < 500 for code in codes) else Never)("refused") from error
    except smtplib.SMTPResponseException as error:
        later = 400 <= error.smtp_code < 500
        raise (NotNow if later else Never)(str(error.smtp_code)) from error
    finally:
        connection.close()
