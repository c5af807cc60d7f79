"""Writes to families and alliances, and who speaks for a family."""

from django.db import transaction

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.accounts.models import User
from families.models import Alliance, Contact, Family, Guardian, Membership, MembershipRole


def guardian_of(actor: Actor, family: Family) -> Guardian | None:
    """The actor's own guardianship in `family`, if they have one."""
    if actor.user is None:
        return None
    return Guardian.objects.filter(family=family, user=actor.user, ended_at__isnull=True).first()


@transaction.atomic
def set_contact(*, actor: Actor, guardian: Guardian, **values: str) -> Contact:
    """Write how to reach a guardian; each column is encrypted."""
    contact, _ = Contact.objects.get_or_create(guardian=guardian)
    for name, value in values.items():
        setattr(contact, name, value)
    contact.save(update_fields=[*values, "updated_at"])
    audit.record(actor, Action.UPDATE, "contact", [contact.pk], groups=[Group.FAMILY_CONTACT])
    return contact


@transaction.atomic
def found_alliance(*, actor: Actor, name: str, owner: User) -> Alliance:
    """A new alliance with its first owner."""
    alliance = Alliance.objects.create(name=name)
    Membership.objects.create(alliance=alliance, user=owner, role=MembershipRole.OWNER)
    audit.record(actor, Action.CREATE, "alliance", [alliance.pk])
    return alliance
