"""The embedded PostgreSQL with pgvector: one cluster, one database, one role, one socket."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from psycopg import pq
from psycopg.conninfo import make_conninfo

from casemgr.platform.embedded import processes, programs
from casemgr.platform.embedded.home import EmbeddedUnavailable, Home

NAME: Final = "PostgreSQL"
ROLE: Final = "homeward"
DATABASE: Final = "homeward"
PORT: Final = 5432
START_SECONDS: Final = 60

# Sized for a laptop with two cores. No parallel workers: they need more shared memory than a
# container usually has, and win nothing on two cores.
SETTINGS: Final = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "recovery_init_sync_method": "syncfs",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "iso, ymd",
    "default_text_search_config": "pg_catalog.simple",
    # The server's log is no place for people's data: no statements, no offending values.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


def data_folder(home: Home) -> Path:
    """Where the cluster is."""
    return home.data / "postgres"


def socket_path(home: Home) -> Path:
    """The socket, whose name PostgreSQL makes from its port."""
    return home.sockets / f".s.PGSQL.{PORT}"


def url(home: Home) -> str:
    """`postgresql://homeward@:5432/homeward?host=<socket folder>`."""
    return f"postgresql://{ROLE}@:{PORT}/{DATABASE}?host={quote(str(home.sockets), safe='/')}"


def answers(home: Home) -> bool:
    """Whether the server takes connections now and still has its data folder."""
    if not (data_folder(home) / "postmaster.pid").exists():
        return False
    where = make_conninfo(
        host=str(home.sockets), port=PORT, user=ROLE, dbname=DATABASE, connect_timeout=2
    )
    return pq.PGconn.ping(where.encode()) == pq.Ping.OK


def pid(home: Home) -> int | None:
    """The server's process, if it runs."""
    found = processes.noted(data_folder(home) / "postmaster.pid")
    return found if processes.runs(found, "postgres", data_folder(home)) else None


def start(home: Home) -> None:
    """Start the server, first creating the cluster if there is none; the lock must be held."""
    if answers(home):
        return
    folder = programs.usable(programs.POSTGRES, home).parent
    data = data_folder(home)
    if not data.exists():
        _create(home, folder)
    _check_version(data)
    _write_settings(home)
    _clear_leftovers(home)
    if pid(home) is not None and processes.until(lambda: answers(home), _patience(home)):
        return
    if pid(home) is not None:
        stop(home)
    _launch(home, folder)


def stop(home: Home) -> None:
    """End sessions, write everything out and stop; the lock must be held."""
    running = pid(home)
    if running is None:
        return
    folder = programs.usable(programs.POSTGRES, home).parent
    command: list[str | Path] = [folder / "pg_ctl", "stop", "-D", data_folder(home)]
    _run(home, [*command, "-m", "fast", "-w", "-t", "60"], failure="PostgreSQL doesn't stop")
    processes.until(lambda: processes.gone(running), 5)


def _create(home: Home, folder: Path) -> None:
    """Make cluster and database aside and move them into place, so that half of one never counts.

    C.UTF-8 from PostgreSQL itself: sorting is the same on every machine and upper/lower know all
    letters. Nobody gets in by network; the socket's folder lets only its owner in.
    """
    for abandoned in home.data.glob("postgres.unfinished-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    # A name of its own: the initdb of a killed command may still be at work in the old one.
    unfinished = home.data / f"postgres.unfinished-{secrets.token_hex(4)}"
    initdb: list[str | Path] = [folder / "initdb", "-D", unfinished, "-U", ROLE]
    initdb += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    initdb += ["--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject"]
    failure = "PostgreSQL's data folder can't be created"
    _run(home, [*initdb, "--no-sync"], failure=failure)
    single: list[str | Path] = [folder / "postgres", "--single", "-F", "-D", unfinished, "postgres"]
    _run(home, single, failure=failure, given=f"CREATE DATABASE {DATABASE}\n")
    # Everything goes to disk once, at the end: several seconds faster on a busy disk.
    sync: list[str | Path] = [folder / "initdb", "-D", unfinished]
    _run(home, [*sync, "--sync-only", "--sync-method=syncfs"], failure=failure)
    unfinished.rename(data_folder(home))


def _check_version(data: Path) -> None:
    try:
        found = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EmbeddedUnavailable(f"{data} isn't a PostgreSQL data folder") from error
    if found != str(programs.POSTGRES_MAJOR):
        raise EmbeddedUnavailable(
            f"{data} was made by PostgreSQL {found}, and this is {programs.POSTGRES_MAJOR}; "
            "dump it with the old version and load it into a new data folder"
        )


def _write_settings(home: Home) -> None:
    """Our settings replace the file on each start, so that a new version's settings arrive."""
    settings = SETTINGS | {
        "unix_socket_directories": str(home.sockets),
        "dynamic_shared_memory_type": "posix" if os.access("/dev/shm", os.W_OK) else "mmap",  # noqa: S108
    }
    lines = ["# Written by Homeward at each start; changes here are lost."]
    lines += [f"{name} = '{value}'" for name, value in settings.items()]
    target = data_folder(home) / "postgresql.conf"
    draft = target.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with draft.open("x", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
        os.fchmod(stream.fileno(), 0o600)
        if home.account:
            os.fchown(stream.fileno(), home.account.uid, home.account.gid)
    draft.replace(target)


def _clear_leftovers(home: Home) -> None:
    """Deal with what a killed server, a restarted machine or a deleted folder left behind.

    PostgreSQL removes its own stale lock files except where the process number in them is still
    in use: by another program after a restart, or by a dead process that nobody reaps, as in a
    container without an init. Only those are removed here, and only once no process of the old
    server is attached to its memory, which is what the lock files guard.
    """
    data, listening = data_folder(home), socket_path(home)
    orphan = processes.listener(listening)
    if orphan is not None and orphan != processes.noted(data / "postmaster.pid"):
        os.kill(orphan, signal.SIGINT)
        processes.until(lambda: processes.gone(orphan), 30)
    for lock in (home.sockets / f"{listening.name}.lock", data / "postmaster.pid"):
        holder = processes.noted(lock)
        if holder and processes.exists(holder) and not processes.runs(holder, "postgres", data):
            if not processes.until(lambda: not _memory_in_use(data), 15):
                raise EmbeddedUnavailable(
                    f"processes of a killed PostgreSQL still work in {data}; end them first"
                )
            lock.unlink()


def _memory_in_use(data: Path) -> bool:
    """Whether a process is attached to the memory segment that postmaster.pid names."""
    try:
        key, segment = (data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[6].split()
        table = Path("/proc/sysvipc/shm").read_text(encoding="utf-8").splitlines()[1:]
    except (OSError, ValueError, IndexError):
        return False
    # The columns are key, shmid, perms, size, cpid, lpid, nattch, and more.
    return any(row[:2] == [key, segment] and row[6] != "0" for row in map(str.split, table))


def _patience(home: Home) -> float:
    """A running server without a socket will never answer; one that recovers needs time."""
    return START_SECONDS if socket_path(home).exists() else 1


def _launch(home: Home, folder: Path) -> None:
    data, log = data_folder(home), home.folder("logs") / "postgres.log"
    command: list[str | Path] = [folder / "pg_ctl", "start", "-D", data, "-l", log]
    command += ["-w", "-t", str(START_SECONDS)]
    deadline = time.monotonic() + 15
    while True:
        try:
            return _run(home, command, failure=f"PostgreSQL doesn't start; see {log}")
        except EmbeddedUnavailable:
            # A command that was killed may have started one a moment ago.
            if pid(home) is not None and processes.until(lambda: answers(home), START_SECONDS):
                return None
            # Processes of a killed server need a moment to notice and to let go of its memory.
            if time.monotonic() > deadline or "still in use" not in _tail(log):
                raise
            time.sleep(0.5)


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""


def _run(home: Home, command: Sequence[str | Path], *, failure: str, given: str = "") -> None:
    # Files, not pipes: the server inherits them, and a pipe would stay open as long as it runs.
    with tempfile.TemporaryFile("w+") as stdin, tempfile.TemporaryFile("w+") as output:
        stdin.write(given)
        stdin.seek(0)
        done = subprocess.run(  # noqa: S603
            command,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            **home.run_as(),
        )
        if done.returncode:
            output.seek(0)
            said = output.read().strip().splitlines() or ["it said nothing"]
            raise EmbeddedUnavailable(f"{failure} ({said[-1]})")
