"""One request to a partner's address: pinned, without redirects, short, and cut off in time."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from casemgr.platform.partners.addresses import NotPublic, Target, resolve

SECONDS: Final = 15.0
MOST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went. `outcome`: answered, not_public, no_such_name, timeout, tls, connection or
    too_large. What the receiver said beyond its status is thrown away.
    """

    outcome: str
    status: int | None = None
    retry_after: int | None = None
    milliseconds: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the receiver has it; a redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was looked at, whatever the name says by now."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self.target = target

    def connect(self) -> None:
        """To that address alone; asked once more of the socket itself."""
        target = self.target
        self.sock = socket.create_connection((target.address, target.port), timeout=SECONDS)
        if ip_address(self.sock.getpeername()[0]) != ip_address(target.address):
            raise NotPublic
        if target.tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=target.host)

    def cut(self) -> None:
        """End whatever is going on, from another thread."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def send(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """POST `body`; never raises for anything that the other side does."""
    began = time.monotonic()
    outcome, status, retry_after = _send(url, body, headers)
    return Answer(outcome, status, retry_after, round((time.monotonic() - began) * 1000))


def _send(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[str, int | None, int | None]:
    try:
        connection = _Pinned(resolve(url))
    except (NotPublic, ValueError):
        return "not_public", None, None
    except OSError:
        return "no_such_name", None, None
    # Each read may wait for a while; this ends a receiver that drips for ever.
    watch = threading.Timer(SECONDS, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", connection.target.path, body, dict(headers))
        response = connection.getresponse()
        if len(response.read(MOST_BYTES + 1)) > MOST_BYTES:
            return "too_large", None, None
        return "answered", response.status, _seconds(response.headers.get("Retry-After"))
    except NotPublic:
        return "not_public", None, None
    except TimeoutError:
        return "timeout", None, None
    except ssl.SSLError:
        return "tls", None, None
    except (OSError, http.client.HTTPException):
        return ("connection" if watch.is_alive() else "timeout"), None, None
    finally:
        watch.cancel()
        connection.close()


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None
