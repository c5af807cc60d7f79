"""Every refusal of the API as RFC 9457 problem+json: stable codes, words in the asker's language.

A problem says nothing of the request it answers, so 'not yours' and 'not there' are the same bytes.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings

from casemgr.platform.errors import DomainError, Invalid, NotFound, Words

log = logging.getLogger("homeward.api")

CONTENT_TYPE: Final = "application/problem+json"

TITLES: Final[Mapping[int, Promise]] = {
    400: _("The request can't be accepted"),
    401: _("Please sign in"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("This can't be done here"),
    406: _("No answer in a form that you accept"),
    409: _("This has moved on"),
    410: _("No longer here"),
    412: _("This has been changed since you read it"),
    413: _("Too large"),
    415: _("This kind of content isn't read here"),
    422: _("This key was used for other content"),
    428: _("Say which version you mean"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("Closed for a moment"),
}


class TokenExpired(exceptions.AuthenticationFailed):
    """A token that was good, and is too old now."""


# What the framework calls its refusals, by the names that programs can rely on.
_FIELD_CODES: Final[Mapping[str, str]] = {
    "blank": "required",
    "max_length": "too_long",
    "min_length": "too_short",
    "max_value": "out_of_range",
    "min_value": "out_of_range",
    "max_string_length": "too_long",
    "not_a_dict": "invalid",
    "not_a_list": "invalid",
    "does_not_exist": "invalid",
}
_CODES: Final[Mapping[type[exceptions.APIException], str]] = {
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "authentication_failed",
    TokenExpired: "token_expired",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
}
_WORDS: Final[Mapping[type[exceptions.APIException], Promise]] = {
    exceptions.NotAuthenticated: _("Sign in to see this."),
    exceptions.AuthenticationFailed: _("This does not open anything here. Please check it."),
    TokenExpired: _("This token is too old. Get a new one at /oauth/token/."),
    exceptions.MethodNotAllowed: _("This address does not take this method."),
    exceptions.NotAcceptable: _("Answers here are JSON. Please accept application/json."),
    exceptions.UnsupportedMediaType: _(
        "This address does not read this content type. The schema tells which ones it does."
    ),
    exceptions.Throttled: _("Please wait a little, then try again."),
}


class Refused(exceptions.APIException):
    """A refusal of the request's form: status, stable code, words, and where in the request.

    `where` is a JSON pointer into the body; `parameter` names a query parameter instead.
    """

    def __init__(
        self,
        status_code: int,
        code: str,
        words: Words,
        *,
        where: str | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(detail=str(words), code=code)
        self.status_code = status_code
        self.code = code
        self.where = where
        self.parameter = parameter


def problem(
    status_code: int,
    code: str,
    words: Words,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem+json answer. `errors` is there for refused fields only."""
    body: dict[str, Any] = {
        "type": f"urn:homeward:problem:{code}",
        "title": str(TITLES.get(status_code, TITLES[500])),
        "status": status_code,
        "detail": str(words),
        "code": code,
    }
    if errors:
        body["errors"] = [dict(error) for error in errors]
    return Response(body, status=status_code, headers=headers, content_type=CONTENT_TYPE)


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Turn whatever a view raised into a problem; what nobody foresaw says nothing of itself."""
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, UnreadablePostError):
        words = _("The connection ended before everything was here. Please send it again.")
        return problem(400, "cut_short", words)
    if isinstance(error, SuspiciousOperation):
        return problem(400, "malformed", _("This request is not one that a client should send."))
    request = context.get("request")
    got_request_exception.send(sender=None, request=getattr(request, "_request", None))
    log.error("unhandled %s", type(error).__name__, exc_info=error)
    return problem(500, "server_error", _("We are sorry. Please try again in a little while."))


def lines_of(error: Exception) -> list[dict[str, str]] | None:
    """What was wrong, line by line as in an answer's `errors`; None for what is no refusal.

    Whatever names no field has one line about the whole.
    """
    if isinstance(error, DomainError):
        return _field_lines(error) or [_at("", error.code, error.message)]
    if isinstance(error, Refused):
        return [_at(error.where or "", error.code, str(error.detail))]
    if isinstance(error, exceptions.ValidationError):
        return list(_flat(error.detail, ""))
    return None


def _field_lines(error: DomainError) -> list[dict[str, str]]:
    fields = error.fields if isinstance(error, Invalid) else {}
    return [
        _at(_pointer(name), code, words, header=_header(name))
        for name, (code, words) in fields.items()
    ]


def _of_domain(error: DomainError) -> Response:
    errors = _field_lines(error)
    return problem(error.status, error.code, error.message, errors=errors, headers=error.headers)


def _header(name: str) -> str | None:
    """Only header names of the request have capitals and a dash."""
    return name if name[:1].isupper() else None


def _pointer(name: str) -> str:
    """'child.birth_date' as the JSON pointer '/child/birth_date'; '' is the whole body."""
    if not name or _header(name):
        return ""
    return "/" + name.replace(".", "/")


def below(pointer: str, name: object) -> str:
    """The pointer to `name` within what `pointer` points to, by RFC 6901."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def _at(
    pointer: str,
    code: str,
    words: Words,
    *,
    header: str | None = None,
    parameter: str | None = None,
) -> dict[str, str]:
    line = {"pointer": pointer, "code": code, "detail": str(words)}
    if header:
        line["header"] = header
    if parameter:
        line["parameter"] = parameter
    return line


def _of_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, Refused):
        errors = []
        if error.where is not None or error.parameter:
            line = _at(error.where or "", error.code, str(error.detail), parameter=error.parameter)
            errors.append(line)
        return problem(error.status_code, error.code, str(error.detail), errors=errors)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flat(error.detail, ""))
        first = errors[0]["detail"] if errors else str(TITLES[400])
        return problem(400, "invalid", first, errors=errors)
    if isinstance(error, exceptions.PermissionDenied):
        return _forbidden(error)
    code = _CODES.get(type(error), "refused")
    words = _WORDS.get(type(error), TITLES.get(error.status_code, TITLES[400]))
    return problem(error.status_code, code, words, headers=headers)


def _forbidden(error: exceptions.PermissionDenied) -> Response:
    if str(error.detail).startswith("CSRF"):
        return problem(
            403,
            "csrf_failed",
            _("Send the X-CSRFToken header with the value of the csrftoken cookie."),
        )
    return problem(403, "forbidden", _("You can see this, but not change it."))


def _flat(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """The framework's nested errors as lines, each with its pointer."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _flat(inner, pointer if whole else below(pointer, name))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            is_item = isinstance(inner, Mapping)
            yield from _flat(inner, f"{pointer}/{position}" if is_item else pointer)
    elif isinstance(detail, exceptions.ErrorDetail):
        code = detail.code or "invalid"
        yield _at(pointer, _FIELD_CODES.get(code, code), str(detail))
    else:
        yield _at(pointer, "invalid", str(detail))


def refuse_parameter(name: str, code: str, words: Words) -> Refused:
    """A 400 for a query parameter, to be raised."""
    return Refused(status.HTTP_400_BAD_REQUEST, code, words, parameter=name)
