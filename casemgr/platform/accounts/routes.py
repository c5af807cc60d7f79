"""allauth's pages: one table says where each is, who may come in, and what guards it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as sessions
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, re_path, reverse
from django.utils.http import urlencode

from casemgr.platform import limits
from casemgr.platform.access import Access, Action, Group, declares, open_to_all
from casemgr.platform.accounts import second_factor
from casemgr.platform.errors import NotFound

OWN = Access(Action.READ, Group.ACCOUNTS)
ENTRANCE = "whoever isn't signed in yet has to be able to get in"


@dataclass(frozen=True, slots=True)
class Route:
    """One page of allauth. A `path` that begins with ^ is a regular expression.

    `access` is what it asks for, or why it is open. `limited` names the form fields that say whose
    account is being tried. `fresh` asks who somebody is once more, if that was over five minutes
    ago. `even` makes all its answers to a form take the same time, whoever has an account.
    `by_text` is there only where an SMS provider is set.
    """

    path: str
    name: str
    view: Any
    access: Access | str
    limited: tuple[str, ...] | None = None
    fresh: bool = False
    even: bool = False
    by_text: bool = False


ROUTES = (
    Route("sign-up/", "account_signup", account.signup, ENTRANCE, ("email", "phone"), even=True),
    Route("sign-in/", "account_login", account.login, ENTRANCE, ("login",)),
    Route(
        "sign-in/phone/", "account_verify_phone", account.verify_phone, ENTRANCE, (), by_text=True
    ),
    Route("sign-in/factor/", "mfa_authenticate", mfa.authenticate, ENTRANCE, ()),
    Route("sign-in/passkey/", "mfa_login_webauthn", webauthn.login_webauthn, ENTRANCE, ()),
    Route(
        "sign-in/closed/",
        "account_inactive",
        account.account_inactive,
        "says that an account is closed, and nothing of whose it is",
    ),
    Route(
        "confirm-address/",
        "account_email_verification_sent",
        account.email_verification_sent,
        "says that a letter is on its way, whether or not there was an account",
    ),
    Route(
        "confirm-address/<str:key>/",
        "account_confirm_email",
        account.confirm_email,
        "the link's secret is what confirms an address",
        (),
    ),
    Route(
        "password/forgotten/",
        "account_reset_password",
        account.password_reset,
        ENTRANCE,
        ("email",),
        even=True,
    ),
    Route(
        "password/forgotten/sent/",
        "account_reset_password_done",
        account.password_reset_done,
        "says that a letter is on its way, whether or not there was an account",
    ),
    Route(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        "account_reset_password_from_key",
        account.password_reset_from_key,
        "the link's secret is what lets somebody set a password",
        (),
    ),
    Route(
        "password/new/done/",
        "account_reset_password_from_key_done",
        account.password_reset_from_key_done,
        "says that a password is set, and nothing of whose it is",
    ),
    Route("account/address/", "account_email", account.email, OWN, (), fresh=True),
    Route("account/password/", "account_change_password", account.password_change, OWN, ()),
    Route(
        "account/password/first/", "account_set_password", account.password_set, OWN, (), fresh=True
    ),
    Route("account/app/", "mfa_activate_totp", totp.activate_totp, OWN, (), fresh=True),
    Route("account/app/remove/", "mfa_deactivate_totp", totp.deactivate_totp, OWN, fresh=True),
    Route("account/passkeys/add/", "mfa_add_webauthn", webauthn.add_webauthn, OWN, fresh=True),
    Route(
        "account/passkeys/<int:pk>/remove/",
        "mfa_remove_webauthn",
        webauthn.remove_webauthn,
        OWN,
        fresh=True,
    ),
    Route(
        "account/recovery-codes/",
        "mfa_view_recovery_codes",
        recovery.view_recovery_codes,
        OWN,
        fresh=True,
    ),
    Route(
        "account/recovery-codes/new/",
        "mfa_generate_recovery_codes",
        recovery.generate_recovery_codes,
        OWN,
        fresh=True,
    ),
    Route(
        "account/sessions/",
        "usersessions_list",
        sessions.list_usersessions,
        Access(Action.ERASE, Group.TOKENS),
    ),
)
# What our own pages call some of them.
NAMES = {"account_login": ("sign-in",), "account_signup": ("sign-up",)}


def urlpatterns() -> list[URLPattern]:
    """The table as Django's addresses."""
    return [
        (re_path if route.path.startswith("^") else path)(route.path, _guarded(route), name=name)
        for route in ROUTES
        for name in (route.name, *NAMES.get(route.name, ()))
    ]


def _guarded(route: Route) -> Callable[..., Any]:
    @wraps(route.view)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        began = time.monotonic()
        if route.by_text and (not settings.SMS_PROVIDER or request.user.is_authenticated):
            raise NotFound
        if request.method == "POST" and route.limited is not None:
            tried = [request.POST.get(name, "").strip().lower() for name in route.limited]
            limits.enforce(request, "sign_in", account=next(filter(None, tried), ""))
        if route.fresh and not second_factor.is_fresh(request):
            onward = request.path if request.method == "GET" else reverse("account")
            return redirect(f"{reverse('confirm')}?{urlencode({'next': onward})}")
        response: HttpResponse = route.view(request, *args, **kwargs)
        if route.even and request.method == "POST":
            time.sleep(max(0.0, began + settings.EVEN_ANSWER_SECONDS - time.monotonic()))
        return response

    if isinstance(route.access, Access):
        guarded: Callable[..., Any] = declares(route.access.action, route.access.group)(view)
        return guarded
    opened: Callable[..., Any] = open_to_all(route.access)(view)
    return opened
