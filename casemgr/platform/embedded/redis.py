"""The embedded Redis, which carries Celery's messages and keeps nothing.

Nothing is written to disk: the database is the queue of record, and what a killed Redis forgets
is rung again from there.
"""

import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import quote

from casemgr.platform.embedded import processes, programs
from casemgr.platform.embedded.home import EmbeddedUnavailable, Home

NAME: Final = "Redis"
PROGRAM: Final = "redis-server"


def data_folder(home: Home) -> Path:
    """Where it works; nothing but its process number is in there."""
    return home.data / "redis"


def socket_path(home: Home) -> Path:
    """The socket."""
    return home.sockets / "redis.sock"


def url(home: Home) -> str:
    """`redis+socket://<socket>`, as Celery spells it."""
    return f"redis+socket://{quote(str(socket_path(home)), safe='/')}"


def answers(home: Home) -> bool:
    """Whether the server takes commands now."""
    return _say(home, b"PING\r\n") == b"+PONG\r\n"


def pid(home: Home) -> int | None:
    """The server's process, if it runs."""
    found = processes.noted(_pid_file(home))
    return found if processes.runs(found, PROGRAM, socket_path(home)) else None


def version(home: Home) -> str:
    """The version of the program, running or not."""
    return programs.release_of(programs.redis(home))


def start(home: Home) -> None:
    """Start the server; the lock must be held."""
    if answers(home):
        return
    if pid(home) is not None:
        stop(home)
    log = home.folder("logs") / "redis.log"
    command: list[str | Path] = [programs.redis(home), "--daemonize", "yes", "--port", "0"]
    command += ["--unixsocket", socket_path(home), "--unixsocketperm", "700"]
    command += ["--dir", home.folder("redis"), "--pidfile", _pid_file(home), "--logfile", log]
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
    """Stop it without saving; one that doesn't listen to reason is killed. The lock is held."""
    running = pid(home) or processes.listener(socket_path(home))
    if running is None:
        return
    _say(home, b"SHUTDOWN NOSAVE\r\n")
    if not processes.until(lambda: processes.gone(running), 5):
        os.kill(running, signal.SIGKILL)
        processes.until(lambda: processes.gone(running), 5)


def _pid_file(home: Home) -> Path:
    return data_folder(home) / "redis.pid"


def _say(home: Home, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(socket_path(home)))
            client.sendall(command)
            return client.recv(64)
        except OSError:
            return b""
