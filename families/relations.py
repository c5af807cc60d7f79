"""Roles that come from speaking for a child or leading an alliance."""

from collections.abc import Iterable

from casemgr.platform.access import Actor, Role, relations_of, role_provider
from casemgr.platform.accounts.models import User
from families.models import Alliance, Guardian, Membership, MembershipRole


@role_provider
def guardian_roles(user: User) -> Iterable[Role]:
    """Guardian once a reviewer has verified one of the user's guardianships."""
    current = Guardian.objects.filter(user=user, ended_at__isnull=True)
    roles = set()
    for verified_at in current.values_list("verified_at", flat=True):
        roles.add(Role.GUARDIAN if verified_at else Role.GUARDIAN_UNVERIFIED)
    return roles


@role_provider
def coordinator_roles(user: User) -> Iterable[Role]:
    """Coordinator of at least one alliance."""
    leads = Membership.objects.filter(
        user=user,
        left_at__isnull=True,
        role__in=[MembershipRole.OWNER, MembershipRole.COORDINATOR],
    )
    return [Role.COORDINATOR] if leads.exists() else []


@relations_of(Alliance)
def to_alliance(actor: Actor, alliance: Alliance) -> Iterable[str]:
    """o: is in it; a: leads it."""
    mine = Membership.objects.filter(
        alliance=alliance, user=actor.user_id, left_at__isnull=True
    ).first()
    if actor.user is None or mine is None:
        return ()
    return {"o"} if mine.role == MembershipRole.MEMBER else {"o", "a"}
