"""The real processes of a demo: web, workers and beat, started together and ended together."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from casemgr.platform import embedded

FIRST_PORT: Final = 8000
PORTS_TRIED: Final = 100
PATIENCE: Final = 12.0
"""Seconds that the processes have to end by themselves before they are killed."""
PR_SET_PDEATHSIG: Final = 1


class DemoFailed(RuntimeError):
    """The demo can't go on; the message says why and where to look."""


class Processes:
    """Starts processes, each with a log in `folder`, and ends them all.

    Each has a process group of its own, so that an interrupt at the terminal reaches the command
    alone, which then ends them in order; should the command be killed, the kernel tells them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._changed: dict[str, str] = {}

    def start(self, port: int) -> None:
        """Web on `port`, workers for photos, for bulk jobs and for everything else, and beat."""
        self._changed = {"SITE_ADDRESS": f"http://127.0.0.1:{port}"}
        web = ["gunicorn", "casemgr.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
        self._start("web", [*web, "--graceful-timeout", "5", "--no-control-socket"])
        celery = ["celery", "-A", "casemgr.celery"]
        worker = [*celery, "worker", "--without-gossip", "--without-mingle", "-l", "INFO"]
        self._start("photos", [*worker, "-c", "2", "-Q", _queues("photos"), "-n", "photos@%h"])
        # Imports and exports come last: they have a process that nobody else waits for.
        self._start("bulk", [*worker, "-c", "1", "-Q", _queues("bulk"), "-n", "bulk@%h"])
        others = _queues("matching", "default", "webhooks")
        self._start("matching", [*worker, "-c", "2", "-Q", others, "-n", "matching@%h"])
        self._start("beat", [*celery, "beat", "-l", "INFO", "-s", str(self.folder / "beat")])

    def check(self) -> None:
        """Raises DemoFailed as soon as one has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise DemoFailed(
                    f"The process {name} ended by itself (code {process.returncode}). "
                    f"Its log is {self.folder / name}.log."
                )

    def stop(self) -> None:
        """Ask all to end, wait, and kill what is left, children included."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in self._running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._running.clear()

    def _start(self, name: str, module: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, "-m", *module],
                cwd=settings.BASE_DIR,
                env=os.environ | self._changed,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )


def _end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when the command dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _queues(*names: str) -> str:
    return ",".join(settings.QUEUE_PREFIX + name for name in names)


def free_port(first: int | None) -> int:
    """The port asked for, or the next free one from 8000 up."""
    candidates = range(first, first + 1) if first else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)
    for port in candidates:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise DemoFailed(f"Port {candidates[0]} is taken. Name another with --port.")


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(
    done: Callable[[], bool], processes: Processes, *, seconds: float, what: str
) -> None:
    """Poll until `done`; raises DemoFailed when a process ends or the time is over.

    An embedded server that dies meanwhile is started again: its supervisor, in other places.
    """
    deadline = time.monotonic() + seconds
    while not done():
        processes.check()
        embedded.ensure()
        if time.monotonic() > deadline:
            raise DemoFailed(
                f"{what} took longer than {seconds:.0f} seconds. "
                f"The logs are in {processes.folder}."
            )
        time.sleep(0.25)
