"""Writes to families and alliances, and who speaks for a family."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.accounts.models import User
from casemgr.platform.contacts import digests
from casemgr.platform.errors import Invalid
from families.models import Alliance, Contact, Family, Guardian, Membership, MembershipRole


def guardian_of(actor: Actor, family: Family) -> Guardian | None:
    """The actor's own guardianship in `family`, if they have one."""
    if actor.user is None:
        return None
    return Guardian.objects.filter(family=family, user=actor.user, ended_at__isnull=True).first()


def kin_of(family_id: UUID) -> set[UUID]:
    """User ids of everybody who speaks or spoke for a family, here or in another family with them.

    Former guardians stay kin: leaving a family makes nobody impartial.
    """
    speaking = Guardian.objects.filter(user__isnull=False)
    theirs = speaking.filter(family=family_id).values("user")
    together = speaking.filter(family__guardians__user__in=theirs)
    return {user for user in together.values_list("user_id", flat=True) if user is not None}


def kin_with(user_id: UUID | None) -> "QuerySet[Guardian, Any]":
    """User ids (as a subquery's `user`) of all who speak or spoke for a family with this user."""
    return Guardian.objects.filter(user__isnull=False, family__guardians__user=user_id).values(
        "user"
    )


def related(one: UUID, other: UUID) -> bool:
    """Whether two people speak or spoke for the same family."""
    together = Guardian.objects.filter(user=one, family__guardians__user=other)
    return together.exists()


def allied_with(users: Collection[UUID]) -> "QuerySet[Membership, Any]":
    """User ids (as a subquery's `user`) of all who are now in an alliance with any of `users`."""
    return Membership.objects.filter(
        left_at__isnull=True,
        alliance__memberships__user__in=users,
        alliance__memberships__left_at__isnull=True,
    ).values("user")


def contacts_with(value: str) -> "QuerySet[Contact]":
    """Contacts that hold exactly this phone number or e-mail address, however it was written."""
    wanted = digests(value, "family contact")
    return Contact.objects.filter(Q(phone_index__in=wanted) | Q(email_index__in=wanted))


@transaction.atomic
def set_contact(*, actor: Actor, guardian: Guardian, **values: str) -> Contact:
    """Write how to reach a guardian; each column is encrypted."""
    contact, _made = Contact.objects.get_or_create(guardian=guardian)
    for name, value in values.items():
        setattr(contact, name, value)
    indexes = [f"{name}_index" for name in ("phone", "email") if name in values]
    contact.save(update_fields=[*values, *indexes, "updated_at"])
    audit.record(actor, Action.UPDATE, "contact", [contact.pk], groups=[Group.FAMILY_CONTACT])
    return contact


@transaction.atomic
def found_alliance(*, actor: Actor, name: str, owner: User) -> Alliance:
    """A new alliance with its first owner. Raises Invalid where the name is taken."""
    try:
        with transaction.atomic():
            alliance = Alliance.objects.create(name=name)
    except IntegrityError as error:
        words = _("There is an alliance of this name. Please choose another.")
        raise Invalid({"name": ("taken", words)}) from error
    Membership.objects.create(alliance=alliance, user=owner, role=MembershipRole.OWNER)
    audit.record(actor, Action.CREATE, "alliance", [alliance.pk])
    return alliance
