"""The program that forks a child for each photo to be decoded, and bounds what that may take.

Speaks with `darkroom.py` over its standard streams: a length (8 bytes, big endian) and the photo's
bytes in; a length, one byte of `Fate` and what the child wrote out. It reads no photo itself.
"""

import contextlib
import ctypes
import io
import json
import os
import resource
import select
import signal
import struct
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from PIL import ExifTags, Image

from casemgr.platform.images.darkroom import HEAD, LONG_EDGE, Fate
from casemgr.platform.images.decoding import decode
from casemgr.platform.images.metadata import metadata
from casemgr.platform.images.refusal import ImageRefused

MEMORY_MB: Final = 768
"""Address space that a child may take beyond what it starts with; 512 MB are needed at most."""
CPU_SECONDS: Final = 12
WAIT_SECONDS: Final = 18
_NO_NEW_PRIVILEGES: Final = 38
_DIE_WITH_PARENT: Final = 1
_OUT_OF_MEMORY: Final = 2
_FAULTS: Final = (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT)


def main() -> None:
    """Serve until the other end closes."""
    _rehearse()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            (length,) = HEAD.unpack(_read(HEAD.size))
            answer = in_a_child(partial(developed, _read(length)))
            _write(1, HEAD.pack(len(answer)) + answer)


def in_a_child(work: Callable[[], bytes]) -> bytes:
    """Do `work` in a confined child; its fate, and what it made if it lived."""
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_the_child(work, source, sink)
    os.close(sink)
    made = _until_closed(source, time.monotonic() + WAIT_SECONDS)
    os.close(source)
    if made is None:
        os.kill(pid, signal.SIGKILL)
    _pid, status = os.waitpid(pid, 0)
    if made is None:
        return Fate.STOPPED
    return Fate.DONE + made if status == 0 else _fate(status)


def _be_the_child(work: Callable[[], bytes], source: int, sink: int) -> None:
    code = 1
    try:
        # The streams lead to other people's photos.
        for stream in (0, 1, source):
            os.close(stream)
        _confine()
        _write(sink, work())
        code = 0
    except MemoryError:
        code = _OUT_OF_MEMORY
    finally:
        os._exit(code)


def _confine() -> None:
    """From here on nothing can be opened, no right be gained, and little be used."""
    libc = ctypes.CDLL(None)
    libc.prctl(_DIE_WITH_PARENT, int(signal.SIGKILL), 0, 0, 0)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    memory = _held() + MEMORY_MB * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    for nothing in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NOFILE):
        resource.setrlimit(nothing, (0, 0))


def _held() -> int:
    """Address space in use, in bytes."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _fate(status: int) -> bytes:
    if os.WIFEXITED(status):
        return Fate.COSTLY if os.WEXITSTATUS(status) == _OUT_OF_MEMORY else Fate.BROKE
    died_of = os.WTERMSIG(status)
    if died_of == signal.SIGXCPU:
        return Fate.COSTLY
    return Fate.BROKE if died_of in _FAULTS else Fate.STOPPED


def developed(data: bytes) -> bytes:
    """The facts as JSON after their length (4 bytes), then the pixels; or why it is refused."""
    try:
        picture = decode(data, long_edge=LONG_EDGE)
    except ImageRefused as refused:
        return _framed({"refused": refused.code, "detail": refused.detail})
    claims = metadata(data)
    taken = claims.taken_at
    facts: dict[str, object] = {
        "width": picture.width,
        "height": picture.height,
        "taken_at": taken and taken.isoformat(),
        "lat": claims.latitude,
        "lon": claims.longitude,
    }
    return _framed(facts) + picture.tobytes()


def _framed(facts: dict[str, object]) -> bytes:
    words = json.dumps(facts).encode()
    return struct.pack(">I", len(words)) + words


def _rehearse() -> None:
    """Decode a small picture of ours in each format: whatever is loaded late is loaded now."""
    Image.init()
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "2020:01:02 03:04:05"
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        out = io.BytesIO()
        with contextlib.suppress(OSError, KeyError, ValueError):  # HEIF, built without an encoder
            Image.new("RGB", (64, 64)).save(out, kind, exif=exif.tobytes())
            developed(out.getvalue())


def _until_closed(source: int, until: float) -> bytes | None:
    """All that is written before the other end closes; None where that takes too long."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([source], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        part = os.read(source, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _read(many: int) -> bytes:
    parts: list[bytes] = []
    while many:
        part = os.read(0, min(many, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        many -= len(part)
    return b"".join(parts)


def _write(sink: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(sink, left) :]


if __name__ == "__main__":
    main()
