"""The page that asks who somebody is once more, and takes what they answer."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from casemgr.platform import limits
from casemgr.platform.accounts import second_factor
from casemgr.platform.accounts.forms import ReauthenticateForm
from casemgr.platform.accounts.models import User

CODE, CREDENTIAL = "second_factor_code", "second_factor_credential"


class CodeForm(forms.Form):
    """Six digits of an app, or a recovery code."""

    second_factor_code = forms.CharField(
        label=_("Code"),
        help_text=_("The six digits that your app shows now, or one of your recovery codes."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasswordAgainForm(forms.Form):
    """For accounts without a second factor."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def confirm(request: HttpRequest, user: User) -> HttpResponse | None:
    """Take a factor that this request brings (None: it holds), else the page that asks for one."""
    form: forms.Form = CodeForm()
    if code := request.POST.get(CODE):
        limits.enforce(request, "sign_in", account=str(user.pk))
        if _holds(ReauthenticateForm(user=user, data={"code": code})):
            return None
        form = CodeForm(request.POST)
        form.add_error(CODE, _("This code doesn't fit. Wait for the next one and try again."))
    elif credential := request.POST.get(CREDENTIAL):
        limits.enforce(request, "sign_in", account=str(user.pk))
        if _holds(ReauthenticateWebAuthnForm(user=user, data={"credential": credential})):
            return None
        form = CodeForm(request.POST)
        form.add_error(None, _("This passkey doesn't fit. Try again, or type a code."))
    return _page(request, user, form)


def confirm_password(request: HttpRequest, user: User) -> HttpResponse | None:
    """The same by password, for accounts that have no second factor."""
    form = PasswordAgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        limits.enforce(request, "sign_in", account=str(user.pk))
        if get_adapter(request).reauthenticate(user, form.cleaned_data["password"]):
            record_authentication(request, user, "password", reauthenticated=True)
            return None
        form.add_error("password", _("This isn't your password."))
    page = {"form": form, "stay_at": request.path}
    return render(request, "accounts/confirm.html", page, status=400 if form.errors else 200)


def _holds(form: Any) -> bool:
    if not form.is_valid():
        return False
    form.save()
    return True


def _page(request: HttpRequest, user: User, form: forms.Form) -> HttpResponse:
    page = {
        "form": form,
        "carried": second_factor.carried(request),
        "action": request.get_full_path(),
        "passkey": webauthn.get_credentials(user)
        and {"request_options": webauthn.begin_authentication(user)},
        "stay_at": "/",
    }
    asked = 200 if request.method == "GET" else 403
    return render(request, "accounts/confirm.html", page, status=400 if form.errors else asked)
