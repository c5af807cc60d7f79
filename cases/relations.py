"""What an actor is to a case."""

from collections.abc import Collection, Iterable
from uuid import UUID

from casemgr.platform import reading_alarm
from casemgr.platform.access import Actor, relations_of
from cases.models import Assignment, Case, CasePhoto
from cases.querysets import led_by, shared_with, shared_with_partner
from families.models import Guardian


@relations_of(Case)
def to_case(actor: Actor, case: Case) -> Iterable[str]:
    """o: speaks for its family; a: leads its alliance; p: leads one that it is shared
    with, or is a program of a partner that filed it or that it is shared with; s: has it in hand;
    g: gave a reason.
    """
    if actor.partner_id is not None:
        shared = shared_with_partner(actor.partner_id, case.pk)
        return {"p"} if actor.partner_id == case.partner_id or shared.exists() else ()
    if actor.user is None:
        return ()
    holding = set()
    user = actor.user
    if Guardian.objects.filter(family=case.family_id, user=user, ended_at__isnull=True).exists():
        holding.add("o")
    led = led_by(actor)
    if case.alliance_id and led.filter(alliance=case.alliance_id).exists():
        holding.add("a")
    if shared_with(led, case.pk).exists():
        holding.add("p")
    if Assignment.objects.filter(case=case, reviewer=user, released_at__isnull=True).exists():
        holding.add("s")
    if case.pk in actor.reasons:
        holding.add("g")
    return holding


@relations_of(CasePhoto)
def to_case_photo(actor: Actor, photo: CasePhoto) -> Iterable[str]:
    """The same as to the photo's case."""
    return to_case(actor, photo.case)


@reading_alarm.counted
def cases_among(ids: Collection[UUID]) -> set[UUID]:
    """Which of these ids are cases, for the alarm about those who look at very many."""
    return set(Case.objects.filter(pk__in=ids).values_list("pk", flat=True))
