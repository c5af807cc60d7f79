"""Which database, files and ports a demo has, and the step from a plain command into it."""

import os
import shlex
import sys
from pathlib import Path
from typing import Final, NoReturn

from django.conf import settings
from django.core.management.base import CommandError

from casemgr.demo.processes import answers

DEMO_DATABASE: Final = "homeward_demo"
CHECK_DATABASE: Final = "homeward_demo_check"
"""A check has its own, so that it never disturbs a demo that somebody is looking at."""


def enter(database: str) -> None:
    """Return inside the demo's environment; outside it, start this very command anew within it.

    DEMO_DATABASE names another database than `database`.
    """
    if settings.PRODUCTION:
        raise CommandError("The demo is for invented people; it doesn't run in production.")
    wanted = os.environ.get("DEMO_DATABASE") or database
    if not settings.DEMO or wanted != settings.DEMO_DATABASE:
        _start_again(wanted)


def _start_again(database: str) -> NoReturn:
    changed = {
        "HOMEWARD_DEMO": "1",
        "FACE_POPULATION": "dlib-drawn",
        "DEMO_DATABASE": database,
    }
    sys.stdout.flush()
    os.execve(  # noqa: S606 - our own interpreter and arguments
        sys.executable, [sys.executable, *sys.argv], {**os.environ, **changed}
    )


def typed(*words: str) -> str:
    """A command of manage.py as one types it in this folder, whether or not a venv is active."""
    python = Path(sys.executable)
    if python.is_relative_to(settings.BASE_DIR):
        python = python.relative_to(settings.BASE_DIR)
    return shlex.join([str(python), "manage.py", *words])


def address_file() -> Path:
    """Holds the address of the demo while it is being served."""
    return Path(settings.DEMO_DIR) / "address"


def served_at() -> str | None:
    """Where this demo is being served now, if it is."""
    file = address_file()
    address = file.read_text() if file.exists() else ""
    return address if address and answers(int(address.rpartition(":")[2])) else None
