"""Handing events over: signed as the specification's own library wants it, and tried again."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models.functions import Now
from pytest_django.fixtures import Settings
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from casemgr.platform.notify.models import Notice
from casemgr.platform.outbox import Job, JobState
from casemgr.platform.partners import feed, sending, services, signing, webhooks
from casemgr.platform.partners.models import Delivery, Webhook
from tests.api.helpers import BASE, refused
from tests.cast import Cast
from tests.factories import work_off

pytestmark = pytest.mark.django_db
HOOKS = f"{BASE}webhooks/"


class Receiver(HTTPServer):
    """A partner's server on this machine: keeps what it gets and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.body = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks?from=homeward"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(server.status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_LOCAL = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def added(cast: Cast, url: str, *types: str) -> dict[str, Any]:
    body = {"url": url, "types": types or ["case.opened"]}
    answer = cast.program.api("webhooks:manage").post(HOOKS, body)
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


def happen(event_type: str = "case.opened", **to: Any) -> None:
    with transaction.atomic():
        pk = uuid4()
        feed.append(event_type, pk, {"case": str(pk), "reference": "HW-XYN-889-6"}, **to)
    work_off(feed.DELIVER)


def try_again() -> None:
    Job.objects.filter(handler=feed.DELIVER).update(due_at=Now())
    work_off(feed.DELIVER)


def test_what_arrives_is_signed_and_says_type_time_and_ids(cast: Cast, receiver: Receiver) -> None:
    made = added(cast, receiver.url)
    happen()
    [(headers, body)] = receiver.got

    said = Verifier(made["secret"]).verify(body.decode(), headers)
    assert said == json.loads(body)
    assert set(said) == {"type", "timestamp", "data"}
    assert (said["type"], set(said["data"])) == ("case.opened", {"case", "reference"})
    assert headers["webhook-id"] == f"msg_{Delivery.objects.get().pk.hex}"
    log = cast.program.api().get(f"{HOOKS}{made['id']}/deliveries/").json()["results"]
    assert [(row["status"], row["outcome"], row["tries"]) for row in log] == [
        ("delivered", "http_204", 1)
    ]


NAMED = ("webhook-id", "webhook-timestamp")


def test_every_change_of_a_single_byte_is_refused(cast: Cast, receiver: Receiver) -> None:
    verifier = Verifier(added(cast, receiver.url)["secret"])
    happen()
    [(headers, body)] = receiver.got
    signed = {name: headers[name] for name in headers if name.startswith("webhook-")}
    forged = 0
    for position in range(len(body)):
        for change in range(1, 256):
            other = bytearray(body)
            other[position] ^= change
            with pytest.raises(WebhookVerificationError):
                verifier.verify(bytes(other).decode("latin-1"), signed)
            forged += 1
    for name in NAMED:
        for position in range(len(signed[name])):
            other_ = signed[name]
            changed = chr(ord(other_[position]) ^ 1)
            value = other_[:position] + changed + other_[position + 1 :]
            with pytest.raises(WebhookVerificationError):
                verifier.verify(body.decode(), {**signed, name: value})
            forged += 1
    # Every other value of every byte of the body, and one of each in the two headers.
    assert forged == 255 * len(body) + sum(len(signed[name]) for name in NAMED)
    assert forged > 30_000


@pytest.mark.parametrize(
    ("offset", "taken"), [(-301, False), (-290, True), (290, True), (301, False)]
)
def test_a_message_is_good_for_five_minutes(offset: int, taken: bool) -> None:
    secret = signing.new_secret()
    headers = signing.headers("msg_1", int(time.time()) + offset, b"{}", [secret])
    if taken:
        assert Verifier(secret).verify("{}", headers) == {}
    else:
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify("{}", headers)


def test_while_the_secret_changes_both_verify(cast: Cast, receiver: Receiver) -> None:
    made = added(cast, receiver.url)
    where = f"{HOOKS}{made['id']}/"
    new = cast.program.api().post(f"{where}secret/", {}).json()["secret"]
    happen()
    headers, body = receiver.got[-1]
    for secret in (made["secret"], new):
        Verifier(secret).verify(body.decode(), headers)
    Webhook.objects.update(previous_until=Now())
    happen()
    headers, body = receiver.got[-1]
    Verifier(new).verify(body.decode(), headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(made["secret"]).verify(body.decode(), headers)
    assert "secret" not in cast.program.api().get(where).json()


def test_only_what_was_asked_for_and_is_ones_own_to_know_is_sent(
    cast: Cast, receiver: Receiver
) -> None:
    added(cast, receiver.url, "case.opened", "sighting.received")
    mine, other = cast.partner.pk, cast.other_program.client.partner_id
    happen("case.updated")
    happen("sighting.received", partner_id=other)
    happen("case.opened", besides=[mine])
    assert receiver.got == []
    happen("sighting.received", partner_id=mine)
    happen("case.opened", besides=[other])
    assert len(receiver.got) == 2


@pytest.mark.parametrize("status", [500, 301, 400, 429])
def test_what_is_not_taken_is_tried_again_under_the_same_id(
    cast: Cast, receiver: Receiver, status: int
) -> None:
    added(cast, receiver.url)
    receiver.status = status
    receiver.headers = {"Location": "/elsewhere", "Retry-After": "600"}
    happen()
    job = Job.objects.get(handler=feed.DELIVER)
    assert (job.state, Delivery.objects.get().tries) == (JobState.WAITING, 1)
    assert job.due_at > job.created_at + timedelta(seconds=590)
    receiver.status = 200
    try_again()

    assert [headers["webhook-id"] for headers, _body in receiver.got] == [
        f"msg_{Delivery.objects.get().pk.hex}"
    ] * 2
    assert (Delivery.objects.get().state, Delivery.objects.get().tries) == ("delivered", 2)


def test_after_three_days_the_address_is_switched_off_and_its_people_are_told(
    cast: Cast, receiver: Receiver
) -> None:
    assert cast.partner_admin.user is not None
    made = added(cast, receiver.url)
    receiver.status = 503
    happen()
    Delivery.objects.update(began_at=Now() - timedelta(days=3))
    try_again()

    assert (Webhook.objects.get().state, Delivery.objects.get().state) == ("disabled", "failed")
    assert Notice.objects.get(person=cast.partner_admin.user).kind == "webhook_disabled"
    happen()
    assert len(receiver.got) == 2
    api, where = cast.program.api(), f"{HOOKS}{made['id']}/"
    sent = {"If-Match": api.get(where)["ETag"]}
    assert api.patch(where, {"status": "active"}, headers=sent).status_code == 200
    receiver.status = 200
    happen()
    assert len(receiver.got) == 3
    first = api.get(f"{where}deliveries/").json()["results"][-1]
    again = api.post(f"{where}deliveries/{first['id']}/replay/", {})
    assert (again.status_code, again.json()["status"]) == (200, "waiting")
    work_off(feed.DELIVER)
    assert receiver.got[-1][0]["webhook-id"] == first["message_id"]


def test_gone_switches_off_at_once(cast: Cast, receiver: Receiver) -> None:
    added(cast, receiver.url)
    receiver.status = 410
    happen()

    assert (Webhook.objects.get().state, Delivery.objects.get().outcome) == ("disabled", "http_410")


def test_a_large_answer_is_a_failure_and_none_of_it_is_kept(cast: Cast, receiver: Receiver) -> None:
    added(cast, receiver.url)
    receiver.status, receiver.body = 200, b"x" * (64 * 1024 + 1)
    happen()

    assert Delivery.objects.get().outcome == "too_large"


def test_a_receiver_that_hangs_is_cut_off_and_another_goes_on(
    cast: Cast, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        added(cast, f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        added(cast, receiver.url)
        happen()
    outcomes = set(Delivery.objects.values_list("outcome", flat=True))
    assert outcomes == {"timeout", "http_204"}


def test_the_test_button_sends_a_message_that_tells_of_nothing(
    cast: Cast, receiver: Receiver
) -> None:
    made = added(cast, receiver.url)
    answer = cast.program.api().post(f"{HOOKS}{made['id']}/test/", {})
    work_off(feed.DELIVER)
    headers, body = receiver.got[0]

    assert (answer.status_code, answer.json()["event"]) == (201, None)
    said = Verifier(made["secret"]).verify(body.decode(), headers)
    assert (said["type"], said["data"]) == ("webhook.test", {})


def test_a_stopped_partner_is_sent_nothing(cast: Cast, receiver: Receiver) -> None:
    added(cast, receiver.url)
    services.stop(actor=cast.partner_admin.actor, partner=cast.partner)
    happen()

    assert receiver.got == []


def test_other_partners_addresses_are_not_there(cast: Cast, receiver: Receiver) -> None:
    where = f"{HOOKS}{added(cast, receiver.url)['id']}/"
    api = cast.other_program.api()

    assert api.get(HOOKS).json()["results"] == []
    for method, address in (
        ("get", where),
        ("patch", where),
        ("delete", where),
        ("get", f"{where}deliveries/"),
        ("post", f"{where}secret/"),
        ("post", f"{where}test/"),
        ("post", f"{where}deliveries/{uuid4()}/replay/"),
    ):
        headers = {"If-Match": "x"}
        refused(getattr(api, method)(address, {}, headers=headers), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"types": ["case.opened"]}, "/url", "required"),
        ({"url": "https://h.example/", "types": []}, "/types", "too_short"),
        ({"url": "https://h.example/", "types": ["match.made"]}, "/types/0", "invalid_choice"),
        ({"url": "ftp://h.example/", "types": ["case.opened"]}, "/url", "invalid_url"),
        ({"url": "https://10.0.0.1/", "types": ["case.opened"]}, "/url", "not_public"),
        ({"url": "https://h.example/", "types": ["case.opened"], "x": 1}, "/x", "unknown_field"),
    ],
)
def test_what_is_no_address_is_refused_by_name(
    cast: Cast, body: dict[str, Any], pointer: str, code: str
) -> None:
    found = refused(cast.program.api().post(HOOKS, body), 400, "invalid")

    assert (found, Webhook.objects.count()) == ({pointer: code}, 0)


def test_addresses_are_few_and_can_be_taken_away(cast: Cast) -> None:
    made = [added(cast, f"https://h{number}.example/") for number in range(20)]
    api = cast.program.api()
    body = {"url": "https://one-more.example/", "types": ["case.opened"]}
    refused(api.post(HOOKS, body), 409, "too_many_webhooks")
    assert api.delete(f"{HOOKS}{made[0]['id']}/").status_code == 204
    assert len(api.get(HOOKS).json()["results"]) == 19


def test_pauses_grow_to_half_a_day_and_jitter() -> None:
    waits = [webhooks.pause(tries, None).total_seconds() for tries in range(12)]

    assert all(
        0.8 * usual <= wait <= 1.2 * usual
        for usual, wait in zip(webhooks.PAUSES, waits, strict=False)
    )
    assert len({webhooks.pause(3, None) for _ in range(20)}) > 10
    assert webhooks.pause(0, 900).total_seconds() == 900
    assert webhooks.pause(0, 10**6).total_seconds() == webhooks.PAUSES[-1]
