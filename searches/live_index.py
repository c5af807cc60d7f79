"""Every live case in this process's memory, weighed roughly against a sighting at once.

What is in memory only proposes: each case it brings up is read from the database before it is
judged. So a case that changed or went since costs a place among the proposals, never a wrong match;
and a case prepared after the last look is found by the transaction that wrote it.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log2
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from searches import prepared
from searches.matching.batch.building import columns_of
from searches.matching.batch.index import Index
from searches.matching.batch.shortlist import shortlist
from searches.matching.score import WEAK, prior_bits
from searches.matching.types import Context, SightingProfile

log = logging.getLogger("homeward.matching")

PROPOSED = 500
"""Cases proposed for one sighting. At a million cases, 200 held 0.966 of the ten heaviest, 500 held
0.980, 1,000 held 0.997; each hundred costs about two milliseconds."""
SLACK_BITS = 4.0
"""How far below the weakest band a rough weight may lie: it leaves out some bits for a case."""
RECENT = 1_000
"""So many changed cases are built anew with each change; more are set aside with older changes."""
GROWN = 0.25
RELOADED = 150_000
"""Once that share of the cases has changed, all are loaded anew, where they are no more than can be
loaded within one job; a larger register's workers do so when they start."""


@dataclass(frozen=True, slots=True)
class _Level:
    """Some cases, by the rows of their index."""

    ids: NDArray[np.void]
    index: Index

    @classmethod
    def of(cls, cases: Iterable[tuple[UUID, bytes]]) -> "_Level":
        ids: list[bytes] = []

        def packed() -> Iterable[bytes]:
            for case_id, one in cases:
                ids.append(case_id.bytes)
                yield one

        columns = columns_of(packed(), likenesses=False)
        return cls(np.array(ids, "V16"), Index.of(columns))

    def propose(
        self, sighting: SightingProfile, context: Context, least: float
    ) -> Iterable[tuple[float, UUID]]:
        if not len(self.ids):
            return
        rows, bits = shortlist(self.index, sighting, context, least=least, count=PROPOSED)
        for row, worth in zip(rows.tolist(), bits.tolist(), strict=True):
            yield worth, UUID(bytes=self.ids[row].tobytes())


@dataclass(slots=True)
class LiveIndex:
    """The cases as they were when loaded, and levels of what changed since."""

    horizon: int = 0
    seen: set[tuple[UUID, int]] = field(default_factory=set)
    older: dict[UUID, bytes] = field(default_factory=dict)
    recent: dict[UUID, bytes] = field(default_factory=dict)
    levels: list[_Level] = field(default_factory=list)

    def refresh(self) -> None:
        """Take in whatever was prepared since the last look, or everything at the first."""
        horizon = prepared.horizon()
        if not self.levels:
            self._load(horizon)
            return
        found = set(prepared.changed_since(self.horizon))
        fresh = {case_id for case_id, _ in found - self.seen}
        self.horizon, self.seen = horizon, found
        if fresh:
            self._take_in(prepared.read(fresh))

    def _take_in(self, fresh: dict[UUID, bytes]) -> None:
        self.recent |= fresh
        if len(self.recent) > RECENT:
            self.older |= self.recent
            self.recent = {}
            loaded = len(self.levels[0].ids)
            if len(self.older) > GROWN * loaded and loaded <= RELOADED:
                self._load(self.horizon)
                return
            self.levels[1] = _Level.of(self.older.items())
        self.levels[2] = _Level.of(self.recent.items())

    def _load(self, horizon: int) -> None:
        started = time.monotonic()
        self.older, self.recent = {}, {}
        self.horizon, self.seen = horizon, set(prepared.changed_since(horizon))
        self.levels = [_Level.of(prepared.every()), _Level.of(()), _Level.of(())]
        loaded = len(self.levels[0].ids)
        log.info("%d cases loaded in %.1f s", loaded, time.monotonic() - started)

    def propose(self, sighting: SightingProfile, context: Context) -> set[UUID]:
        """Cases that are most likely to weigh enough to be kept."""
        least = log2(WEAK / (1 - WEAK)) - prior_bits(context) - SLACK_BITS
        found = [one for level in self.levels for one in level.propose(sighting, context, least)]
        return {case_id for _, case_id in sorted(found, reverse=True)[:PROPOSED]}


_held: tuple[str, LiveIndex] | None = None


def propose(sighting: SightingProfile, context: Context) -> set[UUID]:
    """Ids of live cases that sighting is most likely of, by all that is told in words."""
    index = _of_this_database()
    index.refresh()
    return index.propose(sighting, context)


def load() -> int:
    """Prepare what is not, and load everything, before work comes. Returns how many were prepared.

    A worker does so before it divides, so that its processes share one copy.
    """
    behind = prepared.catch_up()
    _of_this_database().refresh()
    return behind


def _of_this_database() -> LiveIndex:
    global _held
    database = str(connection.settings_dict["NAME"])
    if _held is None or _held[0] != database:
        _held = database, LiveIndex()
    return _held[1]
