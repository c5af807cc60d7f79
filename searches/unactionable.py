"""Saying, by two reviewers, that a report is no sighting of a child."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.errors import Conflict, Forbidden
from cases.querysets import lock
from searches.models import Sighting, Unactionable, UnactionableWhy


@transaction.atomic
def mark(*, actor: Actor, sighting: Sighting, why: UnactionableWhy) -> Unactionable:
    """A reviewer's word; a second one's makes it stand. Raises Forbidden, Conflict.

    Only reviewers who have a case in hand that it matches can say so, and not of their own report.
    """
    held: Sighting = lock(Sighting.objects.all(), sighting.pk)
    may = actor.has(Role.REVIEWER) and can(actor, Action.UPDATE, Group.SIGHTING, held)
    if actor.user is None or not may or held.reporter_id == actor.user_id:
        raise Forbidden
    found, made = Unactionable.objects.get_or_create(
        sighting=held, defaults={"why": why, "marked_by": actor.user}
    )
    if not made:
        if found.marked_by_id == actor.user_id:
            raise Conflict("marked_by_you", _("You have said so. It now waits for someone else."))
        Unactionable.objects.filter(pk=found.pk, agreed_by__isnull=True).update(
            agreed_by=actor.user, agreed_at=Now()
        )
        found.refresh_from_db()
    audit.record(actor, f"unactionable_{why.value}", "sighting", [held.pk], groups=[Group.SIGHTING])
    return found


@transaction.atomic
def unmark(*, actor: Actor, sighting: Sighting) -> None:
    """Any reviewer who may say so may also take it back: the sighting is kept as any other."""
    held: Sighting = lock(Sighting.objects.all(), sighting.pk)
    if not actor.has(Role.REVIEWER) or not can(actor, Action.UPDATE, Group.SIGHTING, held):
        raise Forbidden
    Unactionable.objects.filter(sighting=held).delete()
    audit.record(actor, "actionable", "sighting", [held.pk], groups=[Group.SIGHTING])
