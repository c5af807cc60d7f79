"""What judging needs beside the pair, worked out from the database."""

import time
from collections.abc import Mapping

from django.conf import settings
from django.db import connection
from django.utils import timezone

from cases.models import LIVE_STATUSES, Case
from searches.matching.faces import MODELS
from searches.matching.types import Context

# Shares of words move slowly; a worker counts them again when its count is this old, in seconds.
COUNT_AGAIN = 60.0

_counted: tuple[str, float, int, Mapping[str, float]] | None = None


def build() -> Context:
    """The context of judging now: live cases, how rare each word is, and the faces' model."""
    live, rarity = _count()
    return Context(
        live_cases=max(live, 1),
        token_rarity=rarity,
        face_model=MODELS[settings.FACE_POPULATION],
        now=timezone.now(),
    )


def _count() -> tuple[int, Mapping[str, float]]:
    """How many cases are live, and each token's share of them; kept for COUNT_AGAIN seconds."""
    global _counted
    database = connection.settings_dict["NAME"]
    now = time.monotonic()
    if _counted and _counted[0] == database and now - _counted[1] < COUNT_AGAIN:
        return _counted[2], _counted[3]
    live = Case.objects.live().count()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT token, count(*) FROM {Case._meta.db_table}, unnest(tokens) AS token
            WHERE status = ANY(%s) GROUP BY token
            """,  # noqa: S608 - our own table
            [list(LIVE_STATUSES)],
        )
        rarity = {token: count / max(live, 1) for token, count in cursor.fetchall()}
    _counted = (database, now, live, rarity)
    return live, rarity
