"""The OpenAPI 3.1 schema: every status that an operation can answer, and the headers it reads."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from casemgr.platform.access import ANONYMOUS, SCOPES, Access, can
from casemgr.platform.rest.permissions import (
    NeedsScope,
    OpenToAll,
    declared_access,
    program_scopes,
)
from casemgr.platform.rest.problems import CONTENT_TYPE

DESCRIPTIONS: Final = {
    400: "Something in the request can't be accepted; `errors` says what and where.",
    401: "Nobody is signed in, or what was sent as Authorization opens nothing.",
    403: "You can see this, but not change it; the CSRF header is missing; or a scope is.",
    404: "Not there, or not for you to see.",
    406: "You accept nothing that is answered here.",
    409: "It has moved on since, or the same request is still being worked on.",
    410: "Once public, and no longer; the same answer whatever the cause.",
    412: "Changed since you read it.",
    413: "Larger than what is read at once.",
    415: "A content type that is not read here.",
    422: "The Idempotency-Key was used before with other content.",
    428: "If-Match is missing.",
    429: "Too many requests; Retry-After says when to try again.",
}


PROGRAM: Final = "program"
"""The scheme of partners' tokens; any one of the scopes that are listed for it is enough."""


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One thing that was wrong in a request."""

    pointer = serializers.CharField(help_text="JSON pointer into the body; '' is the whole.")
    code = serializers.CharField(help_text="Stable.")
    detail = serializers.CharField(help_text="In the language asked for.")
    parameter = serializers.CharField(required=False, help_text="The query parameter it is about.")
    header = serializers.CharField(required=False, help_text="The header it is about.")


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal, by RFC 9457. `code` never changes; texts follow Accept-Language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class ApiSchema(AutoSchema):
    """One operation: its tag is the first word of its address."""

    def get_tags(self) -> list[str]:
        """cases, sightings, receipts or matches."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def is_deprecated(self) -> bool:
        """Whether the operation will be removed."""
        return getattr(self.view, "action", None) in getattr(self.view, "deprecated", {})

    def get_auth(self) -> list[dict[str, Any]]:
        """The ways in; `{}` where anybody may ask."""
        auths: list[dict[str, Any]] = super().get_auth()
        people = [auth for auth in auths if PROGRAM not in auth]
        declared = declared_access(self.view)
        programs = [{PROGRAM: [scope]} for scope in program_scopes(declared)]
        if self._is_open():
            return [{}, *people, *(programs if self._asks_for_a_scope() else [{PROGRAM: []}])]
        return programs if isinstance(declared, NeedsScope) else [*people, *programs]

    def _asks_for_a_scope(self) -> bool:
        """Whether a program may be refused for want of a scope."""
        return 0 < len(program_scopes(declared_access(self.view))) < len(SCOPES)

    def _is_open(self) -> bool:
        declared = declared_access(self.view)
        if isinstance(declared, Access):
            return can(ANONYMOUS, declared.action, declared.group)
        return isinstance(declared, OpenToAll)

    def get_override_parameters(self) -> list[Any]:
        """Headers that every operation of its kind reads and answers."""
        found: list[Any] = []
        if self.method == "POST":
            found += [
                _header("Idempotency-Key", "Sent again with the same content: the first answer."),
                _header("Idempotency-Replayed", "`true` on an answer given before.", on=[200, 201]),
            ]
        if self.method == "PATCH":
            found.append(_header("If-Match", "The ETag you read.", required=True))
        if self.method == "PATCH" or getattr(self.view, "action", "") == "retrieve":
            found.append(_header("ETag", "The object's version, for If-Match.", on=[200]))
        return found

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._refusals():
            response = OpenApiResponse(ProblemSerializer, description=DESCRIPTIONS[status])
            bodies[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                response, str(status), [CONTENT_TYPE], direction
            )
        return dict(sorted(bodies.items()))

    def _refusals(self) -> list[int]:
        found = {400, 401, 406, 429}
        if "{" in self.path or not self._is_open():
            found.add(404)
        if self.method in {"POST", "PATCH"}:
            found |= {403, 409, 413, 415}
        if self.method == "DELETE" or self._asks_for_a_scope():
            found.add(403)
        if self.method == "POST":
            found.add(422)
        if self.method == "PATCH":
            found |= {412, 428}
        action = getattr(self.view, "action", None) or ""
        found.update(getattr(self.view, "statuses", {}).get(action, ()))
        return sorted(found)


def _header(
    name: str, description: str, *, required: bool = False, on: list[int] | None = None
) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        str,
        OpenApiParameter.HEADER,
        required=required,
        description=description,
        response=on or False,
    )


def example(name: str, value: Any, *, request: bool = False) -> OpenApiExample:
    """An example of a body that is sent, or of one that is answered."""
    return OpenApiExample(name, value=value, request_only=request, response_only=not request)


def any_of_several(result: Any, generator: Any, request: Any, public: bool) -> Any:
    """A hook: where several shapes are named, any one will do.

    They overlap (an empty text is a text, null may be named twice), and `oneOf` would refuse what
    fits more than one of them.
    """
    if isinstance(result, dict):
        return {
            "anyOf" if name == "oneOf" else name: any_of_several(part, generator, request, public)
            for name, part in result.items()
        }
    if isinstance(result, list):
        return [any_of_several(part, generator, request, public) for part in result]
    return result
