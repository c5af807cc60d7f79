"""Every address of the site says who may come in; one that forgets turns this red."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path
from rest_framework.viewsets import ViewSet

from casemgr.platform.access import Access
from casemgr.platform.rest.permissions import AnyAccount, DeniedUnlessDeclared, OpenToAll

METHODS = ("get", "post", "put", "patch", "delete")


def routes(patterns: list[Any], before: str = "/") -> Iterator[tuple[str, Any]]:
    """Each address with its view."""
    for pattern in patterns:
        where = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, where)
        else:
            yield where, pattern.callback


def undeclared(where: str, view: Any) -> list[str]:
    """What at this address declares no access: the view, or actions of it."""
    view_class = getattr(view, "cls", None)
    if view_class is None:
        declared = getattr(view, "access", None)
        good = isinstance(declared, Access) or (isinstance(declared, str) and len(declared) > 20)
        return [] if good else [where]
    access = getattr(view_class, "access", None)
    if isinstance(access, OpenToAll):
        return []
    if DeniedUnlessDeclared not in view_class.permission_classes:
        return [f"{where} (without DeniedUnlessDeclared)"]
    if isinstance(access, Access | AnyAccount):
        return []
    actions = getattr(view, "actions", None) or {method: method for method in METHODS}
    return [f"{where} ({action})" for action in actions.values() if action not in (access or {})]


def site_routes() -> list[tuple[str, Any]]:
    return list(routes(get_resolver().url_patterns))


def test_every_address_declares_who_may_come_in() -> None:
    found = site_routes()

    assert len(found) > 30
    assert [gap for where, view in found for gap in undeclared(where, view)] == []


class Forgetful(ViewSet):
    """A view that says nothing of who may come in."""

    access = {"list": OpenToAll("only a list")}

    def list(self, request: Any) -> None: ...

    def create(self, request: Any) -> None: ...


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize(
    ("pattern", "gaps"),
    [
        (path("page/", page), ["/page/"]),
        (path("api/", Forgetful.as_view({"get": "list", "post": "create"})), ["/api/ (create)"]),
    ],
    ids=["a page", "an action of the API"],
)
def test_an_address_that_forgets_is_found(pattern: URLPattern, gaps: list[str]) -> None:
    [(where, view)] = routes([pattern])

    assert undeclared(where, view) == gaps


def test_no_address_serves_an_original_or_django_admin() -> None:
    addresses = [where for where, _view in site_routes()]

    assert [where for where in addresses if "original" in where or "admin" in where] == []
