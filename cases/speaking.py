"""For whom a partner's program speaks: guardians that it entered, who have no account here."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden
from cases.models import Case
from families.models import Guardian
from families.services import guardian_of, set_contact

MOST_GUARDIANS = 10


def is_own(actor: Actor, case: Case) -> bool:
    """Whether the actor is a program of the organisation that filed the case."""
    return actor.partner_id is not None and actor.partner_id == case.partner_id


def speaks_as(actor: Actor, case: Case, guardian_id: UUID | None = None) -> Guardian | None:
    """Whose yes and no the actor can give: a person's own; for a program, of the guardian named.

    A guardian with an account says it themselves.
    """
    if actor.program is None:
        own = guardian_of(actor, case.family)
        return own if own is None or guardian_id in (None, own.pk) else None
    if not is_own(actor, case) or guardian_id is None:
        return None
    speaking = Guardian.objects.filter(family=case.family_id, ended_at__isnull=True)
    return speaking.filter(pk=guardian_id, user__isnull=True).first()


@transaction.atomic
def add_guardian(*, actor: Actor, case: Case, relation: str, contact: dict[str, str]) -> Guardian:
    """A partner writes down who speaks for the child of its own case, unverified.

    How to reach them is encrypted, and no program reads it back.
    """
    if not is_own(actor, case) or not can(actor, Action.CREATE, Group.FAMILY_CONTACT, case):
        raise Forbidden
    speaking = Guardian.objects.filter(family=case.family_id, ended_at__isnull=True)
    if speaking.count() >= MOST_GUARDIANS:
        words = _("Nobody has more than %(most)s people who speak for them.")
        raise Conflict("too_many_guardians", words % {"most": MOST_GUARDIANS})
    guardian = Guardian.objects.create(family_id=case.family_id, relation=relation)
    audit.record(
        actor,
        Action.CREATE,
        "guardian",
        [guardian.pk, case.pk],
        groups=[Group.FAMILY_CONTACT],
    )
    if contact:
        set_contact(actor=actor, guardian=guardian, **contact)
    return guardian
