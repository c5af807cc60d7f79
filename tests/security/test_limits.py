"""How much one account, one address, one network and everybody may do, each bucket by itself."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from casemgr.platform import limits
from casemgr.platform.limits.policies import buckets
from casemgr.platform.limits.sources import UNKNOWN, Source, client_address, source_of
from casemgr.platform.limits.store import Store, _plain, store
from searches.models import Sighting
from tests import factories
from tests.api.helpers import BASE, RECEIPT, SIGHTINGS, receipt_header, refused, upload
from tests.cast import Cast

HERE, NEXT_DOOR, ELSEWHERE = "198.51.100.7", "198.51.100.8", "203.0.113.9"
WORDS = {"kind": "street", "description": "A girl selling flowers."}


def allow(settings: Settings, **policies: str) -> None:
    """These limits, and none else."""
    settings.LIMITS = {**dict.fromkeys(settings.LIMITS, "off"), **policies}


def at(address: str) -> dict[str, Any]:
    return {"REMOTE_ADDR": address}


# --- each bucket by itself ----------------------------------------------------------------------
def read(client: Any, **sent: Any) -> int:
    return int(client.get("/", **sent).status_code)


@pytest.mark.django_db
def test_an_address_has_its_own_share(settings: Settings, client: Client) -> None:
    allow(settings, reads="address:2/60")

    assert [read(client, **at(HERE)) for _ in range(3)] == [200, 200, 429]
    assert read(client, **at(NEXT_DOOR)) == 200


@pytest.mark.django_db
def test_a_network_has_its_own_share(settings: Settings, client: Client) -> None:
    allow(settings, reads="network:2/60")

    side_by_side = [f"198.51.100.{number}" for number in range(3)]
    assert [read(client, **at(address)) for address in side_by_side] == [200, 200, 429]
    assert read(client, **at(ELSEWHERE)) == 200


@pytest.mark.django_db
def test_everybody_together_have_their_share(settings: Settings, client: Client) -> None:
    allow(settings, reads="everyone:2/60")

    assert [read(client, **at(f"192.0.{number}.1")) for number in range(3)] == [200, 200, 429]


def test_an_account_has_its_own_share_wherever_it_is(settings: Settings, cast: Cast) -> None:
    allow(settings, reads="account:2/60 address:1/60")
    volunteer, guardian = cast.volunteer.browser(), cast.guardian.browser()

    assert [read(volunteer, **at(f"192.0.{number}.1")) for number in range(3)] == [200, 200, 429]
    assert read(guardian, **at("192.0.0.1")) == 200


@pytest.mark.django_db
def test_who_is_refused_uses_up_nobody_elses_share(settings: Settings, client: Client) -> None:
    allow(settings, reads="address:1/60 everyone:3/60")

    assert [read(client, **at(HERE)) for _ in range(9)] == [200] + [429] * 8
    assert [read(client, **at(address)) for address in (NEXT_DOOR, ELSEWHERE)] == [200, 200]


@pytest.mark.django_db
def test_an_ipv6_subscriber_is_one_address(settings: Settings, client: Client) -> None:
    allow(settings, reads="address:1/60")

    assert read(client, **at("2001:db8:1:2::1")) == 200
    assert read(client, **at("2001:db8:1:2:ffff::9")) == 429
    assert read(client, **at("2001:db8:1:3::1")) == 200
    assert read(client, **at("::ffff:198.51.100.7")) == 200
    assert read(client, **at(HERE)) == 429


@pytest.mark.django_db
def test_a_share_is_whole_again_when_its_time_is_over(settings: Settings, client: Client) -> None:
    allow(settings, reads="address:1/1")
    assert [read(client), read(client)] == [200, 429]

    import time

    time.sleep(1.1)
    assert read(client) == 200


# --- each policy --------------------------------------------------------------------------------
def public_case(cast: Cast) -> Any:
    return factories.file_case(cast, public=True)


Visit = Callable[[Cast], Callable[[], Any]]


def _pages_of(address: Callable[[Any], str]) -> Visit:
    def visit(cast: Cast) -> Callable[[], Any]:
        browser, where = cast.anonymous.browser(), address(public_case(cast))
        return lambda: browser.get(where, follow=True)

    return visit


def _wrong_code_in_the_api(cast: Cast) -> Callable[[], Any]:
    api = cast.anonymous.api()
    return lambda: api.get(RECEIPT, headers=receipt_header("abcdef-abcdef-abcdef"))


def _wrong_code_on_the_page(cast: Cast) -> Callable[[], Any]:
    browser = cast.anonymous.browser()
    return lambda: browser.post("/receipt/", {"code": "abcdef-abcdef-abcdef"})


def _sign_in(cast: Cast) -> Callable[[], Any]:
    browser = cast.anonymous.browser()
    sent = {"login": "nobody@example.org", "password": "not the right one"}
    return lambda: browser.post("/sign-in/", sent)


def _sign_in_by_link(cast: Cast) -> Callable[[], Any]:
    browser = cast.anonymous.browser()
    return lambda: browser.post("/sign-in/link/no-such-secret/")


def _photo_for_a_case(cast: Cast) -> Callable[[], Any]:
    case, api = factories.file_case(cast), cast.guardian.api()
    where = f"{BASE}cases/{case.pk}/photos/"
    return lambda: api.post(where, {"image": upload(factories.jpeg())}, format="multipart")


def _photo_for_a_sighting(cast: Cast) -> Callable[[], Any]:
    received, api = factories.log_sighting(cast), cast.anonymous.api()
    where, mine = f"{SIGHTINGS}{received.sighting.pk}/photos/", receipt_header(received.receipt)
    return lambda: api.post(
        where, {"image": upload(factories.jpeg())}, format="multipart", headers=mine
    )


def _photo_on_the_receipts_page(cast: Cast) -> Callable[[], Any]:
    received, browser = factories.log_sighting(cast), cast.anonymous.browser()
    return lambda: browser.post(
        "/receipt/",
        {"code": received.receipt, "act": "add", "photos": upload(factories.jpeg())},
    )


def _write(cast: Cast) -> Callable[[], Any]:
    api = cast.guardian.api()
    return lambda: api.post(f"{BASE}cases/", {})


def _token(cast: Cast) -> Callable[[], Any]:
    form = "application/x-www-form-urlencoded"
    return lambda: cast.anonymous.browser().post("/oauth/token/", "x=y", content_type=form)


VISITS: dict[str, tuple[str, Visit]] = {
    "the first page": ("reads", _pages_of(lambda case: "/")),
    "a child's page": ("reads", _pages_of(lambda case: f"/cases/{case.reference}/")),
    "a look-up": ("reads", _pages_of(lambda case: "/cases/look-up/?reference=x")),
    "the API's cases": ("reads", _pages_of(lambda case: f"{BASE}cases/")),
    "the API's case": ("reads", _pages_of(lambda case: f"{BASE}cases/{case.pk}/")),
    "a photo": ("pictures", _pages_of(lambda case: f"/media/case/{uuid4()}/thumb/")),
    "a receipt in the API": ("receipts", _wrong_code_in_the_api),
    "a receipt on the page": ("receipts", _wrong_code_on_the_page),
    "signing in": ("sign_in", _sign_in),
    "signing in by a link": ("sign_in", _sign_in_by_link),
    "a photo for a case": ("photos", _photo_for_a_case),
    "a photo for a sighting": ("photos", _photo_for_a_sighting),
    "a photo on the receipt's page": ("photos", _photo_on_the_receipts_page),
    "a write in the API": ("writes", _write),
    "a token": ("tokens", _token),
}


@pytest.mark.parametrize("name", VISITS)
def test_each_door_is_counted_by_its_own_policy(name: str, settings: Settings, cast: Cast) -> None:
    policy, prepare = VISITS[name]
    visit = prepare(cast)

    allow(settings, **{policy: "account:1/60 address:1/60"})
    first, second = visit(), visit()
    assert first.status_code != 429
    assert second.status_code == 429

    settings.LIMITS_PREFIX += "another:"
    everything_else = dict.fromkeys(settings.LIMITS, "account:1/60 address:1/60")
    allow(settings, **{**everything_else, policy: "off"})
    own_door_too = {"photos": "receipts", "receipts": "photos"}
    if name != "a photo for a case" and policy in own_door_too:
        settings.LIMITS = {**settings.LIMITS, own_door_too[policy]: "off"}
    if name == "a look-up":
        return  # leads on to no other page
    assert {visit().status_code, visit().status_code} & {429} == set()


def test_what_is_counted_is_in_the_settings(settings: Settings) -> None:
    assert set(settings.LIMITS) == {policy for policy, _visit in VISITS.values()} | {"sightings"}


def test_trying_many_passwords_for_one_account_ends_wherever_they_come_from(
    settings: Settings, cast: Cast
) -> None:
    allow(settings, sign_in="account:2/60 address:100/60")
    browser = cast.anonymous.browser()

    def attempt(email: str, address: str) -> int:
        sent = {"login": email, "password": "guess"}
        return int(browser.post("/sign-in/", sent, **at(address)).status_code)

    known = "volunteer@example.org"
    assert cast.volunteer.user is not None
    for email in (known, "nobody@example.org"):  # whether there is such an account or not
        tries = [attempt(email, f"192.0.{number}.1") for number in range(3)]
        assert tries == [200, 200, 429], email
    assert attempt(known.upper(), HERE) == 429
    assert attempt("another@example.org", HERE) == 200


# --- what the refused are told ------------------------------------------------------------------
def test_a_refused_program_is_told_when_to_come_back(settings: Settings, cast: Cast) -> None:
    allow(settings, reads="address:1/60")
    api = cast.anonymous.api()
    assert "RateLimit" not in api.get(f"{BASE}cases/")

    response = api.get(f"{BASE}cases/")

    refused(response, 429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response["RateLimit-Policy"] == '"reads";q=1;w=60'
    assert response["RateLimit"] == f'"reads";r=0;t={response["Retry-After"]}'
    assert HERE not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "kind"), [("en", "One moment, please"), ("zh-hans", "")])
def test_a_refused_person_is_told_kindly(
    language: str, kind: str, settings: Settings, client: Client
) -> None:
    allow(settings, reads="address:1/60")
    client.get("/")

    response = client.get("/", headers={"Accept-Language": language})

    page = response.content.decode()
    assert response.status_code == 429
    assert kind in page
    assert response["Retry-After"] in page
    assert "/sightings/new/" in page


# --- atomic under concurrency -------------------------------------------------------------------
def test_of_two_hundred_at_once_exactly_as_many_pass_as_may(services: None) -> None:
    crowd, most = 200, 37
    from django.conf import settings

    settings.LIMITS = {**settings.LIMITS, "reads": f"address:{most}/600 everyone:1000/600"}
    source, start = Source(address=HERE, network="198.51.100.0/24"), Barrier(crowd)

    def ask(_number: int) -> bool:
        start.wait()
        return limits.spend(source, {"reads": 1}) is None

    with ThreadPoolExecutor(crowd) as pool:
        assert sum(pool.map(ask, range(crowd))) == most


@pytest.mark.django_db(transaction=True)
def test_through_the_door_too_exactly_as_many_pass_as_may(settings: Settings) -> None:
    crowd, most = 16, 5
    allow(settings, receipts=f"address:{most}/600")
    start = Barrier(crowd)

    def ask(_number: int) -> int:
        start.wait()
        try:
            return Client().post("/receipt/", {"code": "abcdef-abcdef-abcdef"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(crowd) as pool:
        answers = sorted(pool.map(ask, range(crowd)))
    assert answers == [400] * most + [429] * (crowd - most)


# --- where a request came from ------------------------------------------------------------------
@pytest.mark.django_db
def test_a_spoofed_forwarding_header_changes_nothing(settings: Settings, client: Client) -> None:
    allow(settings, reads="address:2/60")
    settings.TRUSTED_PROXIES = 0

    spoofed = [
        read(client, headers={"X-Forwarded-For": f"192.0.2.{number}"}, **at(HERE))
        for number in range(4)
    ]
    assert spoofed == [200, 200, 429, 429]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, ELSEWHERE, HERE),
        (1, ELSEWHERE, ELSEWHERE),
        (1, f"192.0.2.1, 10.0.0.1, {ELSEWHERE}", ELSEWHERE),
        (2, f"192.0.2.1, {ELSEWHERE}, 10.0.0.1", ELSEWHERE),
        (2, ELSEWHERE, HERE),
        (1, "", HERE),
        (1, "unknown", HERE),
        (1, f"{ELSEWHERE}, not an address", HERE),
        (1, f"  {ELSEWHERE} ", ELSEWHERE),
    ],
)
def test_only_what_our_own_proxies_wrote_is_read(
    proxies: int, forwarded: str, expected: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, **at(HERE))

    assert str(client_address(request)) == expected


def test_without_any_address_all_share_one(settings: Settings) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="")

    assert source_of(request) == Source(address=UNKNOWN, network=UNKNOWN)


# --- nothing is kept ----------------------------------------------------------------------------
def raw() -> Any:
    from django.conf import settings

    return redis.Redis.from_url(_plain(settings.LIMITS_URL))


def kept() -> Iterator[tuple[str, str, int]]:
    """Every key of this test with its value and the seconds it has to live."""
    from django.conf import settings

    connection = raw()
    for key in connection.scan_iter(match=f"{settings.LIMITS_PREFIX}*", count=1000):
        yield key.decode(), connection.get(key).decode(), connection.ttl(key)


@pytest.mark.django_db(transaction=True)
def test_no_address_is_kept_and_nothing_outlives_a_day(
    settings: Settings,
    cast: Cast,
    caplog: pytest.LogCaptureFixture,
    private_files: Path,
) -> None:
    allow(
        settings,
        sightings="address:1/60 everyone:100/60",
        reads="address:10/86400 network:10/60",
        sign_in="account:9/60 address:9/60",
    )
    caplog.set_level("DEBUG")
    browser = cast.anonymous.browser()
    for _ in range(3):
        browser.get("/", **at(HERE))
        cast.anonymous.api().post(SIGHTINGS, WORDS, **at(HERE))
    browser.post("/sign-in/", {"login": "nobody@example.org", "password": "x"}, **at(HERE))

    found = list(kept())
    assert len(found) == 8  # the salt, the turns, and a counter for each bucket
    assert all(0 < seconds <= 86_400 for _key, _value, seconds in found)
    for telling in (HERE, "198.51.100", "nobody@"):
        assert not any(telling in key + value for key, value, _seconds in found)
        assert telling not in caplog.text
        assert telling.encode() not in whole_database()
    assert Sighting.objects.count() == 3


def whole_database() -> bytes:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        rows = []
        for table in tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as out:
                rows += [bytes(data) for data in out]
    return b"".join(rows)


def test_the_digest_of_an_address_changes_with_the_salt(services: None) -> None:
    source = Source(address=HERE, network="198.51.100.0/24")
    limits.spend(source, {"reads": 1})
    before = {key for key, _value, _seconds in kept()}

    raw().delete(*before)
    from django.conf import settings

    Store(settings.LIMITS_URL).spend(source, [(bucket, 1) for bucket in buckets("reads")])
    after = {key for key, _value, _seconds in kept()}

    assert len(after) == len(before)
    assert {key for key in after & before if not key.endswith("salt")} == set()


# --- when the counters are away -----------------------------------------------------------------
@pytest.fixture
def away(settings: Settings, tmp_path: Path) -> None:
    settings.LIMITS_URL = f"redis+socket://{tmp_path}/nobody-listens.sock"


@pytest.mark.usefixtures("away")
def test_without_counters_nobody_signs_in_but_all_else_goes_on(cast: Cast) -> None:
    browser = cast.anonymous.browser()
    sent = {"login": "nobody@example.org", "password": "x"}

    closed = browser.post("/sign-in/", sent)
    assert (closed.status_code, closed["Retry-After"]) == (503, "10")
    assert "Reports of a child still come in" in closed.content.decode()
    assert browser.post("/sign-in/link/no-such-secret/").status_code == 503
    assert browser.get("/sign-in/").status_code == 200
    assert browser.get("/").status_code == 200
    assert cast.anonymous.api().post(SIGHTINGS, WORDS).status_code == 201
    assert cast.guardian.api().post(f"{BASE}cases/", {}).status_code == 201


def test_counters_that_hang_hold_up_one_person_and_not_everybody(
    settings: Settings, tmp_path: Path
) -> None:
    import time

    silent = socket.socket(socket.AF_UNIX)
    silent.bind(str(tmp_path / "silent.sock"))
    silent.listen(64)
    settings.LIMITS_URL = f"redis+socket://{tmp_path}/silent.sock"
    source = Source(address=HERE)

    began = time.monotonic()
    assert [limits.turn(source, {"sightings": 1}) for _ in range(20)] == [1] * 20
    assert time.monotonic() - began < 2.5
    silent.close()


def test_counting_goes_on_when_a_restarted_store_has_closed_the_line(services: None) -> None:
    source = Source(address=HERE)
    assert limits.spend(source, {"reads": 1}) is None
    raw().client_kill_filter(_type="normal", skipme=True)

    assert limits.spend(source, {"reads": 1}) is None
    assert store()


# --- how limits are written ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "address:0/60",
        "address:5/0",
        "address:5/86401",
        "address:5",
        "person:5/60",
        "address:5/60 address:9/600",
        "Off",
    ],
)
def test_a_limit_that_cannot_be_read_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="LIMIT_READS"):
        limits.check_all({"reads": text})
