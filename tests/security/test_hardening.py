"""Production settings hold what Django asks of them, and logs say nothing of anybody."""

import ast
import base64
import io
import logging
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from casemgr.platform import outbox
from casemgr.platform.logs import STRUCK, RedactingFormatter, redact
from casemgr.platform.outbox import Job
from tests.accounts.helpers import PASSWORD
from tests.api.helpers import RECEIPT, SIGHTINGS, receipt_header, upload
from tests.cast import Cast
from tests.factories import file_case, jpeg, work_off

ROOT = Path(__file__).resolve().parents[2]


def production(**more: str) -> "subprocess.CompletedProcess[str]":
    """Django's own examination of what production runs with."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "HOMEWARD_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "homeward.example",
        "SITE_ADDRESS": "https://homeward.example",
        **more,
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_django_finds_nothing_wrong_with_production() -> None:
    done = production()
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


def test_the_examination_would_say_so() -> None:
    done = production(SECURE_SSL_REDIRECT="off")
    assert done.returncode == 1
    assert "security.W008" in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "SITE_ADDRESS"])
def test_production_does_not_start_without(name: str) -> None:
    done = production(**{name: ""})
    assert done.returncode != 0
    assert name in done.stderr


WEAK = {
    "a short secret": ("SECRET_KEY", "S3cret!"),
    "one letter over and over": ("SECRET_KEY", "a" * 64),
    "development's secret": ("SECRET_KEY", "development-only-secret-key-0123456789abcdef"),
    "no key": ("FIELD_KEYS", "garbage"),
    "a key of 31 bytes": ("FIELD_KEYS", base64.urlsafe_b64encode(bytes(range(31))).decode()),
    "a key of zeros": ("FIELD_KEYS", base64.urlsafe_b64encode(bytes(32)).decode()),
    "a good key and a bad one": ("FIELD_KEYS", f"{Fernet.generate_key().decode()},garbage"),
    "development's key": ("FIELD_KEYS", settings.DEVELOPMENT_FIELD_KEY),
}


@pytest.mark.parametrize("weakness", WEAK)
def test_production_does_not_start_with(weakness: str) -> None:
    name, value = WEAK[weakness]
    done = production(**{name: value})
    assert done.returncode != 0
    said = done.stderr.splitlines()[-1]
    assert f"{name} is missing or weak" in said
    assert value not in said


POOR = {
    "a way out without encryption": ("LEAVE_ADDRESS", "http://weather.example/"),
    "map pictures without encryption": ("MAP_TILES", "http://tiles.example/{z}/{x}/{y}.png"),
    "one map picture for all": ("MAP_TILES", "https://tiles.example/map.png"),
    "map pictures from wherever": ("MAP_TILES", "https://{s}.tiles.example/{z}/{x}/{y}.png"),
    "map pictures that end the policy": ("MAP_TILES", "https://a.example;b/{z}/{x}/{y}.png"),
}


@pytest.mark.parametrize("address", POOR)
def test_addresses_of_other_houses_are_looked_at(address: str) -> None:
    name, value = POOR[address]
    done = production(**{name: value})
    assert done.returncode != 0
    assert f"{name} must" in done.stderr.splitlines()[-1]


def test_pictures_come_from_the_host_of_map_pictures_and_from_no_other() -> None:
    tiles = "https://tiles.example:8443/{z}/{x}/{y}.png"
    say = "from django.conf import settings as s; print(s.CONTENT_SECURITY_POLICY)"
    done = subprocess.run(
        [sys.executable, "-c", say],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "casemgr.settings", "MAP_TILES": tiles},
        capture_output=True,
        text=True,
        check=True,
    )
    pictures = ast.literal_eval(done.stdout)["DIRECTIVES"]["img-src"]
    assert pictures == ["'self'", "data:", "blob:", "https://tiles.example:8443"]


# --- headers ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/sign-in/", "/api/v1/cases/", "/nothing/here/"])
def test_every_answer_is_hardened(cast: Cast, address: str) -> None:
    answer = cast.anonymous.browser().get(address)

    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "microphone=()" in answer["Permissions-Policy"]
    assert "no-store" in answer["Cache-Control"]


# --- logs ---------------------------------------------------------------------------------------

SAID = "canary: 林小满, 安康路 7"
CANARIES = (
    "canary-mother@example.org",
    "+86 138 0013 8000",
    "13800138000",
    "198.51.100.77",
    "2001:db8:85a3::8a2e:370:7334",
    "ab12cd-ef34gh-ij56kl",
    "gAAAAABlZ3RoaXNJc0FGZXJuZXRUb2tlbg",
    "53010219900307123X",
)


@pytest.mark.parametrize("canary", CANARIES)
def test_what_looks_like_somebodys_is_struck_out(canary: str) -> None:
    for line in (canary, f"refused: {canary}", f"('{canary}',)", f"<{canary}> sent"):
        assert canary not in redact(line)
        assert STRUCK in redact(line)


@pytest.mark.parametrize(
    "line",
    [
        "audit seal 7 covers 12 rows: " + "0f" * 32,
        "job 5f0c9d5e-9a4f-4b8e-8d5a-0123456789ab failed, try 3",
        "GET /cases/HW-G7G-MCE-W/ 200 in 12 ms on 2026-11-24",
        "casemgr.platform.outbox: could not ring for a job: OperationalError",
    ],
)
def test_what_operators_need_stays(line: str) -> None:
    assert redact(line) == line


def test_a_link_that_opens_something_is_struck_out_of_its_address() -> None:
    for path in ("/sign-in/link/", "/confirm-address/", "/password/new/", "/alliances/join/"):
        assert redact(f"Internal Server Error: {path}abc-DEF_1/") == (
            f"Internal Server Error: {path}{STRUCK}/"
        )


@pytest.fixture
def log() -> Any:
    """Everything that the processes would write, at the most talkative level."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(RedactingFormatter("{levelname} {name} {message}", style="{"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(before)


def test_the_settings_format_every_line_this_way() -> None:
    logging_of: Any = settings.LOGGING
    assert logging_of["formatters"]["line"]["()"].endswith("logs.RedactingFormatter")
    assert logging_of["root"]["handlers"] == ["stderr"]
    assert logging_of["handlers"]["stderr"]["formatter"] == "line"


@pytest.mark.django_db(transaction=True)
def test_an_error_of_the_database_does_not_repeat_what_it_was_given(log: Any, cast: Cast) -> None:
    case = file_case(cast)

    @outbox.handler(name="test.breaks")
    def breaks(claim: outbox.Claim) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT cast(%s AS integer)", [SAID])

    with transaction.atomic():
        outbox.owe("test.breaks", case.pk)
    outbox.run(Job.objects.get(handler="test.breaks").pk)

    written = log.getvalue()
    assert "failed, try 1" in written
    assert "DataError" in written or DatabaseError.__name__ in written
    assert "in breaks" in written
    assert "canary" not in written
    assert "林小满" not in written


@pytest.mark.django_db
def test_a_day_in_the_house_leaves_no_trace_of_anybody_in_the_log(log: Any, cast: Cast) -> None:
    """A report with a photo from an address, a sign-up, a wrong password, a case, and an error."""
    browser = cast.anonymous.browser()
    there: Any = {"REMOTE_ADDR": "198.51.100.77", "HTTP_USER_AGENT": "canary-browser/1"}
    sent = {"data": '{"kind": "street", "description": "canary words"}', "photos": [upload(jpeg())]}
    told = cast.anonymous.api().post(SIGHTINGS, sent, format="multipart", **there).json()
    cast.anonymous.api().get(RECEIPT, headers=receipt_header(told["receipt"]), **there)
    browser.post("/receipt/", {"code": told["receipt"]}, **there)
    browser.post("/sign-up/", {"email": CANARIES[0], "password1": PASSWORD}, **there)
    browser.post("/sign-in/", {"login": CANARIES[0], "password": "canary password 7"}, **there)
    browser.get("/sign-in/link/canary-secret-7/", **there)
    case = file_case(cast, child={"full_name": "林canary"})
    cast.guardian.browser().get(f"/api/v1/cases/{case.pk}/", **there)
    work_off()

    written = log.getvalue()
    for trace in ("canary", "198.51.100.77", told["receipt"], PASSWORD, "林"):
        assert trace not in written, trace
    assert UUID(told["id"])
