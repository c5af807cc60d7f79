"""Legal holds: two people, a reason and an end. What is held stays hidden, and is not erased."""

from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.erasure.machine import is_officer
from casemgr.platform.erasure.models import Kind, LegalHold
from casemgr.platform.errors import Conflict, Forbidden, Invalid


def place(
    *, actor: Actor, kind: Kind, obj: models.Model, reason: str, until: datetime
) -> LegalHold:
    """A reviewer who has it in hand, or an officer, asks to keep something; one more must agree.

    Raises Forbidden, Invalid, Conflict.
    """
    if actor.user_id is None or not (is_officer(actor) or _has_in_hand(actor, kind, obj)):
        raise Forbidden
    if not reason.strip():
        raise Invalid({"reason": ("required", _("Say in a few words why. Others will read it."))})
    if until <= timezone.now():
        raise Invalid({"until": ("past", _("Give a day that is still to come."))})
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(
                kind=kind,
                subject=obj.pk,
                reason=reason.strip(),
                placed_by=actor.user_id,
                expires_at=until,
            )
            _record(actor, "hold", hold)
    except IntegrityError:
        raise Conflict("held_already", _("Somebody has asked for this already.")) from None
    return hold


@transaction.atomic
def confirm(*, actor: Actor, hold: LegalHold) -> None:
    """An officer, another person than who placed it, agrees; from now on it holds."""
    if not is_officer(actor) or actor.user_id in (None, hold.placed_by):
        raise Forbidden(_("This needs a data-protection officer who did not ask for it."))
    rows = LegalHold.objects.filter(pk=hold.pk, confirmed_by__isnull=True, ended_at__isnull=True)
    if not rows.update(confirmed_by=actor.user_id):
        raise Conflict("hold_decided", _("This has been decided already."))
    _record(actor, "confirm_hold", hold)


@transaction.atomic
def end(*, actor: Actor, hold: LegalHold) -> None:
    """An officer ends a hold; what waited under it is erased."""
    if not is_officer(actor):
        raise Forbidden
    LegalHold.objects.filter(pk=hold.pk, ended_at__isnull=True).update(ended_at=Now())
    _record(actor, "end_hold", hold)


def _has_in_hand(actor: Actor, kind: Kind, obj: models.Model) -> bool:
    group = {Kind.SIGHTING: Group.SIGHTING, Kind.CASE: Group.CASE_DETAIL}.get(kind)
    return group is not None and actor.has(Role.REVIEWER) and can(actor, Action.UPDATE, group, obj)


def _record(actor: Actor, action: str, hold: LegalHold) -> None:
    audit.record(actor, action, hold.kind, [hold.subject], groups=[Group.EXPORTS])
