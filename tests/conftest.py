"""What every test may ask for: real services, a folder of its own for private files, the cast."""

import os
import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import translation
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from casemgr.platform.notify import handlers
from tests.browser import chromium
from tests.cast import Cast


@pytest.fixture(scope="session")
def services() -> None:
    """PostgreSQL and Redis answer, and nobody else's worker hears the tests ring."""
    from casemgr.celery import app
    from casemgr.platform import embedded

    embedded.ensure()
    app.conf.broker_transport_options = {
        **app.conf.broker_transport_options,
        "global_keyprefix": "homeward-test:",
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    services: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Services come up before Django connects to them; each run has a database of its own."""
    from django.db import connection

    test = connection.settings_dict["TEST"]
    base = test["NAME"] or f"test_{connection.settings_dict['NAME']}"
    test["NAME"] = f"{base}_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests empty append-only tables between them, which triggers forbid in life."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname LIKE '%no_truncate'"
        )
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


@pytest.fixture(scope="session")
def private_parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("private")


@pytest.fixture(autouse=True)
def by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters leave at once at whatever hour the tests run; those of the night say otherwise."""
    monkeypatch.setattr(handlers, "MORNING", time.min)
    monkeypatch.setattr(handlers, "NIGHT", time.max)


@pytest.fixture(autouse=True)
def private_files(private_parent: Path, settings: Settings) -> Path:
    """The folder that takes this test's private files; it exists once there is one."""
    folder = private_parent / uuid4().hex
    private = settings.STORAGES["private"]
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {**private, "OPTIONS": {**private["OPTIONS"], "location": folder}},
    }
    return folder


@pytest.fixture(autouse=True)
def _limits_of_its_own(settings: Settings) -> None:
    """Each test counts by itself, and up to a thousand times the limits before it meets one."""
    settings.LIMITS_PREFIX = f"homeward-test:{uuid4().hex}:"
    settings.LIMITS = {
        policy: re.sub(r"(?<=:)\d+", lambda limit: f"{limit[0]}000", buckets)
        for policy, buckets in settings.LIMITS.items()
    }


@pytest.fixture(autouse=True)
def _site_unread() -> Iterator[None]:
    """What one test's database says of the site is not held for the next."""
    from casemgr.platform import site

    yield
    site.forget()


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """A request in Chinese leaves no Chinese behind for the next test."""
    yield
    translation.deactivate()


@pytest.fixture
def cast(db: None) -> Cast:
    """One named person per role; each is made when first spoken of."""
    return Cast()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that there was no Chromium, rather than let browser tests be missed in silence."""
    unseen = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if chromium.WITHOUT in str(report.longrepr)
    ]
    if unseen:
        terminalreporter.write_line(
            f"{chromium.WITHOUT}: {len(unseen)} browser tests were left out, all others ran "
            "(on Debian: apt-get install chromium; or name one in CHROME_PATH)"
        )
