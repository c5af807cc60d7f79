"""Writes to accounts."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.accounts.models import RoleGrant, SignInLink, StaffRole, User

LINK_LIFE = timedelta(hours=12)


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
def make_sign_in_link(*, actor: Actor, user: User) -> str:
    """A secret that signs `user` in once within twelve hours."""
    secret = secrets.token_urlsafe(32)
    link = SignInLink.objects.create(
        user=user, digest=_digest(secret), expires_at=Now() + LINK_LIFE
    )
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


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
