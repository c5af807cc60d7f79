"""Deny by default: every address declares who may ask, and says the same to all others."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.response import Response
from rest_framework.test import APIClient

from casemgr.platform.access import ANONYMOUS
from casemgr.platform.audit import AuditEntry
from casemgr.platform.rest.authentication import CHALLENGE
from casemgr.platform.rest.permissions import Declared
from casemgr.platform.rest.viewsets import ApiViewSet
from tests import factories
from tests.api.helpers import BASE, RECEIPT, SIGHTINGS, receipt_header, refused
from tests.cast import Cast


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        else:
            assert isinstance(pattern, URLPattern)
            yield address, pattern.callback


API_ROUTES = [route for route in routes(get_resolver().url_patterns) if route[0].startswith("api/")]


def test_there_are_routes_to_walk() -> None:
    assert len(API_ROUTES) >= 20


@pytest.mark.parametrize(("address", "view"), API_ROUTES)
def test_every_action_of_every_address_declares_its_access(address: str, view: Any) -> None:
    if actions := getattr(view, "actions", None):
        declared = [view.cls.access.get(action) for action in actions.values()]
    else:
        declared = [getattr(getattr(view, "cls", view), "access", None)]
    for access in declared:
        if isinstance(access, str):
            assert access
        else:
            assert isinstance(access, Declared), address


class Forgotten(ApiViewSet):
    """A viewset whose author forgot to say who may ask."""

    def list(self, request: Any) -> Response:
        return Response({"secret": 1})


def test_an_action_without_a_declared_access_is_closed_to_everybody(cast: Cast) -> None:
    view = Forgotten.as_view({"get": "list"})
    for person, status in ((cast.anonymous, 401), (cast.reviewer, 404), (cast.guardian, 404)):
        request = RequestFactory().get("/")
        request.user = person.user  # type: ignore[assignment]
        request.actor = person.actor if person.user else ANONYMOUS  # type: ignore[attr-defined]
        assert view(request).status_code == status


CLOSED = [
    ("get", f"{BASE}matches/"),
    ("post", f"{BASE}cases/"),
    ("get", SIGHTINGS),
    ("get", RECEIPT),
    ("patch", f"{BASE}cases/0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11/"),
    ("get", f"{BASE}cases/0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11/photos/"),
    ("post", f"{BASE}matches/0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11/reviews/"),
]


@pytest.mark.parametrize(("method", "address"), CLOSED)
def test_nobody_is_asked_to_sign_in(cast: Cast, method: str, address: str) -> None:
    response = getattr(cast.anonymous.api(), method)(address)
    refused(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == CHALLENGE


def test_a_session_writes_only_with_its_csrf_header(cast: Cast) -> None:
    api = cast.volunteer.api(enforce_csrf=True)
    refused(api.post(SIGHTINGS, {"kind": "street", "description": "x"}), 403, "csrf_failed")
    assert api.get(SIGHTINGS).status_code == 200
    browser = APIClient(enforce_csrf_checks=True)
    assert cast.volunteer.user is not None
    browser.force_login(cast.volunteer.user)
    browser.get("/")
    browser.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32}
    body = {"kind": "street", "description": "x"}
    assert browser.post(SIGHTINGS, body, headers=headers).status_code == 201
    anonymous = cast.anonymous.api(enforce_csrf=True)
    assert anonymous.post(SIGHTINGS, body).status_code == 201


def test_a_header_that_is_not_understood_is_never_taken_for_nobody(cast: Cast) -> None:
    for value in ("Bearer x", "Basic eDp5", "Receipt", "Receipt ", "x"):
        headers = {"Authorization": value}
        body = {"kind": "street", "description": "x"}
        for person in (cast.anonymous, cast.volunteer):
            response = person.api().post(SIGHTINGS, body, headers=headers)
            refused(response, 401, "authentication_failed")


def test_a_receipt_goes_before_a_session(cast: Cast) -> None:
    received = factories.log_sighting(cast)
    api = cast.volunteer.api(enforce_csrf=True)
    mine = receipt_header(received.receipt)
    assert api.get(RECEIPT, headers=mine).json()["id"] == str(received.sighting.pk)
    assert api.get(SIGHTINGS, headers=mine).json()["results"] != []
    refused(api.get(f"{BASE}matches/", headers=mine), 404, "not_found")
    refused(api.post(f"{BASE}cases/", {}, headers=mine), 404, "not_found")


def test_somebody_whose_account_was_closed_is_nobody(cast: Cast) -> None:
    api = cast.reviewer.api()
    assert cast.reviewer.user is not None
    cast.reviewer.user.is_active = False
    cast.reviewer.user.save(update_fields=["is_active"])
    refused(api.get(f"{BASE}matches/"), 401, "not_authenticated")


def test_looking_is_written_down_by_ids_alone(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    looks = AuditEntry.objects.filter(action="R")
    api = cast.reviewer.api()
    response = api.get(f"{BASE}cases/{case.pk}/")
    entry = looks.get()
    assert (entry.user_id, entry.subject_type) == (cast.reviewer.user_id, "case")
    assert (entry.subject_ids, entry.groups) == ([case.pk], ["f2", "f5"])
    assert entry.request_id == response["X-Request-Id"]
    cast.anonymous.api().get(f"{BASE}cases/")
    assert looks.count() == 1
