"""Folders to keep embedded servers in, and ways to act on them from fresh processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

REPOSITORY = Path(__file__).resolve().parents[2]
VARIABLES = ("DATABASE_URL", "CELERY_BROKER_URL")

SHOW = """
import json
from casemgr.platform import embedded
print(json.dumps({s.name: s.pid for s in embedded.status()}))
"""
ENSURE = "from casemgr.platform import embedded\nembedded.ensure()\n"
STOP = "from casemgr.platform import embedded\nembedded.stop()\n"


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


def new_place() -> Place:
    """A folder that any account may enter; in memory if there is room, as that is faster."""
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    folder = Path(tempfile.mkdtemp(prefix="hw-", dir=memory if roomy else None)).resolve()
    folder.chmod(0o755)
    return Place(folder / "var")


def remove(place: Place) -> None:
    """End what runs there without ceremony, and delete it."""
    for ending in (signal.SIGQUIT, signal.SIGKILL):
        for pid in servers_of(place.var):
            os.kill(pid, ending)
        deadline = time.monotonic() + 10
        while servers_of(place.var) and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(place.var.parent)


def servers_of(folder: Path) -> list[int]:
    """Every server process (not their children) that was started for this folder."""
    return [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if program(int(entry.name)) in (b"postgres", b"redis-server")
        and os.fsencode(folder) in _command(int(entry.name))
    ]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def program(pid: int) -> bytes:
    # Redis rewrites its command line into one word with blanks.
    return _command(pid).replace(b" ", b"\0").split(b"\0")[0].rpartition(b"/")[2]
