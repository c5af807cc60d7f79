"""What a receipt code opens: the one sighting that it was given for."""

from casemgr.platform.access import Action, Actor, Group, can
from searches.models import Sighting
from searches.services import receipt_digest


def open_receipt(actor: Actor, code: str) -> tuple[Actor, Sighting] | None:
    """The actor as holder of the code's sighting, and the sighting; None for any other code."""
    found = Sighting.objects.filter(receipt_digest=receipt_digest(code)).first()
    if found is None:
        return None
    holder = Actor(
        user=actor.user,
        roles=actor.roles,
        receipt=found.pk,
        request_id=actor.request_id,
        reasons=actor.reasons,
    )
    sighting = Sighting.objects.visible_to(holder).with_detail().filter(pk=found.pk).first()
    if sighting is None or not can(holder, Action.READ, Group.SIGHTING, sighting):
        return None
    return holder, sighting
