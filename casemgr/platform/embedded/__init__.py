"""Homeward's own PostgreSQL and Redis, for machines where nobody has set up either.

Used for whichever of DATABASE_URL and CELERY_BROKER_URL is unset. Both servers are daemons: they
outlive the command that started them, listen on Unix sockets only, and keep their data in VAR_DIR.
This package imports no Django, because settings.py asks it for addresses.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from casemgr.platform.embedded import postgres, programs, redis
from casemgr.platform.embedded.home import EmbeddedUnavailable, locate
from casemgr.platform.embedded.locks import exclusive
from casemgr.platform.embedded.versions import server_problem

__all__ = [
    "EmbeddedUnavailable",
    "Endpoints",
    "ServiceStatus",
    "endpoints",
    "ensure",
    "server_problem",
    "status",
    "stop",
    "wanted",
]

DATABASE_VARIABLE: Final = "DATABASE_URL"
BROKER_VARIABLE: Final = "CELERY_BROKER_URL"


@dataclass(frozen=True)
class Endpoints:
    """Where the embedded servers listen: a `postgresql://` and a `redis+socket://` address."""

    database_url: str
    broker_url: str


@dataclass(frozen=True)
class ServiceStatus:
    """One line of `manage.py embedded status`; `pid` is None while the server is stopped."""

    name: str
    variable: str
    wanted: bool
    pid: int | None
    version: str
    socket: Path
    data: Path


def var_dir() -> Path:
    """VAR_DIR, or `var` next to manage.py."""
    default = Path(__file__).resolve().parents[3] / "var"
    return Path(os.environ.get("VAR_DIR") or default).resolve()


def wanted(variable: str) -> bool:
    """Whether the embedded server stands in, because neither `variable` nor its `_FILE` is set."""
    return not (os.environ.get(variable) or os.environ.get(f"{variable}_FILE"))


def endpoints(var: Path | None = None) -> Endpoints:
    """The addresses that the embedded servers of this data folder have, started or not."""
    home = locate(var or var_dir())
    return Endpoints(database_url=postgres.url(home), broker_url=redis.url(home))


def ensure(var: Path | None = None) -> Endpoints:
    """Start the embedded servers whose variable is unset and that don't answer yet.

    Any number of processes may call this at once. Raises EmbeddedUnavailable with a message for
    the operator.
    """
    home = locate(var or var_dir())
    want_postgres, want_redis = wanted(DATABASE_VARIABLE), wanted(BROKER_VARIABLE)
    if want_postgres and not (home.trusted() and postgres.answers(home)):
        home = home.prepare()
        with exclusive(home):
            postgres.start(home)
    if want_redis and not (home.trusted() and redis.answers(home)):
        home = home.prepare()
        with exclusive(home):
            redis.start(home)
    return Endpoints(database_url=postgres.url(home), broker_url=redis.url(home))


def stop(var: Path | None = None) -> None:
    """Stop both embedded servers cleanly; nothing happens to one that isn't running."""
    home = locate(var or var_dir())
    if not home.data.is_dir():
        return
    home = home.prepare()
    with exclusive(home):
        redis.stop(home)
        postgres.stop(home)
        home.leave()


def status(var: Path | None = None) -> list[ServiceStatus]:
    """What runs now, PostgreSQL first; looks only, and starts nothing."""
    home = locate(var or var_dir())
    trusted = home.trusted()
    return [
        ServiceStatus(
            name=postgres.NAME,
            variable=DATABASE_VARIABLE,
            wanted=wanted(DATABASE_VARIABLE),
            pid=postgres.pid(home) if trusted else None,
            version=programs.release(programs.POSTGRES),
            socket=postgres.socket_path(home),
            data=postgres.data_folder(home),
        ),
        ServiceStatus(
            name=redis.NAME,
            variable=BROKER_VARIABLE,
            wanted=wanted(BROKER_VARIABLE),
            pid=redis.pid(home) if trusted else None,
            version=programs.release(programs.REDIS),
            socket=redis.socket_path(home),
            data=redis.data_folder(home),
        ),
    ]
