"""The one place that decides who may see and do what.

`TABLE` is section 3 of docs/permissions.md in a form a program can read. A cell is a list of grants
`ACTIONS` or `ACTIONS:SCOPES`. Actions: C create, R read, U update, P publish, A approve, X export,
D erase or revoke. Scopes that must hold between the actor and the object: o own, a own alliance's,
p own organisation's or shared with consent, s assigned or claimed, g a recorded reason. Scopes that
only shape the answer: m masked or derivative, t status only, 2 two people (the services hold this).
An empty cell denies, and there is no superuser shortcut.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.db.models import Model

    from casemgr.platform.accounts.models import User


class Role(StrEnum):
    """Who somebody is here; one person may be several. A program is what its token's scopes say."""

    ANONYMOUS = "AN"
    VOLUNTEER = "VO"
    GUARDIAN_UNVERIFIED = "FU"
    GUARDIAN = "FV"
    INSTITUTION = "IN"
    SEEKER = "SE"
    COORDINATOR = "CO"
    REVIEWER = "RV"
    DATA_PROTECTION = "DP"
    ADMIN = "AD"
    PARTNER_ADMIN = "PA"
    CASES_READ = "cR"
    CASES_WRITE = "cW"
    SIGHTINGS_READ = "sR"
    SIGHTINGS_WRITE = "sW"
    OUTCOMES_PROPOSE = "oP"
    EVENTS_READ = "eR"
    WEBHOOKS_MANAGE = "wM"
    STATISTICS_READ = "tR"


ROLE_NAMES: dict[Role, Any] = {
    Role.GUARDIAN: _("somebody who speaks for the child"),
    Role.GUARDIAN_UNVERIFIED: _("somebody who speaks for the child, not verified yet"),
    Role.COORDINATOR: _("an alliance's coordinator"),
    Role.REVIEWER: _("a reviewer"),
    Role.DATA_PROTECTION: _("the data-protection officer"),
    Role.ADMIN: _("an administrator"),
    Role.INSTITUTION: _("an institution"),
    Role.SEEKER: _("somebody who searches for their own family"),
    Role.VOLUNTEER: _("somebody with an account"),
    Role.ANONYMOUS: _("somebody without an account"),
    Role.PARTNER_ADMIN: _("somebody who looks after a partner's programs"),
}
GUARDIANS = frozenset({Role.GUARDIAN, Role.GUARDIAN_UNVERIFIED})
NEEDS_FACTOR = frozenset(
    {
        *(Role.COORDINATOR, Role.REVIEWER, Role.DATA_PROTECTION, Role.ADMIN),
        Role.PARTNER_ADMIN,
    }
)
SCOPES: dict[str, Role] = {
    "cases:read": Role.CASES_READ,
    "cases:write": Role.CASES_WRITE,
    "sightings:read": Role.SIGHTINGS_READ,
    "sightings:write": Role.SIGHTINGS_WRITE,
    "outcomes:propose": Role.OUTCOMES_PROPOSE,
    "events:read": Role.EVENTS_READ,
    "webhooks:manage": Role.WEBHOOKS_MANAGE,
    "statistics:read": Role.STATISTICS_READ,
}
"""What a partner's client can be given, by the name that its tokens carry."""
ROLE_NAMES |= dict.fromkeys(SCOPES.values(), _("a partner organisation's program"))


class Action(StrEnum):
    """What somebody wants to do with a field group."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    PUBLISH = "P"
    APPROVE = "A"
    EXPORT = "X"
    ERASE = "D"


ACTION_NAMES: dict[str, Any] = {
    Action.CREATE: pgettext_lazy("audit", "made"),
    Action.READ: pgettext_lazy("audit", "looked at"),
    Action.UPDATE: pgettext_lazy("audit", "changed"),
    Action.PUBLISH: pgettext_lazy("audit", "showed to the public"),
    Action.APPROVE: pgettext_lazy("audit", "agreed to"),
    Action.EXPORT: pgettext_lazy("audit", "took a copy of"),
    Action.ERASE: pgettext_lazy("audit", "erased or took back"),
}


class Group(StrEnum):
    """Fields that are always granted together."""

    PUBLIC_CARD = "f1"
    CASE_DETAIL = "f2"
    CASE_PHOTOS = "f3"
    CASE_PHOTO_ORIGINALS = "f3-original"
    EMBEDDINGS = "f4"
    CASE_PLACE = "f5"
    FAMILY_CONTACT = "f6"
    CLAIM_FACTS = "f7"
    PROTECTION = "f8"
    SIGHTING = "f9"
    REPORTER = "f10"
    MATCHES = "f11"
    REVIEWS = "f12"
    OUTCOME = "f13"
    OUTCOME_STATUS = "f14"
    OPERATIONS = "f15"
    AUDIT = "f16"
    TOKENS = "f17"
    ACCOUNTS = "f18"
    EXPORTS = "f19"
    STATISTICS = "f20"
    PARTNERS = "f21"


_EVERY_ACCOUNT = ("VO", "FU", "FV", "IN", "SE", "CO", "RV")
_PEOPLE = tuple(role.value for role in Role if role not in SCOPES.values())

_PARTNERS_CASES = {"cR": "R:p", "cW": "CU:p"}

TABLE: dict[Group, dict[str, str]] = {
    Group.PUBLIC_CARD: {role.value: "R" for role in Role} | {"RV": "RU P:2"},
    Group.CASE_DETAIL: {"FU": "CRU:o", "FV": "CRU:o", "CO": "CRU:a R:p", "RV": "RU:s"}
    | _PARTNERS_CASES,
    Group.CASE_PHOTOS: {"FU": "CR:om", "FV": "CR:om", "CO": "CR:am R:pm", "RV": "R:sm"}
    | {"cR": "R:pm", "cW": "C:p"},
    Group.CASE_PHOTO_ORIGINALS: {"RV": "R:sg"},
    Group.EMBEDDINGS: {},
    Group.CASE_PLACE: {"FU": "CRU:o", "FV": "CRU:o", "CO": "CRU:a R:p", "RV": "RU:s"}
    | _PARTNERS_CASES,
    Group.FAMILY_CONTACT: {"FU": "CRU:o", "FV": "CRU:o", "CO": "CRU:a", "RV": "RU:s", "cW": "C:p"},
    Group.CLAIM_FACTS: {"FU": "C:o", "FV": "C:o", "CO": "C:a", "RV": "CR:s"},
    Group.PROTECTION: {"RV": "CR:s U:s2"},
    Group.SIGHTING: {"AN": "CR:o"}
    | dict.fromkeys(_EVERY_ACCOUNT, "CRU:o")
    | {"RV": "RU:s"}
    | {"sR": "R:p", "sW": "C:p"},
    Group.REPORTER: {"AN": "C"}
    | dict.fromkeys(_EVERY_ACCOUNT, "CRU:o")
    | {"RV": "R:sg", "sW": "C:p"},
    Group.MATCHES: {"RV": "R:s"},
    Group.REVIEWS: {"RV": "CR:s A:s2"},
    Group.OUTCOME: {"RV": "CRU:s A:s2", "oP": "C:p"},
    Group.OUTCOME_STATUS: {"FU": "R:ot", "FV": "R:ot", "CO": "R:at", "RV": "R:s"}
    | dict.fromkeys(("cR", "cW", "oP", "eR"), "R:pt"),
    Group.OPERATIONS: {"RV": "CRU"},
    Group.AUDIT: {"FV": "R:om", "DP": "R", "AD": "R:om"},
    Group.TOKENS: dict.fromkeys((*_EVERY_ACCOUNT, "DP"), "D:o") | {"AD": "CD", "wM": "CUD:p"},
    Group.ACCOUNTS: {"AN": "C", "DP": "R", "AD": "CRUD"}
    | dict.fromkeys(_EVERY_ACCOUNT, "RUD:o")
    | {"CO": "RUD:o C:a"},
    Group.EXPORTS: dict.fromkeys(("VO", "FU", "FV", "IN", "SE"), "D:o")
    | {"CO": "X:a2", "RV": "X:s2", "DP": "D:2", "cR": "X:p"},
    Group.STATISTICS: dict.fromkeys((*_PEOPLE, "tR"), "R"),
    Group.PARTNERS: {"AD": "CRUD", "PA": "RUD:p"},
}

RELATION_SCOPES = frozenset("oapsg")


@dataclass(frozen=True, slots=True)
class Program:
    """A partner's client that asks with a token, and the organisation it asks for."""

    client_id: UUID
    partner_id: UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. `receipt` is the sighting that a receipt code opens, if one was sent.

    `program` stands in the place of `user` where a partner's client asks. `withheld` are roles that
    the person holds, but not in this session: it showed no second factor.
    """

    user: "User | None" = None
    roles: frozenset[Role] = frozenset({Role.ANONYMOUS})
    receipt: UUID | None = None
    request_id: str = ""
    reasons: frozenset[UUID] = field(default_factory=frozenset)
    withheld: frozenset[Role] = field(default_factory=frozenset)
    program: Program | None = None

    @property
    def user_id(self) -> UUID | None:
        return self.user.pk if self.user else None

    @property
    def partner_id(self) -> UUID | None:
        """The organisation that a program asks for; None for people."""
        return self.program.partner_id if self.program else None

    @property
    def who(self) -> UUID | None:
        """Whose act it is for the audit: a person's or a client's; None for nobody's."""
        return self.program.client_id if self.program else self.user_id

    def has(self, role: Role) -> bool:
        """Whether the actor holds `role` now."""
        return role in self.roles


ANONYMOUS = Actor()

RoleProvider = Callable[["User"], Iterable[Role]]
_role_providers: list[RoleProvider] = []
_relations: dict[type, Callable[[Actor, Any], Iterable[str]]] = {}

M = TypeVar("M", bound="Model")
Relation = Callable[[Actor, M], Iterable[str]]


def role_provider(provider: RoleProvider) -> RoleProvider:
    """Register a function that names the roles its app gives a user."""
    _role_providers.append(provider)
    return provider


def relations_of(model: type[M]) -> Callable[[Relation[M]], Relation[M]]:
    """Register the function that says which scopes hold between an actor and a `model` object."""

    def register(function: Relation[M]) -> Relation[M]:
        _relations[model] = function
        return function

    return register


def actor_for(user: "User | None", *, request_id: str = "", receipt: UUID | None = None) -> Actor:
    """The actor that `user` is now; an inactive or missing user is anonymous."""
    if user is None or not user.is_active:
        return Actor(receipt=receipt, request_id=request_id)
    roles = {Role.VOLUNTEER}
    for provider in _role_providers:
        roles.update(provider(user))
    return Actor(user=user, roles=frozenset(roles), receipt=receipt, request_id=request_id)


def without_factor(actor: Actor) -> Actor:
    """The actor in a session that showed no second factor: staff roles don't count in it."""
    return replace(actor, roles=actor.roles - NEEDS_FACTOR, withheld=actor.roles & NEEDS_FACTOR)


@cache
def _grants(group: Group, role: Role) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    cell = TABLE[group].get(role.value, "")
    grants = []
    for part in cell.split():
        actions, _, scopes = part.partition(":")
        grants.append((frozenset(actions), RELATION_SCOPES & frozenset(scopes)))
    return tuple(grants)


def ways(actor: Actor, action: Action, group: Group) -> frozenset[frozenset[str]]:
    """The ways to being granted this: of each, all relations must hold. Querysets read these."""
    return frozenset(
        scopes
        for role in actor.roles
        for actions, scopes in _grants(group, role)
        if action.value in actions
    )


def may_ever(actor: Actor, action: Action, group: Group) -> bool:
    """Whether some object could exist on which the actor may do this."""
    return bool(ways(actor, action, group))


def scopes_for(action: Action, group: Group) -> list[str]:
    """The scopes with which some object could exist on which a program may do this."""
    return [
        scope
        for scope, role in SCOPES.items()
        if any(action.value in actions for actions, _ in _grants(group, role))
    ]


def can(actor: Actor, action: Action, group: Group, obj: "Model | None" = None) -> bool:
    """Whether the actor may do `action` to `group` of `obj` (None: of something yet to be made)."""
    needed = ways(actor, action, group)
    if not needed:
        return False
    if obj is None:
        return action is Action.CREATE or frozenset() in needed
    # Not `type`: a request's user is a proxy that only says what it stands for.
    relation = _relations.get(obj.__class__)
    holding = frozenset(relation(actor, obj)) if relation else frozenset()
    return any(scopes <= holding for scopes in needed)


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks for; every view declares one, and a test walks the URLs to see that."""

    action: Action
    group: Group


def declares(action: Action, group: Group) -> Callable[[Any], Any]:
    """Mark a view with the access it asks for; whoever could never have it is refused."""
    from functools import wraps

    from casemgr.platform.errors import NotFound

    def decorate(view: Any) -> Any:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            if not may_ever(request.actor, action, group):
                if request.actor.user is None:
                    from django.contrib.auth.views import redirect_to_login

                    return redirect_to_login(request.get_full_path())
                if may_ever(Actor(roles=request.actor.withheld), action, group):
                    from django.shortcuts import redirect

                    return redirect("second-factor")
                raise NotFound
            return view(request, *args, **kwargs)

        guarded.access = Access(action, group)  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_to_all(reason: str) -> Callable[[Any], Any]:
    """Mark a function view that shows nothing about any person; `reason` says why that is so."""

    def decorate(view: Any) -> Any:
        view.access = reason
        return view

    return decorate


def any_account(reason: str) -> Callable[[Any], Any]:
    """Mark a view that everybody with an account may use; others are asked to sign in."""

    def decorate(view: Any) -> Any:
        from functools import wraps

        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            if request.actor.user is None:
                from django.contrib.auth.views import redirect_to_login

                return redirect_to_login(request.get_full_path())
            return view(request, *args, **kwargs)

        guarded.access = reason  # type: ignore[attr-defined]
        return guarded

    return decorate
