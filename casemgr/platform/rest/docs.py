"""The schema, and a page that shows it; both are made here, without a script from elsewhere."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import open_to_all
from casemgr.platform.rest.permissions import OpenToAll


@lru_cache(maxsize=4)
def schema_in(language: str) -> dict[str, Any]:
    """The whole schema in one language; made once a process, for it costs half a second."""
    with override(language):
        found: dict[str, Any] = SchemaGenerator().get_schema(  # type: ignore[no-untyped-call]
            request=None, public=True
        )
    return found


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or JSON."""

    access = OpenToAll("tells how the API works, and nothing about any person")

    def _get_schema_response(self, request: Request) -> Response:
        return Response(schema_in(get_language() or "en"))


@open_to_all("tells how the API works, and nothing about any person")
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation of the API on one page."""
    schema = schema_in(get_language() or "en")
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(
                {**operation, "method": method.upper(), "path": path, "body": _body(operation)}
            )
    shapes = schema["components"]["schemas"]
    return render(request, "api/docs.html", {"groups": groups, "shapes": shapes})


def _body(operation: dict[str, Any]) -> list[tuple[str, str]]:
    """What is sent: media type and the name of its shape."""
    content = operation.get("requestBody", {}).get("content", {})
    return [
        (media, str(body["schema"].get("$ref", "")).rsplit("/", 1)[-1])
        for media, body in content.items()
    ]
