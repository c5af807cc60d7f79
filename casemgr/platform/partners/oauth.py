"""`/oauth/token/`: a program's id and secret against a token of 15 minutes (RFC 6749, 4.4)."""

import base64
import binascii
import json
from typing import Any, Final
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from oauthlib.oauth2 import BackendApplicationServer, OAuth2Error, RequestValidator

from casemgr.platform import limits
from casemgr.platform.access import open_to_all
from casemgr.platform.errors import DomainError
from casemgr.platform.partners.credentials import TOKEN_LIFE, issue_token, standing_secret

FORM: Final = "application/x-www-form-urlencoded"
LONGEST_BODY: Final = 10_000


class _Validator(RequestValidator):  # type: ignore[misc] # oauthlib carries no types
    """Answers oauthlib's questions from our tables."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Whether id and secret go together and stand; the secret's row stays on the request."""
        client_id, secret = _credentials(request)
        found = standing_secret(client_id, secret)
        if found is None:
            return False
        request.client, request.secret = found.client, found
        return True

    def validate_grant_type(self, *args: Any, **kwargs: Any) -> bool:
        """The server knows no other grant than client credentials."""
        return True

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kw: Any) -> list[str]:
        """All of the client's."""
        return list(request.client.scopes)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *args: Any, **kw: Any
    ) -> bool:
        """No more than the client was given."""
        return set(scopes) <= set(client.scopes)

    def save_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        """It was kept, as a digest, when it was made."""


def _credentials(request: Any) -> tuple[str, str]:
    """From HTTP Basic, else from the form; ('', '') where there are none."""
    scheme, _space, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            plain = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        client_id, _colon, secret = plain.partition(":")
        return unquote_plus(client_id), unquote_plus(secret)
    return request.client_id or "", request.client_secret or ""


def _issue(request: Any) -> str:
    return issue_token(request.secret, request.scopes)


_server = BackendApplicationServer(
    _Validator(), token_generator=_issue, token_expires_in=int(TOKEN_LIFE.total_seconds())
)


@open_to_all("gives a token to whoever proves to be a client, and tells nothing of any person")
@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """A token, or the error that RFC 6749 names."""
    kind = (request.content_type or "").lower()
    if kind != FORM or len(request.body) > LONGEST_BODY:
        return _answer({"error": "invalid_request"}, 400)
    try:
        limits.enforce(request, "tokens")
    except DomainError as refused:
        return _answer({"error": refused.code}, refused.status, refused.headers)
    sent = {"Authorization": request.headers.get("Authorization", ""), "Content-Type": FORM}
    try:
        body = request.body.decode()
    except UnicodeDecodeError:
        return _answer({"error": "invalid_request"}, 400)
    try:
        headers, answer, status = _server.create_token_response(
            request.build_absolute_uri(), request.method, body, sent
        )
    except OAuth2Error as refused:
        return _answer({"error": refused.error}, refused.status_code)
    return _answer(json.loads(answer), status, headers)


def _answer(body: Any, status: int, headers: Any = None) -> HttpResponse:
    plain = {name: value for name, value in (headers or {}).items() if name != "Content-Type"}
    return HttpResponse(
        json.dumps(body),
        status=status,
        content_type="application/json",
        headers={**plain, "Cache-Control": "no-store"},
    )
