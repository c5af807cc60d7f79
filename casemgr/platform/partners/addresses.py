"""Where a webhook may lead: https, port 443, and only to addresses of the public internet.

Names are resolved once, every answer is looked at, and the connection goes to the address that was
looked at. So a name that answers otherwise the next time gains nothing.
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import Invalid

Address = IPv4Address | IPv6Address
LONGEST: Final = 500
# Ranges that the standard library calls global, or that carry an address of version 4 within.
_NOT_PUBLIC: Final = [
    ip_network(text)
    for text in (
        *("192.88.99.0/24", "192.0.0.0/24", "::/96", "::ffff:0:0/96", "64:ff9b::/96"),
        *("64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "3fff::/20", "5f00::/16"),
        *("fec0::/10", "fc00::/7", "fe80::/10"),
    )
]


class NotPublic(Exception):
    """The name leads to an address that nothing of ours may be sent to."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes: the address to connect to, and the name it is asked for."""

    address: str
    host: str
    port: int
    path: str
    tls: bool


def check_url(url: str) -> None:
    """Raise Invalid unless the URL has a form that events may be sent to; resolves nothing."""
    try:
        _parse(url)
    except (ValueError, UnicodeError):
        words = _("Give an https:// address on port 443, without a name or password in it.")
        raise Invalid({"url": ("invalid_url", words)}) from None
    except NotPublic:
        words = _("Only addresses of the public internet can be used.")
        raise Invalid({"url": ("not_public", words)}) from None


def resolve(url: str) -> Target:
    """Where a request to `url` goes now. Raises NotPublic, ValueError, OSError (no such name)."""
    host, port, path, tls = _parse(url)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise NotPublic
    for address in addresses:
        if not is_public(address) and not (not tls and _is_local(address)):
            raise NotPublic
    return Target(str(addresses[0]), host, port, path, tls)


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could be asked at this address."""
    if address.is_multicast or address.is_unspecified or not address.is_global:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def _parse(url: str) -> tuple[str, int, str, bool]:
    if len(url) > LONGEST or any(ord(character) < 33 for character in url) or "\\" in url:
        raise ValueError("not an address")
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode().rstrip(".")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("not an address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path.encode("ascii")
    if settings.WEBHOOKS_LOCAL and parts.scheme == "http" and host in ("127.0.0.1", "localhost"):
        return host, parts.port or 80, path, False
    if parts.scheme != "https" or parts.port not in (None, 443):
        raise ValueError("not an address")
    try:
        literal = ip_address(host)
    except ValueError:
        return host, 443, path, True
    if not is_public(literal):
        raise NotPublic
    return host, 443, path, True


def _is_local(address: Address) -> bool:
    """This machine, where a demo or a programmer's own site sends to."""
    return bool(settings.WEBHOOKS_LOCAL) and address.is_loopback
