"""The first start of a site: its settings, two admins and two reviewers. Works once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from casemgr.platform import audit, site
from casemgr.platform.access import ANONYMOUS, Action, Group
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.accounts.services import (
    INVITATION_LIFE,
    grant_role,
    make_sign_in_link,
    sign_in_path,
    vouch_for_email,
)
from casemgr.platform.errors import Conflict, Invalid
from casemgr.platform.site.models import SiteSettings

# Any number that no other code locks on: two operators can't both be first.
_LOCK = 0x486F6D65
EACH = 2


@dataclass(frozen=True, slots=True)
class Way:
    """A one-time link for one new member of staff."""

    role: StaffRole
    email: str
    link: str


@transaction.atomic
def bootstrap(
    *, settings: Mapping[str, str], admins: Sequence[str], reviewers: Sequence[str]
) -> list[Way]:
    """Write the site's settings and make ways in for two admins and two reviewers.

    `settings`: the columns of SiteSettings. Raises Conflict once there is an admin, and Invalid
    for settings that can't be or addresses that aren't four different ones.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if RoleGrant.objects.filter(role=StaffRole.ADMIN).exists():
        raise Conflict("bootstrapped", "This site has an administrator. Ask them.")
    people = [(StaffRole.ADMIN, email.lower()) for email in admins]
    people += [(StaffRole.REVIEWER, email.lower()) for email in reviewers]
    if len(admins) != EACH or len(reviewers) != EACH or len({email for _, email in people}) != 4:
        raise Invalid({"admins": ("four", "Name two admins and two reviewers, four people.")})
    row = SiteSettings(pk=1, **settings)
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as error:
        raise Invalid(
            {name: ("invalid", " ".join(said)) for name, said in error.message_dict.items()}
        ) from error
    row.save()
    audit.record(ANONYMOUS, Action.CREATE, "site_settings", [], groups=[Group.ACCOUNTS])
    transaction.on_commit(site.forget)
    return [_way_in(role, email) for role, email in people]


def _way_in(role: StaffRole, email: str) -> Way:
    user = User.objects.filter(email=email).first() or User.objects.create_user(email=email)
    grant_role(actor=ANONYMOUS, user=user, role=role)
    vouch_for_email(user)
    secret = make_sign_in_link(actor=ANONYMOUS, user=user, life=INVITATION_LIFE)
    return Way(role, email, site.address() + sign_in_path(secret))
