"""Who asks in the grid: one for each column of the matrix, and those who may never exceed nobody.

Each knows what they are to the case, the sighting, the match, the alliance and their own account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.db.models.functions import Now
from django.test import Client
from rest_framework.test import APIClient

from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.accounts.second_factor import session_records
from casemgr.platform.accounts.services import vouch_for_email
from families.models import Alliance, Membership, MembershipRole

HOURS: Final = 6 * 3600
UNKNOWN_TOKEN: Final = "Bearer hwtok_2f9c1d7e5b3a49f8a6e0c4d1b7f3e9a5"
UNKNOWN_RECEIPT: Final = "Receipt 234567-89abcd-efghjk"


@dataclass(slots=True)
class Principal:
    """One who asks. `columns` and `holds` (object to relations) are what the matrix knows of them.

    `never` marks those who may never exceed AN. `header` is sent to the API instead of a session.
    """

    name: str
    columns: tuple[str, ...]
    user: User | None = None
    holds: Mapping[str, str] = field(default_factory=dict)
    never: bool = False
    factor: bool = True
    header: str = ""
    signed_out: bool = False
    session: str = ""

    def relations(self, to: str) -> frozenset[str]:
        """What they are to an object: the case, the sighting, the match, …"""
        return frozenset(self.holds.get(to, ""))

    @property
    def has_account(self) -> bool:
        """Whether a request of theirs is somebody's."""
        return self.user is not None and self.columns != ("AN",)

    def open_session(self) -> None:
        """Sign in once; each request then begins from that."""
        if self.user is None:
            return
        client = Client()
        client.force_login(self.user)
        session = client.session
        if self.factor:
            session.update(session_records(self.user))
            # Shown just now, however long the grid takes.
            for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
                record["at"] += HOURS
        session.save()
        self.session = client.cookies["sessionid"].value
        if self.signed_out:
            client.session.flush()

    def client(self, surface: str) -> Client:
        """A fresh client of theirs, for the API ("rest") or for pages ("html")."""
        client: Client = APIClient() if surface == "rest" else Client()
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        if self.session:
            client.cookies["sessionid"] = self.session
        if self.header and surface == "rest":
            client.defaults["HTTP_AUTHORIZATION"] = self.header
        return client


def account(name: str, *roles: StaffRole, email: str = "") -> User:
    """Somebody with an account."""
    user = User.objects.create_user(email=email or f"{name}@example.org", display_name=name)
    vouch_for_email(user)
    for role in roles:
        RoleGrant.objects.create(user=user, role=role)
    return user


def alliance(name: str, owner: User) -> Alliance:
    """An alliance with its owner."""
    made = Alliance.objects.create(name=name)
    join(made, owner, MembershipRole.OWNER)
    return made


def join(to: Alliance, user: User, role: MembershipRole, **columns: Any) -> None:
    """Somebody is in an alliance."""
    Membership.objects.create(alliance=to, user=user, role=role, **columns)


def suspended(user: User) -> User:
    """Close an account, whatever it holds; its sessions stay in the browsers."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    return user


def stripped(user: User) -> User:
    """Take every granted role from somebody."""
    RoleGrant.objects.filter(user=user).update(revoked_at=Now())
    return user
