"""Who is asking, as far as limits need to know: an account, or where the request came from.

An address is never written anywhere. It becomes a keyed digest as soon as it is read, and the key
is forgotten within a day (see `store`).
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from casemgr.platform.access import Program
from casemgr.platform.limits.policies import Scope

UNKNOWN: Final = "unknown"
"""Where a request came from without an address, as over a Unix socket with no proxy before it."""

# One subscriber's share: an IPv6 address says no more than its /64.
_V6_SUBSCRIBER: Final = 64
# One provider's neighbourhood, for crawlers that have many addresses side by side.
_V4_NETWORK: Final = 24
_V6_NETWORK: Final = 48


@dataclass(frozen=True, slots=True)
class Source:
    """Whom to count: whichever of the three are known. Buckets of the others are passed over."""

    account: str = ""
    address: str = ""
    network: str = ""

    def value(self, scope: Scope) -> str:
        """What the scope's counter is kept by; '' where the source has no such thing."""
        return "all" if scope is Scope.EVERYONE else str(getattr(self, scope.value))

    @property
    def fairest(self) -> tuple[Scope, str]:
        """The one thing by which this source is told apart from others."""
        if self.account:
            return Scope.ACCOUNT, self.account
        return Scope.ADDRESS, self.address


def source_of(request: HttpRequest, *, account: str = "") -> Source:
    """The signed-in account or a partner's program alone, else the address; with `account`, that
    and the address.

    An account is not counted by address: a whole office may sit behind one.
    """
    program: Program | None = getattr(request, "program", None)
    if program is not None:
        return Source(account=f"client:{program.client_id}")
    user = getattr(request, "user", None)
    if not account and user is not None and user.is_authenticated:
        return Source(account=str(user.pk))
    address = client_address(request)
    if address is None:
        return Source(account=account, address=UNKNOWN, network=UNKNOWN)
    return Source(account=account, address=subscriber(address), network=neighbourhood(address))


def client_address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """The address that the outermost of our own proxies saw.

    Each proxy appends whom it heard from to X-Forwarded-For, so the last `TRUSTED_PROXIES` entries
    are ours, and whatever a client wrote stands to the left of them and is not read.
    """
    trusted: int = settings.TRUSTED_PROXIES
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    if trusted == 0:
        return peer
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return (_address(hops[-trusted]) if len(hops) >= trusted else None) or peer


def subscriber(address: IPv4Address | IPv6Address) -> str:
    """The address, or an IPv6 address's /64."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _V6_SUBSCRIBER), strict=False))
    return str(address)


def neighbourhood(address: IPv4Address | IPv6Address) -> str:
    """The /24 or, for IPv6, the /48."""
    prefix = _V6_NETWORK if isinstance(address, IPv6Address) else _V4_NETWORK
    return str(ip_network((address, prefix), strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
