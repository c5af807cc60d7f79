"""What an actor is to a case."""

from collections.abc import Iterable

from casemgr.platform.access import Actor, relations_of
from cases.models import Assignment, Case, CasePhoto
from families.models import Guardian, Membership, MembershipRole


@relations_of(Case)
def to_case(actor: Actor, case: Case) -> Iterable[str]:
    """o: speaks for its family; a: leads its alliance; s: has it in hand; g: gave a reason."""
    if actor.user is None:
        return ()
    holding = set()
    user = actor.user
    if Guardian.objects.filter(family=case.family_id, user=user, ended_at__isnull=True).exists():
        holding.add("o")
    if (
        case.alliance_id
        and Membership.objects.filter(
            alliance=case.alliance_id,
            user=user,
            left_at__isnull=True,
            role__in=[MembershipRole.OWNER, MembershipRole.COORDINATOR],
        ).exists()
    ):
        holding.add("a")
    if Assignment.objects.filter(case=case, reviewer=user, released_at__isnull=True).exists():
        holding.add("s")
    if case.pk in actor.reasons:
        holding.add("g")
    return holding


@relations_of(CasePhoto)
def to_case_photo(actor: Actor, photo: CasePhoto) -> Iterable[str]:
    """The same as to the photo's case."""
    return to_case(actor, photo.case)
