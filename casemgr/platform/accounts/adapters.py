"""How allauth speaks and writes here: through notices, in our words, keeping little."""

from collections.abc import Mapping
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models.functions import Now
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, crypto, site
from casemgr.platform.access import Action, Group
from casemgr.platform.accounts import second_factor
from casemgr.platform.accounts.models import User
from casemgr.platform.notify.services import tell

# Which notice stands for which of allauth's letters after a change.
NOTICES: Final = {
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_changed",
    "account/email/password_set": "password_changed",
    "account/email/email_changed": "email_changed",
    "account/email/email_deleted": "email_changed",
    "mfa/email/totp_activated": "factor_changed",
    "mfa/email/totp_deactivated": "factor_changed",
    "mfa/email/webauthn_added": "factor_changed",
    "mfa/email/webauthn_removed": "factor_changed",
    "mfa/email/recovery_codes_generated": "factor_changed",
}
# What pages say after it; allauth's other messages are left out, since the pages show it.
SAID: Final = {
    "account/messages/email_confirmed.txt": _("Thank you. Your address is confirmed."),
    "account/messages/email_confirmation_sent.txt": _("We have sent you a letter."),
    "account/messages/password_changed.txt": _("Your password is changed."),
    "account/messages/password_set.txt": _("Your password is set."),
    "mfa/messages/totp_activated.txt": _("Your app is set up."),
    "mfa/messages/totp_deactivated.txt": _("Your app no longer counts."),
    "mfa/messages/webauthn_added.txt": _("Your passkey is set up."),
    "mfa/messages/webauthn_removed.txt": _("Your passkey no longer counts."),
    "usersessions/messages/sessions_logged_out.txt": _("You are signed out everywhere else."),
}
NO_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - nobody's address


class AccountAdapter(DefaultAccountAdapter):
    """Accounts without user names; every letter is a notice."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This address and password don't go together. Check both and try again."
        ),
        "phone_password_mismatch": _(
            "This number and password don't go together. Check both and try again."
        ),
        "incorrect_code": _("This code doesn't fit. Wait for the next one and try again."),
        "enter_current_password": _("This isn't your password."),
    }

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """No letter leaves past `notify`: one that nobody has thought of is a mistake of ours."""
        raise NotImplementedError(template_prefix)

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        """To the address that has to be confirmed."""
        address = emailconfirmation.email_address
        tell(person=address.user, kind="confirm_email", about=address.pk)

    def send_account_already_exists_mail(self, email: str) -> None:
        """To whoever has the account."""
        if user := User.objects.filter(email=email.lower(), is_active=True).first():
            tell(person=user, kind="account_exists")

    def send_password_reset_mail(self, user: User, email: str, context: Mapping[str, Any]) -> None:
        """The letter makes its own link, so that the secret is never stored."""
        tell(person=user, kind="reset_password")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: Mapping[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell of a change to the account, and write it into the audit."""
        audit.record(self.request.actor, Action.UPDATE, "user", [user.pk], groups=[Group.ACCOUNTS])
        tell(person=user, kind=NOTICES[template_prefix])

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: Mapping[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Our words for what happened."""
        said = message or SAID.get(message_template or "")
        if said:
            messages.add_message(request, level, str(said), extra_tags=extra_tags)

    def save_user(
        self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True
    ) -> User:
        """Someone who signs up reads the language that they signed up in, and knows a password."""
        user.language = get_language() or "en"
        saved: User = super().save_user(request, user, form, commit=commit)
        record_authentication(request, saved, "password")
        return saved

    def get_client_ip(self, request: HttpRequest) -> str:
        """Nobody's: we keep no addresses, and limits are counted elsewhere (docs/limits.md)."""
        return NO_ADDRESS

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Our own gate stands before each such page (see routes.py)."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where one's account is shown; staff go on to their second factor."""
        user = second_factor.person_of(request)
        needs = bool(request.actor.withheld) and user is not None  # type: ignore[attr-defined]
        return reverse("second-factor" if needs else "account")

    # --- phone numbers, where an SMS provider is set --------------------------------------------

    def phone_form_field(self, **kwargs: Any) -> Any:
        """One that takes numbers as people write them."""
        from casemgr.platform.accounts.forms import PhoneField

        return PhoneField(**kwargs)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """The number and whether it is confirmed."""
        return (user.phone, user.phone_verified_at is not None) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Note a number."""
        user.phone = phone
        user.phone_verified_at = None
        user.save(update_fields=["phone", "phone_verified_at"])
        if verified:
            self.set_phone_verified(user, phone)

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Whoever typed the code has the phone."""
        User.objects.filter(pk=user.pk, phone=phone).update(phone_verified_at=Now())

    def get_user_by_phone(self, phone: str) -> User | None:
        """Whose number it is."""
        return User.objects.filter(phone=phone).first()

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        """At once, by the provider itself: the code lives in the session only, and is awaited."""
        from django.conf import settings

        text = _("%(site)s: your code is %(code)s. Nobody will ask you for it.")
        import_string(settings.SMS_PROVIDER)().send(
            phone, text % {"site": site.current().name, "code": code}
        )

    def send_account_already_exists_sms(self, phone: str) -> None:
        """To whoever has the account."""
        if user := self.get_user_by_phone(phone):
            tell(person=user, kind="account_exists")


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps are encrypted like every other secret."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code doesn't fit. Wait for the next one and try again."),
    }

    def encrypt(self, text: str) -> str:
        """With the newest field key."""
        return crypto.encrypt(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """With whichever field key fits."""
        return crypto.decrypt(encrypted_text.encode())

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        """What a passkey is called unless its owner says otherwise."""
        held = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)s") % {"number": held + 1}

    def get_totp_issuer(self) -> str:
        """The name that the app shows."""
        return site.current().name

    def _get_site_name(self) -> str:
        return site.current().name
