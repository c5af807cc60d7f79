"""One named actor per role. Tests tell their story with these people and no others."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.test import Client
from rest_framework.test import APIClient

from casemgr.platform import access
from casemgr.platform.access import SCOPES, Actor
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.accounts.second_factor import session_records
from casemgr.platform.accounts.services import vouch_for_email
from casemgr.platform.partners import services as partner_services
from casemgr.platform.partners.credentials import open_token
from casemgr.platform.partners.models import ApiClient, Partner
from families.models import Alliance, Membership, MembershipRole


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks; `user` is None for the anonymous one."""

    user: User | None

    @property
    def user_id(self) -> UUID:
        """The id of somebody with an account."""
        assert self.user is not None
        return self.user.pk

    @property
    def actor(self) -> Actor:
        """Who they are now, as services see them."""
        return access.actor_for(self.user)

    def api(self, *, enforce_csrf: bool = False, language: str = "en") -> APIClient:
        """A fresh client that speaks JSON and is signed in as this person."""
        client = APIClient(enforce_csrf_checks=enforce_csrf, HTTP_ACCEPT_LANGUAGE=language)
        if self.user is not None:
            sign_in(client, self.user)
        return client

    def browser(self, *, language: str = "en") -> Client:
        """A fresh browser, signed in as this person."""
        client = Client(HTTP_ACCEPT_LANGUAGE=language)
        if self.user is not None:
            sign_in(client, self.user)
        return client


def sign_in(client: Client, user: User) -> None:
    """Sign in, with both factors shown just now."""
    client.force_login(user)
    session = client.session
    session.update(session_records(user))
    session.save()


@dataclass(frozen=True, slots=True)
class ProgramOf:
    """A partner's client with its secret; each `api` asks for a token of its own."""

    client: ApiClient
    secret: str

    def token(self, *scopes: str) -> str:
        """A fresh token, with all of the client's scopes unless some are named."""
        answer = Client().post(
            "/oauth/token/",
            urlencode(
                {
                    "grant_type": "client_credentials",
                    "client_id": self.client.client_id,
                    "client_secret": self.secret,
                    **({"scope": " ".join(scopes)} if scopes else {}),
                }
            ),
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code == 200, answer.content
        return str(answer.json()["access_token"])

    @property
    def actor(self) -> Actor:
        """Who it is now, as services see it."""
        opened = open_token(self.token())
        assert opened is not None
        return Actor(roles=opened.roles, program=opened.program)

    def api(self, *scopes: str) -> APIClient:
        """A fresh client that speaks JSON and carries a token."""
        return APIClient(HTTP_AUTHORIZATION=f"Bearer {self.token(*scopes)}")


def give_factor(*people: Person) -> None:
    """Set an authenticator app up for each, so that they can be drawn as second reviewers."""
    for person in people:
        Authenticator.objects.get_or_create(
            user=person.user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x"}}
        )


class Cast:
    """The people. A guardian becomes one by filing a case (see tests/factories.py)."""

    anonymous = Person(None)

    @cached_property
    def guardian(self) -> Person:
        return _person("guardian")

    @cached_property
    def other_guardian(self) -> Person:
        return _person("other-guardian")

    @cached_property
    def volunteer(self) -> Person:
        return _person("volunteer")

    @cached_property
    def coordinator(self) -> Person:
        """Leads `alliance`."""
        person = _person("coordinator")
        alliance = Alliance.objects.create(name="Lanterns")
        Membership.objects.create(
            alliance=alliance, user_id=person.user_id, role=MembershipRole.COORDINATOR
        )
        return person

    @cached_property
    def alliance(self) -> Alliance:
        return Alliance.objects.get(memberships__user=self.coordinator.user)

    @cached_property
    def reviewer(self) -> Person:
        return _person("reviewer", StaffRole.REVIEWER)

    @cached_property
    def second_reviewer(self) -> Person:
        return _person("second-reviewer", StaffRole.REVIEWER)

    @cached_property
    def third_reviewer(self) -> Person:
        return _person("third-reviewer", StaffRole.REVIEWER)

    @cached_property
    def fourth_reviewer(self) -> Person:
        return _person("fourth-reviewer", StaffRole.REVIEWER)

    @cached_property
    def admin(self) -> Person:
        """Looks after the site."""
        return _person("admin", StaffRole.ADMIN)

    @cached_property
    def partner(self) -> Partner:
        """An organisation whose programs work with the site."""
        return partner_services.found_partner(actor=self.admin.actor, name="Lighthouse")

    @cached_property
    def partner_admin(self) -> Person:
        """Looks after the programs of `partner`."""
        person = _person("partner-admin")
        assert person.user is not None
        partner_services.appoint_admin(
            actor=self.admin.actor, partner=self.partner, email=str(person.user.email)
        )
        return person

    @cached_property
    def program(self) -> ProgramOf:
        """A program of `partner` that may do all that programs may."""
        return self.program_of(self.partner)

    @cached_property
    def other_program(self) -> ProgramOf:
        """A program of another organisation."""
        other = partner_services.found_partner(actor=self.admin.actor, name="Harbour")
        return self.program_of(other)

    def program_of(self, partner: Partner, *scopes: str) -> ProgramOf:
        """One more program, with all scopes unless some are named."""
        told = partner_services.add_client(
            actor=self.admin.actor,
            partner=partner,
            name="importer",
            scopes=scopes or list(SCOPES),
        )
        return ProgramOf(told.client, told.secret)

    @cached_property
    def desk(self) -> tuple[Person, Person]:
        """Two reviewers who only take cases through their steps; no test asks as them."""
        return (
            _person("first-desk", StaffRole.REVIEWER),
            _person("second-desk", StaffRole.REVIEWER),
        )


def _person(name: str, role: StaffRole | None = None) -> Person:
    user = User.objects.create_user(email=f"{name}@example.org", display_name=name)
    vouch_for_email(user)
    if role is not None:
        RoleGrant.objects.create(user=user, role=role)
    return Person(user)
