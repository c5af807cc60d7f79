"""Photos are decoded in a process that holds nothing, may take little, and falls alone.

`decode` hands the bytes to a keeper (`keeper.py`): a small program beside each worker that has no
setting, key or connection and forks a child for each photo. The child is bounded in memory and
processor time, opens no file and no socket, and gives back nothing but pixels and what the camera
claims; every picture that is served is rebuilt from those pixels out here. Whatever happens to the
child happens to that photo alone.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image

from casemgr.platform.images.metadata import PhotoMetadata
from casemgr.platform.images.rebuilding import LONG_EDGES
from casemgr.platform.images.refusal import CODES, Code, ImageRefused

COMMAND: Final = (sys.executable, "-m", "casemgr.platform.images.keeper")
ROOT: Final = Path(__file__).resolve().parents[3]
# Seconds by the clock, on however busy a machine; a worker is stopped after 25 (settings.py).
PATIENCE: Final = 20
HEAD: Final = struct.Struct(">Q")
LONG_EDGE: Final = LONG_EDGES["reviewer"]
_MOST: Final = LONG_EDGE * LONG_EDGE * 3 + 64 * 1024


class Fate:
    """What became of a child, in one byte."""

    DONE: Final = b"D"
    COSTLY: Final = b"C"
    BROKE: Final = b"B"
    STOPPED: Final = b"S"


class DarkroomLost(Exception):
    """Nothing is said of the photo: the keeper was stopped, or the machine too busy. Try again."""


class _Keeper:
    """One keeper process, started when it is first needed."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.lock = threading.Lock()
        self._process = subprocess.Popen(  # noqa: S603 - a program of ours
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            # No secret of the site's, and one thread: more of them would each reserve memory.
            env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )

    def ask(self, data: bytes) -> bytes:
        """What the child wrote for these bytes, after its fate."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        until = time.monotonic() + PATIENCE
        try:
            self._process.stdin.write(HEAD.pack(len(data)) + data)
            self._process.stdin.flush()
        except OSError as error:
            raise DarkroomLost("the keeper took nothing") from error
        source = self._process.stdout.fileno()
        (length,) = HEAD.unpack(self._exactly(source, HEAD.size, until))
        if length > _MOST:
            raise DarkroomLost("the keeper said too much")
        return self._exactly(source, length, until)

    def _exactly(self, source: int, many: int, until: float) -> bytes:
        parts: list[bytes] = []
        while many:
            ready, _, _ = select.select([source], [], [], max(0.0, until - time.monotonic()))
            part = os.read(source, min(many, 1 << 20)) if ready else b""
            if not part:
                raise DarkroomLost("the keeper fell silent")
            parts.append(part)
            many -= len(part)
        return b"".join(parts)

    def stop(self) -> None:
        """End it and whatever it forked."""
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


_keeper: _Keeper | None = None


def decode(data: bytes) -> tuple[Image.Image, PhotoMetadata]:
    """The upright RGB picture of at most 1,024 pixels, and the camera's claims.

    Raises `ImageRefused`, with `too_costly` where the child met its limits and `unreadable` where
    the decoder broke; `DarkroomLost` where that says nothing of the photo.
    """
    told = _ask(data)
    fate, rest = told[:1], told[1:]
    if fate == Fate.COSTLY:
        raise ImageRefused("too_costly", "the decoder met its limits")
    if fate == Fate.BROKE:
        raise ImageRefused("unreadable", "the decoder broke")
    if fate != Fate.DONE:
        raise DarkroomLost("the child was stopped from outside")
    try:
        (length,) = struct.unpack_from(">I", rest)
        facts = json.loads(rest[4 : 4 + length])
        if (code := facts.get("refused")) is not None:
            raise ImageRefused(_known(code), str(facts.get("detail", ""))[:500])
        return _picture(facts, rest[4 + length :]), _claims(facts)
    except (struct.error, ValueError, KeyError, TypeError) as error:
        # A child that no longer says what it should was led astray by what it read.
        raise ImageRefused("unreadable", "the decoder said nonsense") from error


def _ask(data: bytes) -> bytes:
    global _keeper
    if _keeper is None or _keeper.owner != os.getpid():
        _keeper = _Keeper()
        atexit.register(_close)
    keeper = _keeper
    with keeper.lock:
        try:
            return keeper.ask(data)
        except BaseException:
            # Also at a worker's own time limit: half an answer would be taken for the next photo's.
            _close()
            raise


def _close() -> None:
    global _keeper
    if _keeper is not None and _keeper.owner == os.getpid():
        _keeper.stop()
    _keeper = None


def _known(code: Any) -> Code:
    if code not in CODES:
        raise ValueError("no such code")
    known: Code = code
    return known


def _picture(facts: dict[str, Any], pixels: bytes) -> Image.Image:
    width, height = int(facts["width"]), int(facts["height"])
    if not (0 < width <= LONG_EDGE and 0 < height <= LONG_EDGE):
        raise ValueError("a picture of a size that was not asked for")
    return Image.frombytes("RGB", (width, height), pixels)


def _claims(facts: dict[str, Any]) -> PhotoMetadata:
    taken = facts["taken_at"]
    place = [None if facts[name] is None else float(facts[name]) for name in ("lat", "lon")]
    return PhotoMetadata(
        taken_at=None if taken is None else datetime.fromisoformat(str(taken)),
        latitude=place[0],
        longitude=place[1],
    )
