"""The whole house as real processes, on a database and a broker of the test's own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)
PYTHON = sys.executable


def test_database_url() -> str:
    """The address of the database that pytest made, for other processes."""
    given = connection.settings_dict
    login = given["USER"] + (f":{given['PASSWORD']}" if given["PASSWORD"] else "")
    port = f"&port={given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{login}@/{given['NAME']}?host={given['HOST']}{port}"


class House:
    """Starts, kills and stops web, worker, beat and (where embedded) Redis.

    Reconciling and leases are shortened, so that the test need not wait as long as a real worker
    would; the mechanism is the same.
    """

    def __init__(self, folder: Path, broker_url: str | None) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.embedded_broker = broker_url is None
        self.port = _free_port()
        self.env = {
            **os.environ,
            "DATABASE_URL": test_database_url(),
            "VAR_DIR": str(folder),
            "RECONCILE_SECONDS": "3",
            "JOB_LEASE_SECONDS": "6",
            "LOG_LEVEL": "WARNING",
        }
        self.env.pop("CELERY_BROKER_URL", None)
        if broker_url:
            self.env["CELERY_BROKER_URL"] = broker_url
            # RabbitMQ has no counters, so the tests' own Redis keeps them.
            self.env["LIMITS_URL"] = settings.LIMITS_URL

    def start_broker(self) -> None:
        """Start the embedded Redis; a real broker is there already, and is emptied."""
        if self.embedded_broker:
            self._manage("embedded", "start")
        else:
            celery = [PYTHON, "-m", "celery", "-A", "casemgr.celery", "purge", "-f"]
            queues = ["-Q", "default,photos,matching"]
            subprocess.run([*celery, *queues], env=self.env, cwd=ROOT, check=False, timeout=60)

    def start_worker(self, queues: str = "default,photos,matching") -> None:
        worker = ["worker", "-Q", queues, "--concurrency", "2", "-l", "WARNING"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        name = ["-n", f"{uuid4().hex}@test"]
        self._start(
            "worker", [PYTHON, "-m", "celery", "-A", "casemgr.celery", *worker, *quiet, *name]
        )

    def start_beat(self) -> None:
        schedule = ["beat", "-l", "WARNING", "-s", str(self.folder / "beat")]
        self._start("beat", [PYTHON, "-m", "celery", "-A", "casemgr.celery", *schedule])

    def start_web(self) -> None:
        bind = ["--bind", f"127.0.0.1:{self.port}", "--threads", "4", "--no-control-socket"]
        self._start("web", [PYTHON, "-m", "gunicorn", "casemgr.wsgi", *bind])
        wait_for(lambda: _answers(self.port), seconds=30, what="the web server")

    def kill(self, name: str) -> None:
        """SIGKILL to the process and all its children, at once."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_redis(self) -> None:
        """SIGKILL to the embedded Redis."""
        shown = self._manage("embedded", "status")
        line = next(line for line in shown.splitlines() if line.startswith("Redis"))
        os.kill(int(line.split()[2]), signal.SIGKILL)

    def post_sighting(self, data: dict[str, Any], photo: bytes | None = None) -> int:
        """POST one sighting; returns the HTTP status."""
        boundary = uuid4().hex
        parts = [_part(boundary, 'name="data"', "application/json", json.dumps(data).encode())]
        if photo is not None:
            parts.append(_part(boundary, 'name="photos"; filename="p.jpg"', "image/jpeg", photo))
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/sightings/",
            data=body,
            headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Idempotency-Key": str(uuid4()),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    def stop(self) -> None:
        """End everything that this house started, whatever state it is in."""
        for name in list(self.processes):
            self.kill(name)
        if self.embedded_broker:
            self._manage("embedded", "stop")

    def log(self) -> str:
        """The last lines of every process's log, for a failing test's message."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text()[-2000:]}" for log in logs)

    def _start(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                env=self.env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [PYTHON, "manage.py", *arguments],
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Poll until the condition holds; returns how long it took, or fails naming `what`."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for {what}")


def _part(boundary: str, disposition: str, kind: str, body: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {kind}"
    return head.encode() + b"\r\n\r\n" + body + b"\r\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
