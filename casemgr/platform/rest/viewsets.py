"""What every address of the API does alike: strict parameters, one answer per key, versions."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from casemgr.platform import audit, idempotency, limits
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.errors import Stale
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.authentication import CHALLENGE, actor_of, django_request
from casemgr.platform.rest.deprecation import Deprecated
from casemgr.platform.rest.filters import refuse_unknown_parameters
from casemgr.platform.rest.parsing import Body
from casemgr.platform.rest.permissions import Declared
from casemgr.platform.rest.problems import Refused


class ApiViewSet(GenericViewSet[Any]):
    """A viewset whose every action is closed unless `access` names it.

    `statuses` adds, by action, what an operation may answer beyond the usual (see `schema`).
    `limited_as` names, by action, the policy that counts it; other writes count as `writes`. An
    action under None is counted by itself or not at all. `deprecated` names the actions that will
    be removed.
    """

    access: ClassVar[Mapping[str, Declared]] = {}
    limited_as: ClassVar[Mapping[str, str | None]] = {}
    statuses: ClassVar[Mapping[str, Sequence[int]]] = {}
    deprecated: ClassVar[Mapping[str, Deprecated]] = {}
    http_method_names = ["get", "head", "post", "patch", "delete"]

    @property
    def actor(self) -> Actor:
        """Who is asking."""
        return actor_of(self.request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Everything that is asked before an action runs."""
        super().initial(request, *args, **kwargs)
        if getattr(self, "action", None):
            refuse_unknown_parameters(request, self)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """As usual; what will be removed says so, refusals included."""
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        going = self.deprecated.get(getattr(self, "action", None) or "")
        for name, value in going.headers().items() if going else ():
            final[name] = value
        return final

    def check_throttles(self, request: Request) -> None:
        """Count the request against its policy, once it is known who asks; raises TooMany."""
        usual = None if request.method in SAFE_METHODS else "writes"
        policy = self.limited_as.get(getattr(self, "action", None) or "", usual)
        if policy is not None:
            limits.enforce(django_request(request), policy)

    def perform_authentication(self, request: Request) -> None:
        """As usual; a header that no way in took is refused, and never taken for nobody's."""
        super().perform_authentication(request)
        if request.headers.get("Authorization") and request.auth is None:
            raise AuthenticationFailed

    def get_authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGE

    def record_read(self, subject_type: str, ids: Iterable[UUID], *groups: Group) -> None:
        """Write down that the actor looked: one row a request, none for an empty answer."""
        seen = list(ids)
        if seen:
            audit.record(self.actor, Action.READ, subject_type, seen, groups=groups)

    def page(
        self, queryset: "models.QuerySet[Any]", shown: Callable[[list[Any]], Sequence[Any]]
    ) -> Response:
        """One page of `queryset`, each row as `shown` makes it."""
        rows = self.paginate_queryset(self.filter_queryset(queryset))
        assert rows is not None
        return self.get_paginated_response(shown(list(rows)))

    def page_of(
        self, queryset: "models.QuerySet[Any]", shape: type[BaseSerializer[Any]]
    ) -> Response:
        """One page of `queryset`, each row in one shape."""
        return self.page(queryset, lambda rows: self.all_as(shape, rows))

    def all_as(
        self, shape: type[BaseSerializer[Any]], rows: list[Any], **context: Any
    ) -> list[Any]:
        """`rows` by one serializer: making one costs more than showing a row with it."""
        context = {**self.get_serializer_context(), **context}
        return list(shape(rows, many=True, context=context).data)

    def valid(self, serializer: type[BaseSerializer[Any]], content: Any, **options: Any) -> Any:
        """The validated values of `content`; raises ValidationError."""
        checked = serializer(data=content, context=self.get_serializer_context(), **options)
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    def once(self, body: Body, work: Callable[[], Reply]) -> Response:
        """Do `work`, once for each Idempotency-Key; the first answer stays the answer."""

        def rendered() -> Reply:
            """The answer as it goes out, so that what is stored is what was sent."""
            made = work()
            return Reply(made.status, json.loads(JSONRenderer().render(made.body)))

        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            reply = work()
        else:
            idempotency.check_key(key, anonymous=self.actor.who is None)
            reply = idempotency.run(
                principal=_principal(self.actor),
                route=self.request.path,
                key=key,
                print_=idempotency.fingerprint(body.content, body.files),
                work=rendered,
            )
        response = Response(reply.body, status=reply.status)
        if reply.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def single(self, data: Mapping[str, Any], obj: Any, status: int = 200) -> Response:
        """One object with its ETag."""
        return Response(data, status=status, headers={"ETag": etag(obj)})

    def require_version(self, obj: Any) -> None:
        """Refuse a change that does not say, or no longer says, which version it changes."""
        sent = self.request.headers.get("If-Match")
        if not sent:
            raise Refused(
                428,
                "precondition_required",
                _("Read it first, then send its ETag as If-Match with your change."),
            )
        if etag(obj) not in {tag.strip() for tag in sent.split(",")}:
            raise Stale


def etag(obj: Any) -> str:
    """The version of an object with `pk` and `updated_at`: moves with its own facts alone."""
    plain = f"{obj.pk}|{obj.updated_at.isoformat()}"
    return f'"{hashlib.sha256(plain.encode()).hexdigest()[:32]}"'


def _principal(actor: Actor) -> str:
    if actor.program is not None:
        return f"client:{actor.program.client_id}"
    if actor.user_id is not None:
        return f"user:{actor.user_id}"
    return f"receipt:{actor.receipt}" if actor.receipt else "anonymous"
