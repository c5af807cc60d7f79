"""Look at server processes: who listens on a socket, and is a noted process number still ours."""

import os
import re
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path


def listener(path: Path) -> int | None:
    """The process that listens on a Unix socket, as the kernel knows it; None if nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
        except OSError:
            return None
        size = struct.calcsize("3i")
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        pid, _uid, _gid = struct.unpack("3i", credentials)
        return int(pid)


def noted(pid_file: Path) -> int | None:
    """The process number on a file's first line."""
    try:
        return int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def runs(pid: int | None, program: str, argument: Path) -> bool:
    """Whether the process is alive and is `program` started with `argument`.

    After a restart of the machine an old number may belong to anything, so the number alone
    proves nothing.
    """
    if pid is None:
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    # A blank instead of a NUL ends the program's name when Redis has rewritten its command line.
    is_program = re.match(rb"[^\0]*/%b[\0 ]" % program.encode(), command)
    return is_program is not None and os.fsencode(argument) in command


def find(program: str, argument: Path, *, owner: int) -> list[int]:
    """The processes of user `owner` that are `program` started with `argument`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and runs(int(entry.name), program, argument):
            try:
                if entry.stat().st_uid == owner:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def exists(pid: int) -> bool:
    """Whether the number is taken, be it by a dead process that waits to be reaped."""
    return Path(f"/proc/{pid}").exists()


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for `condition`, and say whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    """Whether no such process is left (one that only waits to be reaped counts as gone)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return True
    return state[0] == "Z"
