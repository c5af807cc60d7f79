"""What people are told about their accounts. A letter's secret is made as it is written."""

from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casemgr.platform.access import ANONYMOUS
from casemgr.platform.accounts.models import StaffRole
from casemgr.platform.accounts.services import INVITATION_LIFE, make_sign_in_link, sign_in_path
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.models import Notice

ROLES = {"role": dict(StaffRole.choices)}


def _address(notice: Notice) -> EmailAddress | None:
    found = EmailAddress.objects.filter(pk=int(notice.about), user=notice.person)
    return found.first()


def _confirm_path(notice: Notice) -> str | None:
    address = _address(notice)
    if address is None or address.verified:
        return None
    return reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])


def _confirm_to(notice: Notice) -> str | None:
    address = _address(notice)
    return address.email if address else None


def _reset_path(notice: Notice) -> str:
    key = default_token_generator.make_token(notice.person)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(notice.person), key])


def _invitation_path(notice: Notice) -> str:
    return sign_in_path(
        make_sign_in_link(actor=ANONYMOUS, user=notice.person, life=INVITATION_LIFE)
    )


register(
    Kind(
        "confirm_email",
        _("Please confirm your address"),
        _(
            "Somebody, we think you, gave us this e-mail address. Open the link to confirm it. If "
            "it wasn't you, do nothing."
        ),
        link=_confirm_path,
        to=_confirm_to,
        at_once=True,
    ),
    Kind(
        "account_exists",
        _("You have an account already"),
        _(
            "Somebody, we think you, wanted to open an account with this address. There is one "
            "already. Sign in, or set a new password if you have forgotten it. If it wasn't you, "
            "do nothing."
        ),
        page="sign-in",
        at_once=True,
    ),
    Kind(
        "reset_password",
        _("Set a new password"),
        _(
            "Somebody, we think you, asked to set a new password. Open the link within four hours. "
            "If it wasn't you, do nothing: your password stays as it is."
        ),
        link=_reset_path,
        at_once=True,
    ),
    Kind(
        "password_changed",
        _("Your password was changed"),
        _(
            "The password of your account was changed just now. If this wasn't you, set a new "
            "password and tell us."
        ),
        page="account",
        at_once=True,
    ),
    Kind(
        "email_changed",
        _("Your e-mail address was changed"),
        _(
            "From now on letters about your account go to another address. If this wasn't you, "
            "tell us at once."
        ),
        page="account",
        at_once=True,
    ),
    Kind(
        "factor_changed",
        _("Your second factor was changed"),
        _(
            "An app, a passkey or recovery codes were added to your account or taken away just "
            "now. If this wasn't you, set a new password and tell us."
        ),
        page="second-factor",
        at_once=True,
    ),
    Kind(
        "factor_reset",
        _("Your second factor was reset"),
        _(
            "Two administrators have taken away your second factor and your password, since you "
            "could no longer use them. One of them will hand you a link. If you didn't ask for "
            "this, tell us at once."
        ),
        at_once=True,
    ),
    Kind(
        "invitation",
        _("You are invited"),
        _(
            "Two administrators would like you to help as %(role)s. Open the link within seven "
            "days; it works once. You then choose a password and set up a second factor."
        ),
        codes=ROLES,
        link=_invitation_path,
    ),
    Kind(
        "role_given",
        _("You have a new role"),
        _(
            "Two administrators have made you %(role)s. The role counts once you have shown a "
            "second factor."
        ),
        codes=ROLES,
        page="second-factor",
    ),
    Kind(
        "second_admin_wanted",
        _("A second administrator is wanted"),
        _("Another administrator has proposed something that takes two. Please look at it."),
        page="staff",
        every=timedelta(hours=1),
    ),
)
