"""What is limited, by whom it is counted, and how much of it there may be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

LONGEST_WINDOW: Final = 86_400
"""Seconds. Counters live as long as their window; nothing about an address outlives a day."""
OFF: Final = "off"
"""The setting of a policy that limits nothing."""


class Scope(StrEnum):
    """Whose uses one bucket counts together."""

    ACCOUNT = "account"
    ADDRESS = "address"
    NETWORK = "network"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Bucket:
    """At most `limit` uses of `policy` in `seconds`, counted from the first use."""

    policy: str
    scope: Scope
    limit: int
    seconds: int


_BUCKET = re.compile(r"(account|address|network|everyone):(\d{1,9})/(\d{1,6})")


def buckets(policy: str) -> tuple[Bucket, ...]:
    """The buckets of one policy of `settings.LIMITS`; none for a policy that is switched off."""
    return _parse(policy, settings.LIMITS[policy])


@lru_cache(maxsize=64)
def _parse(policy: str, text: str) -> tuple[Bucket, ...]:
    found: list[Bucket] = []
    for part in () if text == OFF else text.split():
        matched = _BUCKET.fullmatch(part)
        limit, seconds = (int(matched[2]), int(matched[3])) if matched else (0, 0)
        if matched is None or limit < 1 or not 1 <= seconds <= LONGEST_WINDOW:
            raise ImproperlyConfigured(
                f"LIMIT_{policy.upper()}: {part!r} should read scope:uses/seconds, as in "
                f"address:90/60, with a scope of {', '.join(Scope)} and at most "
                f"{LONGEST_WINDOW} seconds."
            )
        found.append(Bucket(policy, Scope(matched[1]), limit, seconds))
    if len({bucket.scope for bucket in found}) < len(found):
        raise ImproperlyConfigured(f"LIMIT_{policy.upper()} names one scope twice.")
    return tuple(found)


def check_all(limits: Mapping[str, str]) -> None:
    """Raise ImproperlyConfigured for the first policy that can't be read."""
    for policy, text in limits.items():
        _parse(policy, text)
