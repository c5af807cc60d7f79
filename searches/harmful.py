"""Sealing a sighting's photo; what that means is in `cases/harmful.py`."""

from django.db import transaction

from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.errors import Forbidden
from cases import harmful
from cases.models import HarmfulImage
from cases.querysets import lock
from searches.models import SightingPhoto
from searches.services import announce, may_change


@transaction.atomic
def mark_sighting_photo(*, actor: Actor, photo: SightingPhoto, reason: str) -> HarmfulImage:
    """Seal a sighting's photo: by its reporter, or a reviewer with a case that it may be of."""
    held: SightingPhoto = lock(SightingPhoto.objects.select_related("sighting"), photo.pk)
    reviewing = actor.has(Role.REVIEWER) and can(actor, Action.READ, Group.SIGHTING, held)
    if not reviewing and not may_change(actor, held.sighting):
        raise Forbidden
    sealed = harmful.seal(actor, held, kind="sighting", reason=reason)
    announce(held.sighting_id)
    return sealed
