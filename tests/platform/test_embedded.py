"""Homeward's own PostgreSQL and Redis, started, killed and stopped for real.

Every step runs in a process of its own, as the commands of an operator do.
"""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform.embedded_places import (
    ENSURE,
    SHOW,
    STOP,
    Place,
    new_place,
    program,
    remove,
    servers_of,
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packages with the servers exist for Linux only"
)


@pytest.fixture
def place() -> Iterator[Place]:
    made = new_place()
    yield made
    remove(made)


@pytest.fixture(scope="module")
def running() -> Iterator[Place]:
    """One place with both servers up, for tests that only look."""
    made = new_place()
    made.python(ENSURE)
    yield made
    remove(made)


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
    from kombu.connection import Connection

    with Connection(running.urls()[1]) as connection:  # type: ignore[no-untyped-call]
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
    assert len(servers_of(place.var)) == 2
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
    assert len(servers_of(place.var)) == 2


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
    assert len(servers_of(place.var)) == 2


@pytest.mark.slow
def test_deleting_the_data_of_running_servers_gives_a_fresh_start(place: Place) -> None:
    place.python(ENSURE)
    place.query("CREATE TABLE old (number int)")
    shutil.rmtree(place.var)
    place.python(ENSURE)
    assert place.query("SELECT to_regclass('old')") == [(None,)]
    redis = place.pids()["Redis"]
    assert [pid for pid in servers_of(place.var) if program(pid) == b"redis-server"] == [redis]


@pytest.mark.slow
def test_stop_is_clean_and_may_be_repeated(place: Place) -> None:
    place.python(STOP)
    place.python(ENSURE)
    place.python(STOP)
    assert place.pids() == {"PostgreSQL": None, "Redis": None}
    assert servers_of(place.var) == []
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
