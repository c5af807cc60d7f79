"""`Authorization: Receipt CODE`: the way in of somebody who has no account."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from casemgr.platform import limits
from casemgr.platform.access import Actor
from casemgr.platform.rest.authentication import CHALLENGE, django_request, request_id
from searches.receipts import open_receipt

SCHEME = "receipt"
# The code has 20 characters; nobody's typing makes it much longer.
LONGEST = 100


class ReceiptAuthentication(authentication.BaseAuthentication):
    """Opens the one sighting of the code. Wrong or right, a code costs the same look-up."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Actor] | None:
        """The code's holder; None without this kind of header.

        Raises AuthenticationFailed, and TooMany for whoever tries too many codes.
        """
        scheme, _space, code = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != SCHEME:
            return None
        limits.enforce(django_request(request), "receipts")
        opened = open_receipt(Actor(request_id=request_id(request)), code[:LONGEST])
        if opened is None:
            raise AuthenticationFailed(_("This does not open anything here. Please check it."))
        return AnonymousUser(), opened[0]

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGE


class ReceiptScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of receipts."""

    target_class = "searches.authentication.ReceiptAuthentication"
    name = "receipt"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The header and its form."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Receipt CODE`, with the code that a new sighting was answered with.",
        }
