"""How much one account, one address, one network and everybody may do (docs/limits.md).

Use `enforce` where a refusal is an answer, and `turn` where nothing may be refused: reports of a
child are taken in whatever the counters say, and only wait longer for their turn.
"""

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import DomainError
from casemgr.platform.limits.policies import buckets, check_all
from casemgr.platform.limits.sources import Source, source_of
from casemgr.platform.limits.store import Full, StoreDown, store

__all__ = ["Source", "TooMany", "Unavailable", "check_all", "enforce", "source_of", "spend", "turn"]

# What is closed while nobody counts; everything else stays open.
CLOSED_WHEN_DOWN: Final = frozenset({"sign_in"})
# How long a source's turns in the slow lane are counted on, in seconds.
TURNS_SECONDS: Final = 3_600


class TooMany(DomainError):
    """Come back later; `headers` say when, and what the limit is."""

    status = 429

    def __init__(self, full: Full) -> None:
        words = _(
            "So much is asked from where you are that we have to slow down. Please go on in "
            "%(seconds)s seconds. What you have told us before is safe."
        )
        super().__init__("throttled", words % {"seconds": full.seconds})
        bucket = full.bucket
        self.headers = {
            "Retry-After": str(full.seconds),
            "RateLimit-Policy": f'"{bucket.policy}";q={bucket.limit};w={bucket.seconds}',
            "RateLimit": f'"{bucket.policy}";r=0;t={full.seconds}',
        }


class Unavailable(DomainError):
    """Without counters this is closed: it would be open to guessing."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "unavailable",
            _("Signing in is closed for a moment. Reports of a child still come in as always."),
        )
        self.headers = {"Retry-After": "10"}


def enforce(request: HttpRequest, policy: str, *, amount: int = 1, account: str = "") -> None:
    """Count `amount` uses of `policy` by whoever asks, or raise TooMany.

    `account` names one that nobody is signed in to yet. Raises Unavailable where the counters can't
    be reached and the policy is one that must not go uncounted.
    """
    try:
        full = spend(source_of(request, account=account), {policy: amount})
    except StoreDown:
        if policy in CLOSED_WHEN_DOWN:
            raise Unavailable from None
        return
    if full is not None:
        raise TooMany(full)


def turn(source: Source, amounts: Mapping[str, int]) -> int | None:
    """None within the limits; beyond them, or uncounted, the source's next turn in the slow lane.

    Turns start at 1. Without counters all sources share the first.
    """
    try:
        if spend(source, amounts) is None:
            return None
        return store().count("turns", source, seconds=TURNS_SECONDS)
    except StoreDown:
        return 1


def spend(source: Source, amounts: Mapping[str, int]) -> Full | None:
    """Count every amount, or none where a bucket has no room for it. Raises StoreDown."""
    asked = [(bucket, n) for policy, n in amounts.items() for bucket in buckets(policy)]
    return store().spend(source, asked)
