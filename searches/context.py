"""What judging needs beside the pair, worked out from the database."""

import time
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.db import connection
from django.utils import timezone

from cases.models import LIVE_STATUSES, Case
from searches import calibrations
from searches.matching.compare.words import RAREST
from searches.matching.faces import MODELS
from searches.matching.types import Context
from searches.matching.weighing import Weighing

# Shares of words move slowly; a worker counts them again when its count is this old, in seconds,
# but spends no more than one part in COUNT_SHARE of its time on it.
COUNT_AGAIN = 60.0
COUNT_SHARE = 100
# In a larger register words are counted in a sample of about so many cases.
COUNTED_CASES = 100_000

_counted: tuple[str, float, int, Mapping[str, float], Weighing] | None = None


class CommonTokens(Mapping[str, float]):
    """Shares of a large register's cases: those that judging tells apart. Any other token has
    RAREST, below which judging makes no difference."""

    def __init__(self, shares: dict[str, float]) -> None:
        self._shares = shares

    def __getitem__(self, token: str) -> float:
        return self._shares.get(token, RAREST)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shares)

    def __len__(self) -> int:
        return len(self._shares)


def build() -> Context:
    """The context of judging now: live cases, how rare each word is, the faces' model, and how far
    the comparisons are believed."""
    live, rarity, weighing = _count()
    return Context(
        live_cases=max(live, 1),
        token_rarity=rarity,
        face_model=MODELS[settings.FACE_POPULATION],
        now=timezone.now(),
        weighing=weighing,
    )


def _count() -> tuple[int, Mapping[str, float], Weighing]:
    """How many cases are live, each token's share of them, and the calibration in use; kept until
    `COUNT_AGAIN`."""
    global _counted
    database = connection.settings_dict["NAME"]
    started = time.monotonic()
    if _counted and _counted[0] == database and started < _counted[1]:
        return _counted[2:]
    live = Case.objects.live().count()
    rarity = _shares(live)
    took = time.monotonic() - started
    again = started + max(COUNT_AGAIN, COUNT_SHARE * took)
    weighing = calibrations.current()
    _counted = (database, again, live, rarity, weighing)
    return live, rarity, weighing


def _shares(live: int) -> Mapping[str, float]:
    """Each token's share of the live cases."""
    large = live * RAREST >= 1
    part = min(100.0, 100.0 * COUNTED_CASES / max(live, 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH counted AS MATERIALIZED (
                SELECT tokens FROM {Case._meta.db_table} TABLESAMPLE SYSTEM (%s)
                WHERE status = ANY(%s)
            ), size AS (SELECT greatest(count(*), 1) AS cases FROM counted)
            SELECT token, count(*)::float / cases FROM counted, unnest(tokens) AS token, size
            GROUP BY token, cases HAVING count(*) > %s * cases
            """,  # noqa: S608 - our own table
            [part, list(LIVE_STATUSES), RAREST if large else 0.0],
        )
        shares = dict(cursor.fetchall())
    return CommonTokens(shares) if large else shares
