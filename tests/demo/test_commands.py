"""The demo's commands at the console, on databases of the test's own."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from psycopg import sql
from pytest_django.fixtures import Settings

from casemgr.demo import environment

ROOT = Path(settings.BASE_DIR)


class Console:
    """Runs manage.py against a demo database of a name that nobody else has."""

    def __init__(self) -> None:
        self.database = f"homeward_demo_test_{uuid4().hex[:12]}"
        kept = {name: value for name, value in os.environ.items() if name != "HOMEWARD_DEMO"}
        self.env = {**kept, "DEMO_DATABASE": self.database, "LOG_LEVEL": "WARNING"}
        self.folder = Path(settings.VAR_DIR) / f"demo-{self.database}"

    def manage(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.env | env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder.parent / f"{self.database}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def server(self, database: str = "postgres") -> "psycopg.Connection[tuple[str, ...]]":
        given = settings.DATABASES["default"]
        return psycopg.connect(
            dbname=database, user=given["USER"] or None, password=given["PASSWORD"] or None,
            host=given["HOST"] or None, port=given["PORT"] or None, autocommit=True,
        )  # fmt: skip

    def execute(self, statement: str) -> None:
        with self.server() as server:
            server.execute(sql.SQL(statement).format(sql.Identifier(self.database)))

    def exists(self) -> bool:
        with self.server() as server:
            found = server.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [self.database]
            ).fetchone()
        return found is not None

    def processes(self) -> list[str]:
        """Command lines of living processes that were started for this demo."""
        found = []
        for folder in Path("/proc").iterdir():
            try:
                if (
                    folder.name.isdigit()
                    and self.database.encode() in (folder / "environ").read_bytes()
                ):
                    found.append((folder / "cmdline").read_text().replace("\0", " "))
            except (OSError, ValueError):
                continue
        return found


@pytest.fixture
def console(services: None) -> Iterator[Console]:
    console = Console()
    yield console
    console.manage("demo", "--reset")
    console.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    (console.folder.parent / f"{console.database}.log").unlink(missing_ok=True)


def test_a_database_that_holds_something_else_is_left_alone(console: Console) -> None:
    console.execute("CREATE DATABASE {}")
    with console.server(console.database) as other:
        other.execute("CREATE TABLE letters AS SELECT 'dear' AS word")
    for arguments in (["demo"], ["demo", "--check"], ["demo", "--reset"]):
        refused = console.manage(*arguments)
        assert refused.returncode == 1
        assert "isn't empty and isn't a demo's" in refused.stderr
    assert not console.folder.exists()
    with console.server(console.database) as other:
        assert other.execute("SELECT word FROM letters").fetchall() == [("dear",)]


def test_nobody_signs_in_by_link_where_there_is_no_demo(console: Console) -> None:
    missing = console.manage("demo-login", "reviewer")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "There is no demo in this database" in missing.stderr

    console.execute("CREATE DATABASE {}")
    with console.server(console.database) as other:
        other.execute("CREATE TABLE accounts_user AS SELECT 'reviewer@example.org' AS email")
    refused = console.manage("demo-login", "reviewer")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "There is no demo in this database" in refused.stderr


@pytest.mark.parametrize("command", [["demo"], ["demo-login", "reviewer"]])
def test_there_is_no_demo_in_production(command: list[str], settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="doesn't run in production"):
        call_command(*command)


def test_a_command_that_the_demo_tells_runs_as_it_is_told() -> None:
    told = environment.typed("demo-login", "--help")
    done = subprocess.run(
        shlex.split(told), cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "{guardian,volunteer," in done.stdout


def test_a_reset_without_a_demo_is_no_error(console: Console) -> None:
    done = console.manage("demo", "--reset")
    assert (done.returncode, done.stdout) == (0, "The demo's database and files are gone.\n")


@pytest.mark.slow
@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_behind_however_the_demo_ends(console: Console, blow: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo = console.begin("demo", "--port", str(port))
    try:
        _wait(lambda: (console.folder / "address").exists() or demo.poll() is not None, 90)
        assert demo.poll() is None
        names = " ".join(console.processes())
        for part in ("gunicorn", "celery -A casemgr.celery worker", "beat"):
            assert part in names
        demo.send_signal(blow)
        demo.wait(30)
        _wait(lambda: not console.processes(), 45)
    finally:
        demo.kill()
    assert console.processes() == []
    assert console.exists()


@pytest.mark.slow
def test_a_demo_of_an_earlier_version_gets_the_tables_of_this_one(console: Console) -> None:
    console.execute("CREATE DATABASE {}")
    inside = {"HOMEWARD_DEMO": "1", "FACE_POPULATION": "dlib-drawn"}
    for app in ("demo", "accounts"):
        assert console.manage("migrate", app, **inside).returncode == 0
    whole = (
        "from django.utils.timezone import now; from casemgr.demo.filing import ADDRESSES;"
        "from casemgr.demo.models import DemoRun;"
        "from casemgr.platform.accounts.models import User;"
        "[User.objects.create(email=address) for address in ADDRESSES.values()];"
        "DemoRun.objects.create(seed=1, finished_at=now())"
    )
    assert console.manage("shell", "-c", whole, **inside).returncode == 0
    assert console.manage("migrate", "--check", **inside).returncode == 1

    demo = console.begin("demo")
    try:
        _wait(lambda: (console.folder / "address").exists() or demo.poll() is not None, 90)
        assert console.manage("migrate", "--check", **inside).returncode == 0
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(30)


def _wait(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.3)
