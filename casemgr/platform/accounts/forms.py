"""Forms of accounts: allauth's, in our words, and our own."""

import re
from typing import TYPE_CHECKING, Any

from allauth.account import fields as allauth_fields
from allauth.account import forms as allauth_forms
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.accounts.passwords import LengthValidator
from casemgr.platform.accounts.services import spend_code

if TYPE_CHECKING:
    _UserForm = forms.ModelForm[User]
else:
    _UserForm = forms.ModelForm

EMAIL = _("E-mail address")
PASSWORD = _("Password")
NEW_PASSWORD = _("New password")
password_help = lazy(LengthValidator().get_help_text, str)


def _reword(form: forms.Form, **labels: Any) -> None:
    """Our labels, and no text inside fields: it is gone once one types."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = labels.get(name, field.label)


_SEPARATORS = re.compile(r"[\s().-]")


class PhoneField(allauth_fields.PhoneField):
    """A number with its country's, with or without spaces and the like."""

    def to_python(self, value: Any) -> Any:
        """Digits and the plus."""
        return _SEPARATORS.sub("", super().to_python(value))


class SignInForm(allauth_forms.LoginForm):
    """Address (or number, where that is possible) and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        either = _("E-mail address or phone number") if settings.SMS_PROVIDER else EMAIL
        _reword(self, login=either, password=PASSWORD)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""

    def clean_login(self) -> str:
        """An address as typed, a number without its spaces."""
        typed: str = super().clean_login()
        return typed if "@" in typed else _SEPARATORS.sub("", typed)


class SignUpForm(allauth_forms.SignupForm):
    """As little as it takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, email=EMAIL, password1=PASSWORD, phone=_("Phone number"))
        self.fields["password1"].help_text = password_help()

    def try_save(self, request: HttpRequest) -> Any:
        """Hashing takes as long for an address that has an account as for one that hasn't."""
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ChangeEmailForm(allauth_forms.AddEmailForm):
    """The new address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, email=_("New e-mail address"))


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The old one and the new one, typed once: pasting it twice would prove nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _reword(self, oldpassword=_("Your password until now"), password1=NEW_PASSWORD)
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = password_help()


class SetPasswordForm(allauth_forms.SetPasswordForm):
    """A first password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _reword(self, password1=PASSWORD)
        self.fields["password1"].help_text = password_help()


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    """Whose password was forgotten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, email=EMAIL)


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    """The new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _reword(self, password1=NEW_PASSWORD)
        self.fields["password1"].help_text = password_help()


class _CodeOnce:
    """Refuses a code of an app that was taken before, whichever process took it."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        """The code, spent."""
        code: str = super().clean_code()  # type: ignore[misc]
        is_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_app and not spend_code(user=self.user, code=code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_CodeOnce, mfa_forms.AuthenticateForm):
    """The factor on the way in."""


class ReauthenticateForm(_CodeOnce, mfa_forms.ReauthenticateForm):
    """The factor once more."""


class ActivateTotpForm(totp_forms.ActivateTOTPForm):
    """The first code of a new app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, code=_("The code that the app shows now"))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class AddPasskeyForm(webauthn_forms.AddWebAuthnForm):
    """A new passkey: what to call it, and whether it may stand for the password too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(
            self,
            name=_("What to call it"),
            passwordless=_("Sign in with it alone, without a password"),
        )
        self.fields["passwordless"].help_text = _(
            "It then has to ask for your finger, your face or its own code."
        )


class ProfileForm(_UserForm):
    """How one is shown, and in which language one's letters are."""

    language = forms.ChoiceField(label=_("Language of letters"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("display_name", "language")


class ProposeRoleForm(forms.Form):
    """Who should get which role."""

    email = forms.EmailField(label=EMAIL)
    name = forms.CharField(label=_("Name shown to colleagues"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), choices=StaffRole.choices)
