"""Accidents, told in words, and to programs in theirs."""

import json

import pytest
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django.fixtures import Settings

from casemgr.platform import error_pages
from casemgr.platform.access import open_to_all
from casemgr.urls import urlpatterns as site_patterns


@open_to_all("a test's view that breaks")
def breaks(request: object) -> None:
    raise RuntimeError("a secret of the inside")


urlpatterns = [*site_patterns, path("breaks/", breaks)]
handler500 = "casemgr.platform.error_pages.broken"


@pytest.fixture
def broken_site(settings: Settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def test_what_breaks_is_told_in_words_without_the_database_or_any_detail(
    broken_site: Client,
) -> None:
    response = broken_site.get("/breaks/")
    page = response.content.decode()

    assert response.status_code == 500
    assert "Something broke on our side" in page
    assert "secret" not in page


@pytest.mark.parametrize(
    ("status", "code"), [(500, "broken"), (404, "not_found"), (400, "bad_request")]
)
def test_a_program_is_told_as_a_problem(status: int, code: str) -> None:
    request = RequestFactory().get("/api/elsewhere/")
    handlers = {
        500: lambda: error_pages.broken(request),
        404: lambda: error_pages.not_found(request, Exception()),
        400: lambda: error_pages.bad_request(request, Exception()),
    }
    response = handlers[status]()

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert json.loads(response.content)["code"] == code
