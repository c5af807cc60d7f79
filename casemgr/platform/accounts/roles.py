"""The roles that a grant gives."""

from collections.abc import Iterable

from casemgr.platform.access import Role, role_provider
from casemgr.platform.accounts.models import RoleGrant, User


@role_provider
def granted_roles(user: User) -> Iterable[Role]:
    """Roles granted to `user` and not revoked."""
    grants = RoleGrant.objects.filter(user=user, revoked_at__isnull=True)
    return [Role(code) for code in grants.values_list("role", flat=True)]
