"""The embedded Redis, which carries Celery's messages and keeps nothing.

Nothing is written to disk: the database is the queue of record, and what a killed Redis forgets
is rung again from there.
"""

import os
import signal
import socket
import subprocess
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

from casemgr.platform.embedded import processes, programs
from casemgr.platform.embedded.home import EmbeddedUnavailable, Home

NAME: Final = "Redis"
PROGRAM: Final = "redis-server"


def data_folder(home: Home) -> Path:
    """Where it works; it writes nothing there."""
    return home.data / "redis"


def socket_path(home: Home) -> Path:
    """The socket."""
    return home.sockets / "redis.sock"


def url(home: Home) -> str:
    """`redis+socket://<socket>`, as Celery spells it."""
    return f"redis+socket://{quote(str(socket_path(home)), safe='/')}"


def answers(home: Home) -> bool:
    """Whether the server takes commands now."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(socket_path(home)))
            client.sendall(b"PING\r\n")
            return client.recv(64) == b"+PONG\r\n"
        except OSError:
            return False


def pid(home: Home) -> int | None:
    """The server's process, if it runs."""
    return processes.listener(socket_path(home))


def start(home: Home) -> None:
    """Start the server; the lock must be held."""
    if answers(home):
        return
    stop(home)
    log = home.folder("logs") / "redis.log"
    command: list[str | Path] = [programs.usable(programs.REDIS, home)]
    command += ["--daemonize", "yes", "--port", "0"]
    command += ["--unixsocket", socket_path(home), "--unixsocketperm", "700"]
    command += ["--dir", home.folder("redis"), "--logfile", log]
    command += ["--save", "", "--appendonly", "no"]
    done = subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        **home.run_as(),
    )
    if done.returncode or not processes.until(lambda: answers(home), 10):
        raise EmbeddedUnavailable(f"Redis doesn't start; see {log}")


def stop(home: Home) -> None:
    """Stop it, killing one that doesn't listen to reason; the lock must be held.

    One that lost its socket, or whose start was interrupted, is found by its command line.
    """
    for running in processes.find(PROGRAM, socket_path(home), owner=home.owner):
        os.kill(running, signal.SIGTERM)
        if not processes.until(partial(processes.gone, running), 5):
            os.kill(running, signal.SIGKILL)
