"""What an actor is to a sighting and to a match."""

from collections.abc import Iterable

from casemgr.platform.access import Actor, relations_of
from cases.models import Assignment
from searches.models import Match, Sighting, SightingAssignment, SightingPhoto


def _has_in_hand(actor: Actor, **case: object) -> bool:
    return (
        actor.user is not None
        and Assignment.objects.filter(
            reviewer=actor.user, released_at__isnull=True, **case
        ).exists()
    )


def _follows(actor: Actor, sighting: Sighting) -> bool:
    return (
        actor.user is not None
        and SightingAssignment.objects.filter(
            sighting=sighting, reviewer=actor.user, released_at__isnull=True
        ).exists()
    )


@relations_of(Sighting)
def to_sighting(actor: Actor, sighting: Sighting) -> Iterable[str]:
    """o: reported it or holds its receipt; p: is a program of the partner that sent it; s: has it,
    or a case that it may match, in hand.
    """
    if actor.partner_id is not None:
        return {"p"} if actor.partner_id == sighting.partner_id else ()
    holding = set()
    if actor.user_id is not None and sighting.reporter_id == actor.user_id:
        holding.add("o")
    if actor.receipt is not None and actor.receipt == sighting.pk:
        holding.add("o")
    if _has_in_hand(actor, case__matches__sighting=sighting) or _follows(actor, sighting):
        holding.add("s")
    if sighting.pk in actor.reasons:
        holding.add("g")
    return holding


@relations_of(SightingPhoto)
def to_sighting_photo(actor: Actor, photo: SightingPhoto) -> Iterable[str]:
    """The same as to the photo's sighting."""
    return to_sighting(actor, photo.sighting)


@relations_of(Match)
def to_match(actor: Actor, match: Match) -> Iterable[str]:
    """s: has the match's case in hand."""
    return {"s"} if _has_in_hand(actor, case=match.case_id) else set()
