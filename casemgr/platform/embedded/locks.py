"""One process at a time starts or stops the embedded servers of a data folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from casemgr.platform.embedded.home import EmbeddedUnavailable, Home

PATIENCE_SECONDS: Final = 150


@contextmanager
def exclusive(home: Home) -> Iterator[None]:
    """Hold the folder's lock; the kernel frees it when the holder dies, however it dies."""
    path = home.data / "embedded.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if home.account is not None:
            os.fchown(descriptor, home.account.uid, home.account.gid)
        _wait_for(descriptor)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedUnavailable(
                    f"another command has been starting or stopping the servers for "
                    f"{PATIENCE_SECONDS} seconds; look for one that hangs"
                ) from None
            time.sleep(0.05)
        else:
            return
