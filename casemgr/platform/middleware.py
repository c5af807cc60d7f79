"""What every request gets: a whole body, an id, an actor, headers that keep its answer private."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from casemgr.platform import access

Next = Callable[[HttpRequest], HttpResponse]


class _Whole:
    """A body that is as long as was promised, or breaks off with OSError."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._missing = stream, length

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any stream."""
        return self._counted(self._stream.read(size), size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """As of any stream."""
        return self._counted(self._stream.readline(size), 1)

    def close(self) -> None:
        """As of any stream."""
        self._stream.close()

    def _counted(self, data: bytes, size: int | None) -> bytes:
        self._missing -= len(data)
        ended = size in (None, -1) or (not data and size != 0)
        if ended and self._missing > 0:
            raise OSError("the connection ended before the request did")
        return data


class WholeBodyMiddleware:
    """A request whose connection ended early is refused, never taken for what had come by then.

    Servers hand on what they have, and a form that is cut off between two photos reads like one
    with a single photo: it would be stored, and the whole one refused under the same key.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        promised = request.META.get("CONTENT_LENGTH") or ""
        if promised.isdecimal() and int(promised):
            request._stream = _Whole(request._stream, int(promised))  # type: ignore[assignment]
        return self.get_response(request)


class RequestIdMiddleware:
    """Names each request, for the answer's X-Request-Id and the audit row."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class ActorMiddleware:
    """Sets `request.actor`, worked out on first use.

    The one place where a staff role is withheld from sessions that showed no second factor.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from casemgr.platform.accounts import second_factor

        def actor() -> access.Actor:
            user = request.user if request.user.is_authenticated else None
            request_id: str = request.request_id  # type: ignore[attr-defined]
            actor = access.actor_for(user, request_id=request_id)
            return actor if second_factor.present(request) else access.without_factor(actor)

        request.actor = SimpleLazyObject(actor)  # type: ignore[attr-defined]
        return self.get_response(request)


class PrivacyHeadersMiddleware:
    """Nothing may be stored by a browser or proxy unless a view says so, nor by a search engine.

    A child who is found disappears at once; what others had indexed would not.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Robots-Tag", "noindex, noarchive, noimageindex")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(self), microphone=()"
        )
        return response
