"""`Authorization: Bearer TOKEN`: the way in of partners' programs."""

from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from casemgr.platform.access import SCOPES, Actor
from casemgr.platform.partners.credentials import Opened, open_token
from casemgr.platform.rest.authentication import CHALLENGE, django_request
from casemgr.platform.rest.problems import TokenExpired

SCHEME: Final = "bearer"
# What each scope opens, for the schema; people read it on the page of their clients too.
MEANINGS: Final = {
    "cases:read": "Read your organisation's cases, and those shared with it by consent.",
    "cases:write": "File cases and change them.",
    "sightings:read": "Read the sightings that your organisation sent.",
    "sightings:write": "Send sightings and photos of them.",
    "outcomes:propose": "Propose how a case ended; two reviewers decide.",
    "events:read": "Read the feed of events.",
    "webhooks:manage": "Set up addresses that events are sent to.",
    "statistics:read": "Read statistics for partners.",
}
assert MEANINGS.keys() == SCOPES.keys()


def token_of(request: HttpRequest) -> str | None:
    """The token that a request carries; None without this kind of header."""
    scheme, _space, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == SCHEME else None


def program_behind(request: HttpRequest) -> Actor | None:
    """The program whose standing token the request carries, as an actor; None for any other."""
    token = token_of(request)
    opened = open_token(token) if token else None
    return None if opened is None or opened.expired else _actor(request, opened)


def _actor(request: HttpRequest, opened: Opened) -> Actor:
    # Limits and the request log count the client, whatever address it asks from.
    request.program = opened.program  # type: ignore[attr-defined]
    return Actor(
        roles=opened.roles,
        program=opened.program,
        request_id=str(getattr(request, "request_id", "")),
    )


class BearerAuthentication(authentication.BaseAuthentication):
    """Opens nothing but what the token's scopes name, and only while its organisation stands."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Actor] | None:
        """The program; None without this kind of header. Raises AuthenticationFailed."""
        plain = django_request(request)
        token = token_of(plain)
        if token is None:
            return None
        opened = open_token(token)
        if opened is None:
            raise AuthenticationFailed
        if opened.expired:
            raise TokenExpired
        return AnonymousUser(), _actor(plain, opened)

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGE


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of tokens, and of the scopes that an operation takes."""

    target_class = "casemgr.platform.partners.authentication.BearerAuthentication"
    name = "program"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """Where a token comes from, and every scope."""
        return {
            "type": "oauth2",
            "description": "A partner's program. Tokens are good for 15 minutes.",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth/token/", "scopes": MEANINGS}},
        }
