"""Deny by default: an action without a declared access is closed, whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import permissions
from rest_framework.request import Request

from casemgr.platform.access import SCOPES, Access, Actor, can, may_ever, scopes_for
from casemgr.platform.errors import MissingScope, NotFound
from casemgr.platform.rest.authentication import actor_of


@dataclass(frozen=True, slots=True)
class OpenToAll:
    """Anybody may ask; `reason` says why that shows nothing about any person."""

    reason: str


@dataclass(frozen=True, slots=True)
class AnyAccount:
    """Anybody who is signed in may ask; `reason` says why no role is needed.

    A program needs a scope that opens `program`, and is refused where there is none.
    """

    reason: str
    program: Access | None = None


@dataclass(frozen=True, slots=True)
class PeopleOnly:
    """As `access`, and never for a program."""

    access: Access


@dataclass(frozen=True, slots=True)
class WithReceipt:
    """As `access`, for somebody who is signed in or sends a receipt; never for nobody at all.

    With `people`, never for a program.
    """

    access: Access
    people: bool = False


@dataclass(frozen=True, slots=True)
class NeedsScope:
    """For programs alone, with this scope."""

    scope: str


Declared = Access | OpenToAll | AnyAccount | NeedsScope | PeopleOnly | WithReceipt


def declared_access(view: Any) -> Declared | None:
    """The access that `view` declares for the action being asked for."""
    access: Mapping[str, Declared] | Declared | None = getattr(view, "access", None)
    if isinstance(access, Mapping):
        return access.get(getattr(view, "action", None) or "")
    return access


class DeniedUnlessDeclared(permissions.BasePermission):
    """Refuses an action that declares nothing, and actors who could never have it.

    What one object grants is asked later, of `visible_to` and `can`. A refused person who is signed
    in gets a 404, the same as for what isn't there; one who is not is asked to sign in.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """False asks an anonymous caller to sign in; raises NotFound for everybody else."""
        if getattr(view, "action", "") in (None, "metadata"):
            return True  # no such method here, OPTIONS included: the framework answers 405
        declared = declared_access(view)
        actor = actor_of(request)
        if declared is not None and _allows(declared, actor):
            return True
        if actor.program is not None and (scopes := program_scopes(declared)):
            raise MissingScope(scopes)
        if actor.who is None and actor.receipt is None:
            return False
        raise NotFound


def _opened_to_programs(declared: Declared | None) -> Access | None:
    """The access that a program must have for an action; None where no scope opens it."""
    if isinstance(declared, Access):
        return declared
    if isinstance(declared, WithReceipt):
        return None if declared.people else declared.access
    return declared.program if isinstance(declared, AnyAccount) else None


def program_scopes(declared: Declared | None) -> list[str]:
    """The scopes any one of which opens an action to a program; none where nothing does."""
    if isinstance(declared, NeedsScope):
        return [declared.scope]
    access = _opened_to_programs(declared)
    return scopes_for(access.action, access.group) if access else []


def _allows(declared: Declared, actor: Actor) -> bool:
    if isinstance(declared, OpenToAll):
        return True
    if actor.program is not None:
        return any(actor.has(SCOPES[scope]) for scope in program_scopes(declared))
    if isinstance(declared, NeedsScope):
        return False
    if isinstance(declared, AnyAccount):
        return actor.user is not None
    if isinstance(declared, PeopleOnly):
        declared = declared.access
    nobody = actor.user is None and actor.receipt is None
    if isinstance(declared, WithReceipt):
        access = declared.access
        return not nobody and may_ever(actor, access.action, access.group)
    if nobody:
        # Nobody's relation to any object: only what needs none.
        return can(actor, declared.action, declared.group)
    return may_ever(actor, declared.action, declared.group)
