"""Roles that come from speaking for a child or leading an alliance."""

from collections.abc import Iterable

from casemgr.platform.access import Role, role_provider
from casemgr.platform.accounts.models import User
from families.models import Guardian, Membership, MembershipRole


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
