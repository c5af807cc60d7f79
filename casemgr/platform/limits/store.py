"""Counters in Redis's memory. Checking and counting is one script, so no crowd can slip past.

Keys hold digests under a salt that is drawn at random, kept in the same memory and gone after a
day; with it goes the last way to tell whose counters they were. A process remembers the salt for a
minute, to save a question with each request.
"""

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from casemgr.platform.limits.policies import LONGEST_WINDOW, Bucket, Scope
from casemgr.platform.limits.sources import Source

log = logging.getLogger("homeward.limits")

# A store that hangs must hold up nobody for long, and only one of its askers at a time.
ANSWER_SECONDS: Final = 1.0
QUIET_SECONDS: Final = 5.0
CONNECTIONS: Final = 16
SALT_REMEMBERED_SECONDS: Final = 60.0

# KEYS: one counter a bucket. ARGV: for each its limit, its seconds and how much is asked for.
# Counts either in all of them or in none. Answers which bucket refused (0: none) and the
# milliseconds until that one starts anew.
_SPEND: Final = """
for i, key in ipairs(KEYS) do
  local limit, asked = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i])
  if tonumber(redis.call('GET', key) or '0') + asked > limit then
    return {i, redis.call('PTTL', key)}
  end
end
for i, key in ipairs(KEYS) do
  local asked = tonumber(ARGV[3 * i])
  if redis.call('INCRBY', key, asked) == asked then
    redis.call('EXPIRE', key, ARGV[3 * i - 1])
  end
end
return {0, 0}
"""
_COUNT: Final = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""
_SALT: Final = """
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2])
return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}
"""


class StoreDown(Exception):
    """The counters can't be reached; nothing was counted."""


@dataclass(frozen=True, slots=True)
class Full:
    """A bucket that had no room for what was asked, and the seconds until it starts anew."""

    bucket: Bucket
    seconds: int


class Store:
    """One Redis. Use `store()`; it is kept for the life of the process."""

    def __init__(self, url: str) -> None:
        lines: Any = redis.BlockingConnectionPool.from_url(
            _plain(url),
            # Threads beyond these wait for a free line instead of opening one more.
            max_connections=CONNECTIONS,
            timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            # A line that the server has closed meanwhile is opened again, once.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        self._redis: Any = redis.Redis(connection_pool=lines)
        self._spend = self._redis.register_script(_SPEND)
        self._count = self._redis.register_script(_COUNT)
        self._draw = self._redis.register_script(_SALT)
        self._salt: tuple[str, bytes, float] = ("", b"", 0.0)
        self._quiet_until = 0.0

    def spend(self, source: Source, asked: Sequence[tuple[Bucket, int]]) -> Full | None:
        """Count each amount in its bucket if all have room; else None of them. Raises StoreDown.

        Buckets that don't apply to the source are passed over.
        """
        counted = [(b, amount) for b, amount in asked if amount and source.value(b.scope)]
        if not counted:
            return None
        keys = [self._key(b.policy, b.scope, source.value(b.scope)) for b, _amount in counted]
        numbers = [number for b, amount in counted for number in (b.limit, b.seconds, amount)]
        refused, milliseconds = self._ask(self._spend, keys, numbers)
        if not refused:
            return None
        bucket = counted[refused - 1][0]
        left = milliseconds if milliseconds > 0 else bucket.seconds * 1000
        return Full(bucket, -(-left // 1000))

    def count(self, what: str, source: Source, *, seconds: int) -> int:
        """How many times this was called for the source in the window, this one included."""
        scope, value = source.fairest
        return int(self._ask(self._count, [self._key(what, scope, value)], [seconds]))

    def _key(self, what: str, scope: Scope, value: str) -> str:
        digest = hmac.new(self._today(), f"{scope}|{value}".encode(), hashlib.sha256).hexdigest()
        return f"{settings.LIMITS_PREFIX}limit:{what}:{scope}:{digest[:32]}"

    def _today(self) -> bytes:
        key = f"{settings.LIMITS_PREFIX}limit:salt"
        held_for, salt, until = self._salt
        if held_for == key and time.monotonic() < until:
            return salt
        began = time.monotonic()
        drawn = self._ask(self._draw, [key], [secrets.token_hex(32), LONGEST_WINDOW])
        left = min(SALT_REMEMBERED_SECONDS, drawn[1] / 1000)
        self._salt = (key, bytes(drawn[0]), began + left)
        return self._salt[1]

    def _ask(self, script: Any, keys: list[str], numbers: list[Any]) -> Any:
        if time.monotonic() < self._quiet_until:
            raise StoreDown
        try:
            return script(keys=keys, args=numbers)
        except (redis.RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + QUIET_SECONDS
            log.warning("the limits' counters can't be reached: %s", type(error).__name__)
            raise StoreDown from error


def store() -> Store:
    """The Redis that `settings.LIMITS_URL` names."""
    return _store(settings.LIMITS_URL)


@lru_cache(maxsize=4)
def _store(url: str) -> Store:
    return Store(url)


def _plain(url: str) -> str:
    """Celery's `redis+socket://` as redis-py spells it."""
    return url.replace("redis+socket://", "unix://", 1)
