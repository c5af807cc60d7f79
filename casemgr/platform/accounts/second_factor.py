"""The second factor: what this session proved, when, and what is asked again before risky acts.

allauth writes down in the session how somebody proved who they are. A staff role counts only in a
session that proved a second factor within `LIFE` (`ActorMiddleware` holds this, in one place);
`require_recent` and `reauthenticated_within` ask for it anew.
"""

import time
from collections.abc import Callable, MutableMapping
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from casemgr.platform.accounts.models import User
from casemgr.platform.errors import DomainError

LIFE: Final = timedelta(hours=12)
RECENT_MINUTES: Final = 5
_DEMO: Final = "demo_factor"
_OWN_FIELDS: Final = ("csrfmiddlewaretoken", "second_factor_code", "second_factor_credential")
_SAFE: Final = ("GET", "HEAD", "OPTIONS")


class SecondFactorNeeded(DomainError):
    """To a program: a person has to show their second factor on the site first."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "second_factor_needed",
            _("This asks for your second factor anew. Show it on the site, then try again."),
        )


def person_of(request: HttpRequest) -> User | None:
    """Who is signed in."""
    return request.user if isinstance(request.user, User) else None


def is_set_up(user: User) -> bool:
    """Whether the account has a factor that can be asked for."""
    factors = Authenticator.objects.filter(user=user)
    return bool(factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def with_factor(people: "QuerySet[User]") -> "QuerySet[User]":
    """Those of `people` who can show a second factor; in a demo everybody can."""
    if settings.DEMO:
        return people
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return people.filter(pk__in=factors.values("user"))


def present(request: HttpRequest) -> bool:
    """Whether this session proved a second factor within `LIFE`."""
    return _within(request, LIFE, method="mfa")


def is_recent(request: HttpRequest, minutes: int = RECENT_MINUTES) -> bool:
    """Whether this session proved a second factor within so many minutes."""
    return _within(request, timedelta(minutes=minutes), method="mfa")


def require_recent(request: HttpRequest, minutes: int = RECENT_MINUTES) -> HttpResponse | None:
    """None where the second factor was proved lately, else the page to answer with.

    A form that was being sent is not lost: the page carries its fields, asks for the factor, and
    sends both to the same address, where this function takes the factor and lets the form pass.
    """
    if is_recent(request, minutes):
        return None
    user = person_of(request)
    if user is None or not is_set_up(user):
        return redirect("second-factor")
    if request.method in _SAFE:
        return redirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")
    from casemgr.platform.accounts.confirming import confirm

    return confirm(request, user)


def insist(request: HttpRequest, minutes: int = RECENT_MINUTES) -> None:
    """The same for programs, which are shown no page: raises SecondFactorNeeded."""
    if not is_recent(request, minutes):
        raise SecondFactorNeeded


def reauthenticated_within(minutes: int = RECENT_MINUTES) -> Callable[[Any], Any]:
    """Guard a page's changes (and, where it only reads, all of it): ask for the factor first."""

    def decorate(view: Any) -> Any:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            page = require_recent(request, minutes)
            found: HttpResponse = page if page is not None else view(request, *args, **kwargs)
            return found

        return guarded

    return decorate


def is_fresh(request: HttpRequest) -> bool:
    """Whether the asker proved who they are just now, by the strongest means that they have."""
    user = person_of(request)
    if user is not None and is_set_up(user):
        return is_recent(request)
    return _within(request, timedelta(minutes=RECENT_MINUTES))


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form that waits for the factor."""
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        if name not in _OWN_FIELDS
        for value in values
    ]


def mark(request: HttpRequest, factor: Authenticator) -> None:
    """Setting a factor up proves it: write that into the session."""
    user = person_of(request)
    record_authentication(request, user, "mfa", id=factor.pk, type=str(factor.type))


def mark_demo(request: HttpRequest) -> None:
    """In a demo nobody is real, and its one-time links stand for both factors."""
    if settings.DEMO:
        request.session[_DEMO] = True


def session_records(user: User) -> MutableMapping[str, Any]:
    """What a session holds whose person just proved both factors; for clients made in tests."""
    return {
        AUTHENTICATION_METHODS_SESSION_KEY: [{"method": "mfa", "at": time.time(), "type": "totp"}],
        _AUTHENTICATION_METHODS_USER_SESSION_KEY: str(user.pk),
    }


def _within(request: HttpRequest, age: timedelta, *, method: str | None = None) -> bool:
    if settings.DEMO and request.session.get(_DEMO):
        return True
    records = get_authentication_records(request, person_of(request))
    return any(
        method in (None, record.get("method"))
        and time.time() - float(record.get("at", 0)) < age.total_seconds()
        for record in records
    )
