"""Who is asking through the API."""

from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.request import Request

from casemgr.platform.access import Actor

CHALLENGE: Final = 'Session realm="Homeward", Receipt realm="Homeward", Bearer realm="Homeward"'
"""Sent with every 401: the ways in that there are."""


class SessionAuthentication(authentication.SessionAuthentication):
    """A person signed in on the site; writes need the CSRF header."""

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGE


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of sessions."""

    target_class = "casemgr.platform.rest.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The cookie."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "Signed in on the site. Writes also need the X-CSRFToken header.",
        }


def django_request(request: Request) -> HttpRequest:
    """The request as Django's middleware made it."""
    return request._request


def actor_of(request: Request) -> Actor:
    """The actor that services and `visible_to` ask about."""
    if isinstance(request.auth, Actor):
        return request.auth
    found: Any = django_request(request).actor  # type: ignore[attr-defined]
    return cast(Actor, found)


def request_id(request: Request) -> str:
    """The id that the answer's X-Request-Id and the audit row carry."""
    return str(getattr(django_request(request), "request_id", ""))
