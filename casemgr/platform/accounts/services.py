"""Writes to accounts."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.accounts.models import RoleGrant, SignInLink, StaffRole, UsedCode, User
from casemgr.platform.errors import Forbidden

LINK_LIFE = timedelta(hours=12)
INVITATION_LIFE = timedelta(days=7)
# A code holds for the half minute before, of and after its own.
CODE_LIFE = timedelta(minutes=2)


@transaction.atomic
def grant_role(*, actor: Actor, user: User, role: StaffRole) -> RoleGrant:
    """Give `user` a staff role; asking twice changes nothing."""
    grant, made = RoleGrant.objects.get_or_create(
        user=user, role=role, revoked_at=None, defaults={"granted_by": actor.user}
    )
    if made:
        audit.record(actor, Action.CREATE, "role_grant", [grant.pk], groups=[Group.ACCOUNTS])
    return grant


@transaction.atomic
def make_sign_in_link(*, actor: Actor, user: User, life: timedelta = LINK_LIFE) -> str:
    """A secret that signs `user` in once within `life`; it never stands for a second factor."""
    secret = secrets.token_urlsafe(32)
    link = SignInLink.objects.create(user=user, digest=_digest(secret), expires_at=Now() + life)
    audit.record(actor, Action.CREATE, "sign_in_link", [link.pk], groups=[Group.TOKENS])
    return secret


def use_sign_in_link(*, secret: str) -> User | None:
    """The user of a fresh, unused link, which is then used up; None otherwise."""
    fresh = SignInLink.objects.filter(
        digest=_digest(secret), used_at__isnull=True, expires_at__gt=Now(), user__is_active=True
    )
    link = fresh.select_related("user").first()
    if link is None or not fresh.update(used_at=Now()):
        return None
    return link.user


def spend_code(*, user: User, code: str) -> bool:
    """Whether this code of the person's app is taken for the first time while it holds."""
    UsedCode.objects.filter(user=user, used_at__lt=Now() - CODE_LIFE).delete()
    _row, first = UsedCode.objects.get_or_create(user=user, code=code[:12])
    return first


def sign_in_path(secret: str) -> str:
    """Where a link's secret is taken."""
    return reverse("sign-in-by-link", args=[secret])


def vouch_for_email(user: User) -> None:
    """Take the account's address as its own: an admin who knows the person wrote it down.

    Does nothing where somebody else has already shown that the address is theirs.
    """
    if user.email and not EmailAddress.objects.filter(email=user.email, verified=True).exists():
        EmailAddress.objects.update_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )


@transaction.atomic
def update_profile(*, actor: Actor, user: User, display_name: str, language: str) -> None:
    """Change how a person is shown to colleagues, and the language of their letters."""
    if not can(actor, Action.UPDATE, Group.ACCOUNTS, user):
        raise Forbidden
    user.display_name, user.language = display_name, language
    user.save(update_fields=["display_name", "language"])
    audit.record(actor, Action.UPDATE, "user", [user.pk], groups=[Group.ACCOUNTS])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
