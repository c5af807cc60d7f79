"""Alliances: who is in, who leads, who comes in by invitation, and how leading is handed over."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.accounts.models import User
from casemgr.platform.errors import Conflict, Forbidden, Gone, NotFound
from families.models import Alliance, Invitation, Membership, MembershipRole

INVITATION_LIFE = timedelta(days=7)
PREFIX = "hwinv_"


def alliances_of(actor: Actor) -> "QuerySet[Alliance]":
    """The alliances that the actor is in now."""
    return Alliance.objects.filter(
        memberships__user=actor.user_id, memberships__left_at__isnull=True
    ).distinct()


def members_of(*, actor: Actor, alliance: Alliance) -> "QuerySet[Membership]":
    """Who is in an alliance; for members alone. Raises NotFound for everybody else."""
    _own_membership(actor, alliance)
    return _current(alliance).select_related("user").order_by("joined_at", "id")


@transaction.atomic
def invite(*, actor: Actor, alliance: Alliance, role: MembershipRole) -> str:
    """The secret of a new invitation, told once; it lets one person in within seven days.

    Coordinators invite members, owners also coordinators; leading comes by hand-over alone.
    Raises NotFound for strangers, Forbidden.
    """
    mine = _own_membership(actor, alliance)
    if actor.user is None or not can(actor, Action.CREATE, Group.ACCOUNTS, alliance):
        raise Forbidden
    if role is MembershipRole.OWNER or (
        role is MembershipRole.COORDINATOR and mine.role != MembershipRole.OWNER
    ):
        raise Forbidden(_("Only the owner names coordinators, and owning is handed over."))
    secret = PREFIX + secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        alliance=alliance,
        role=role,
        digest=_digest(secret),
        invited_by=actor.user,
        expires_at=Now() + INVITATION_LIFE,
    )
    audit.record(actor, Action.CREATE, "invitation", [invitation.pk], groups=[Group.ACCOUNTS])
    return secret


@transaction.atomic
def revoke_invitation(*, actor: Actor, invitation: Invitation) -> None:
    """Make an invitation worthless; whoever leads the alliance may."""
    _own_membership(actor, invitation.alliance)
    if not can(actor, Action.CREATE, Group.ACCOUNTS, invitation.alliance):
        raise Forbidden
    Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True).update(revoked_at=Now())
    audit.record(actor, Action.ERASE, "invitation", [invitation.pk], groups=[Group.ACCOUNTS])


@transaction.atomic
def accept_invitation(*, actor: Actor, secret: str) -> Membership:
    """Come in by an invitation, which is then used up.

    Raises Gone for one that is unknown, used, revoked or too old (never saying which), Forbidden
    without an account, Conflict for somebody who is in.
    """
    if actor.user is None:
        raise Forbidden(_("Please sign in first."))
    invitation = open_invitation(secret)
    if _current(invitation.alliance).filter(user=actor.user).exists():
        raise Conflict("member", _("You are in this alliance already."))
    if not _fresh(secret).update(used_at=Now(), used_by=actor.user):
        raise Gone(_("This invitation can't be used any more. Ask for a new one."))
    membership = Membership.objects.create(
        alliance=invitation.alliance, user=actor.user, role=invitation.role
    )
    audit.record(actor, "join", "alliance", [invitation.alliance_id], groups=[Group.ACCOUNTS])
    return membership


@transaction.atomic
def hand_over(*, actor: Actor, alliance: Alliance, to: User) -> None:
    """The owner makes another member the owner, and is a coordinator from then on."""
    _locked(alliance)
    mine = _own_membership(actor, alliance)
    if mine.role != MembershipRole.OWNER:
        raise Forbidden(_("Only the owner can hand an alliance over."))
    if to.pk == actor.user_id:
        raise Conflict("owner", _("You are the owner already."))
    if not _current(alliance).filter(user=to).update(role=MembershipRole.OWNER):
        raise NotFound
    Membership.objects.filter(pk=mine.pk).update(role=MembershipRole.COORDINATOR)
    audit.record(actor, "hand_over", "alliance", [alliance.pk, to.pk], groups=[Group.ACCOUNTS])


@transaction.atomic
def leave(*, actor: Actor, alliance: Alliance) -> None:
    """Go; the last owner hands over first, unless nobody else is left."""
    _locked(alliance)
    mine = _own_membership(actor, alliance)
    others = _current(alliance).exclude(pk=mine.pk)
    if (
        mine.role == MembershipRole.OWNER
        and others.exists()
        and not others.filter(role=MembershipRole.OWNER).exists()
    ):
        raise Conflict("last_owner", _("Hand the alliance over before you leave it."))
    Membership.objects.filter(pk=mine.pk).update(left_at=Now())
    audit.record(actor, "leave", "alliance", [alliance.pk], groups=[Group.ACCOUNTS])


@transaction.atomic
def remove_member(*, actor: Actor, alliance: Alliance, user: User) -> None:
    """The owner shows somebody else the door. Their invitations go with them."""
    _locked(alliance)
    mine = _own_membership(actor, alliance)
    if mine.role != MembershipRole.OWNER or user.pk == actor.user_id:
        raise Forbidden(_("Only the owner can remove members, and leaves by leaving."))
    if not _current(alliance).filter(user=user).update(left_at=Now()):
        raise NotFound
    Invitation.objects.filter(
        alliance=alliance, invited_by=user, used_at__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=Now())
    audit.record(
        actor, "remove_member", "alliance", [alliance.pk, user.pk], groups=[Group.ACCOUNTS]
    )


def open_invitation(secret: str) -> Invitation:
    """The invitation that a secret opens, unused. Raises Gone as `accept_invitation` does."""
    invitation = _fresh(secret).select_related("alliance").first()
    if invitation is None:
        raise Gone(_("This invitation can't be used any more. Ask for a new one."))
    return invitation


def came_in_by(actor: Actor, secret: str) -> Alliance | None:
    """The alliance that the actor is in by this very invitation: a second tap leads there too."""
    used = Invitation.objects.filter(digest=_digest(secret), used_by=actor.user_id)
    if actor.user is None or not used.exists():
        return None
    return alliances_of(actor).filter(invitations__in=used).first()


def was_in(actor: Actor, alliance_id: UUID) -> bool:
    """Whether the actor has been in an alliance and left it."""
    if actor.user is None:
        return False
    rows = Membership.objects.filter(alliance=alliance_id, user=actor.user)
    return rows.exists() and not rows.filter(left_at__isnull=True).exists()


def _fresh(secret: str) -> "QuerySet[Invitation]":
    return Invitation.objects.filter(
        digest=_digest(secret), used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=Now()
    )


def _current(alliance: Alliance) -> "QuerySet[Membership]":
    return Membership.objects.filter(alliance=alliance, left_at__isnull=True)


def _own_membership(actor: Actor, alliance: Alliance) -> Membership:
    mine = _current(alliance).filter(user=actor.user_id).first()
    if actor.user is None or mine is None:
        raise NotFound
    return mine


def _locked(alliance: Alliance) -> None:
    """Hold the alliance, so that two changes of who leads it don't cross."""
    Alliance.objects.select_for_update().get(pk=alliance.pk)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
