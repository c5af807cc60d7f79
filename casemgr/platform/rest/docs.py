"""The schema, and a page that shows it; both are made here, without a script from elsewhere."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform import site
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
    """OpenAPI 3.1 as JSON, or as YAML to those who accept only that."""

    renderer_classes = [
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
    ]

    access = OpenToAll("tells how the API works, and nothing about any person")

    def _get_schema_response(self, request: Request) -> Response:
        return Response(schema_in(get_language() or "en"))


@open_to_all("tells how the API works, and nothing about any person")
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation of the API, and every shape, on one page."""
    schema = schema_in(get_language() or "en")
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            shown = {
                **operation,
                "method": method.upper(),
                "path": path,
                "body": _bodies(operation.get("requestBody", {})),
                "answers": [_answer(*pair) for pair in operation["responses"].items()],
            }
            groups.setdefault(operation["tags"][0], []).append(shown)
    shapes = {
        name: {**shape, "fields": _fields(shape)}
        for name, shape in schema["components"]["schemas"].items()
    }
    page = {
        "groups": groups,
        "shapes": shapes,
        "token_address": site.address() + reverse("token"),
    }
    return render(request, "api/docs.html", page)


def _named(schema: dict[str, Any]) -> str:
    """The name of the shape that a schema points to, or what it holds in plain words."""
    if reference := schema.get("$ref"):
        return str(reference).rsplit("/", 1)[-1]
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return " | ".join(_named(option) for option in schema[several])
    if "items" in schema:
        return f"[{_named(schema['items'])}]"
    kind = schema.get("type", "")
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


def _bodies(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Media type and shape of each body that may be sent or comes back."""
    return [(media, _named(one["schema"])) for media, one in body.get("content", {}).items()]


def _answer(status: str, response: dict[str, Any]) -> tuple[str, str, str]:
    shapes = [shape for _media, shape in _bodies(response)]
    return status, shapes[0] if shapes else "", str(response.get("description", ""))


def _fields(shape: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Name, kind and meaning of each field; for a vocabulary, its codes."""
    if "enum" in shape:
        return [(str(code), "", "") for code in shape["enum"]]
    return [
        (name, _named(field), str(field.get("description", "")))
        for name, field in shape.get("properties", {}).items()
    ]
