"""The roles that a grant gives, and what somebody is to an account."""

from collections.abc import Iterable

from casemgr.platform.access import Actor, Role, relations_of, role_provider
from casemgr.platform.accounts.models import RoleGrant, User


@role_provider
def granted_roles(user: User) -> Iterable[Role]:
    """Roles granted to `user` and not revoked."""
    grants = RoleGrant.objects.filter(user=user, revoked_at__isnull=True)
    return [Role(code) for code in grants.values_list("role", flat=True)]


@relations_of(User)
def to_user(actor: Actor, user: User) -> Iterable[str]:
    """o: it is their own account."""
    return {"o"} if actor.user_id == user.pk else set()
