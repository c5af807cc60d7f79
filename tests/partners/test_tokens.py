"""A program's way in: id and secret against a short token, which opens what its scopes name."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from rest_framework.test import APIClient

from casemgr.platform.audit import AuditEntry
from casemgr.platform.partners import services
from casemgr.platform.partners.models import AccessToken, ClientSecret, RequestLine
from tests.api.helpers import BASE, SIGHTINGS, refused
from tests.cast import Cast

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
CASES = f"{BASE}cases/"


def ask(data: dict[str, str], **headers: str) -> tuple[int, dict[str, Any]]:
    answer = Client(headers=headers).post("/oauth/token/", urlencode(data), content_type=FORM)
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()


def grant(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": cast.program.client.client_id,
        "client_secret": cast.program.secret,
        **changes,
    }


def test_id_and_secret_give_a_token_for_a_quarter_of_an_hour(cast: Cast) -> None:
    status, answer = ask(grant(cast, scope="cases:read events:read"))

    assert status == 200
    assert answer.pop("access_token").startswith("homeward_token_")
    assert answer == {"token_type": "Bearer", "expires_in": 900, "scope": "cases:read events:read"}


def test_basic_authentication_is_as_good_as_the_form(cast: Cast) -> None:
    plain = f"{cast.program.client.client_id}:{cast.program.secret}"
    basic = base64.b64encode(plain.encode()).decode()

    status, answer = ask({"grant_type": "client_credentials"}, Authorization=f"Basic {basic}")

    assert (status, answer["expires_in"]) == (200, 900)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "homeward_secret_wrong"}, 401, "invalid_client"),
        ({"client_id": "0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11"}, 401, "invalid_client"),
        ({"client_id": "x"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"scope": "matches:read"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_what_is_wrong_gets_the_error_of_the_standard(
    cast: Cast, changes: dict[str, str], status: int, error: str
) -> None:
    found, answer = ask(grant(cast, **changes))
    assert (found, answer["error"]) == (status, error)
    assert AccessToken.objects.count() == 0


def test_other_forms_and_methods_are_refused(cast: Cast) -> None:
    client = Client()
    for answer in (
        client.post("/oauth/token/", grant(cast), content_type="application/json"),
        client.post("/oauth/token/", "a=" + "b" * 20_000, content_type=FORM),
        client.post("/oauth/token/", b"\xff", content_type=FORM),
        client.get("/oauth/token/"),
        client.post("/oauth/token/?client_id=x", urlencode(grant(cast)), content_type=FORM),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_no_scope_beyond_the_clients_own_is_given(cast: Cast) -> None:
    program = cast.program_of(cast.partner, "events:read")
    data = {**grant(cast), "client_id": program.client.client_id, "client_secret": program.secret}

    assert ask({**data, "scope": "cases:read"})[1]["error"] == "invalid_scope"
    assert ask(data)[1]["scope"] == "events:read"


def test_secrets_and_tokens_are_kept_as_digests_alone(cast: Cast) -> None:
    token = cast.program.token()

    with connection.cursor() as cursor:
        for model in (ClientSecret, AccessToken, AuditEntry, RequestLine):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")  # noqa: S608
            stored = "\n".join(row[0] for row in cursor.fetchall())
            assert token not in stored
            assert cast.program.secret not in stored


def test_a_token_opens_only_what_its_scopes_name_and_the_refusal_says_which(cast: Cast) -> None:
    api = cast.program.api("cases:read")

    answer = api.post(SIGHTINGS, {"kind": "street", "description": "x"})
    refused(answer, 403, "insufficient_scope")
    assert "sightings:write" in answer.json()["detail"]
    assert answer["WWW-Authenticate"] == (
        'Bearer error="insufficient_scope", scope="sightings:write"'
    )
    assert (
        cast.program.api("sightings:write")
        .post(SIGHTINGS, {"kind": "street", "description": "x"})
        .status_code
        == 201
    )


@pytest.mark.parametrize("address", ["matches/", "alliances/", "operations/", "follow-ups/"])
def test_no_scope_opens_what_is_for_people(cast: Cast, address: str) -> None:
    refused(cast.program.api().get(BASE + address), 404, "not_found")


def test_an_expired_token_says_so_and_an_unknown_one_nothing(cast: Cast) -> None:
    api = cast.program.api()
    assert api.get(CASES).status_code == 200
    AccessToken.objects.update(expires_at=Now() - timedelta(seconds=1))

    refused(api.get(CASES), 401, "token_expired")
    refused(APIClient(HTTP_AUTHORIZATION="Bearer x").get(CASES), 401, "authentication_failed")


def test_a_stop_holds_for_the_very_next_request_and_for_that_partner_alone(cast: Cast) -> None:
    api, other = cast.program.api(), cast.other_program.api()

    services.stop(actor=cast.partner_admin.actor, partner=cast.partner)

    refused(api.get(CASES), 401, "authentication_failed")
    assert ask(grant(cast))[0] == 401
    assert other.get(CASES).status_code == 200
    services.resume(actor=cast.admin.actor, partner=cast.partner)
    assert api.get(CASES).status_code == 200


def test_a_replaced_secret_opens_for_a_day_or_no_more_where_it_leaked(cast: Cast) -> None:
    old = cast.program
    told = services.rotate_secret(actor=cast.partner_admin.actor, client=old.client)

    for secret in (old.secret, told.secret):
        assert ask(grant(cast, client_secret=secret))[0] == 200
    ClientSecret.objects.filter(ends_at__isnull=False).update(ends_at=Now())
    assert ask(grant(cast))[0] == 401
    api = APIClient(
        HTTP_AUTHORIZATION="Bearer "
        + ask(grant(cast, client_secret=told.secret))[1]["access_token"]
    )
    assert api.get(CASES).status_code == 200
    services.rotate_secret(actor=cast.partner_admin.actor, client=old.client, at_once=True)
    refused(api.get(CASES), 401, "authentication_failed")


def test_a_program_that_was_taken_away_is_refused(cast: Cast) -> None:
    api = cast.program.api()
    services.revoke_client(actor=cast.partner_admin.actor, client=cast.program.client)

    refused(api.get(CASES), 401, "authentication_failed")


def test_a_token_opens_no_page_of_the_site(cast: Cast) -> None:
    answer = Client(headers={"Authorization": f"Bearer {cast.program.token()}"}).get("/partners/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_the_request_log_tells_kinds_of_address_and_nothing_of_what_was_asked(cast: Cast) -> None:
    api = cast.program.api()
    pk = "0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11"
    answer = api.get(f"{CASES}{pk}/")
    api.get(f"{CASES}?sex=female")

    lines = list(RequestLine.objects.order_by("pk").values("method", "route", "status", "code"))
    assert lines == [
        {
            "method": "GET",
            "route": "api/v1/cases/<uuid:pk>/",
            "status": 404,
            "code": "not_found",
        },
        {"method": "GET", "route": "api/v1/cases/", "status": 200, "code": ""},
    ]
    assert str(RequestLine.objects.earliest("pk").request_id) == answer["X-Request-Id"]
