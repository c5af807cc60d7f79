"""Which owners (cases, names, marks) hold which 64-bit keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Keys: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.int32]
Indices: TypeAlias = NDArray[np.int64]

SCANNED: Final = 400_000
"""Entries up to which reading all of them costs less than sorting them once."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Entries (key, owner). Sorted by key with `offsets` of each distinct one, or as they came."""

    keys: Keys
    owners: Rows
    offsets: Indices | None

    def find(self, wanted: Keys) -> tuple[Indices, Rows]:
        """Every entry of a wanted key: the key's position in `wanted` (distinct), and the owner."""
        if not len(wanted) or not len(self.keys):
            return np.empty(0, np.int64), np.empty(0, np.int32)
        if self.offsets is None:
            return self._scan(wanted)
        at = np.searchsorted(self.keys, wanted)
        at[at == len(self.keys)] = 0
        which = np.flatnonzero(self.keys[at] == wanted)
        start = self.offsets[at[which]]
        count = self.offsets[at[which] + 1] - start
        return np.repeat(which, count), self.owners[ranges(start, count)]

    def _scan(self, wanted: Keys) -> tuple[Indices, Rows]:
        order = np.argsort(wanted)
        ordered = wanted[order]
        # The last sixteen bits tell nearly all of the others apart, at the price of one look.
        ends = np.zeros(1 << 16, dtype=bool)
        ends[(wanted & np.uint64(0xFFFF)).astype(np.intp)] = True
        near = np.flatnonzero(ends[self.keys.astype("<u8", copy=False).view("<u2")[::4]])
        at = np.searchsorted(ordered, self.keys[near])
        at[at == len(ordered)] = 0
        same = ordered[at] == self.keys[near]
        return order[at[same]], self.owners[near[same]]


def lookup_of(keys: Sequence[Keys], owners: Sequence[Rows]) -> Lookup:
    """A lookup of entries that come in blocks, owners rising."""
    total = sum(map(len, keys))
    if total <= SCANNED:
        no_keys, no_owners = np.empty(0, np.uint64), np.empty(0, np.int32)
        return Lookup(np.concatenate((no_keys, *keys)), np.concatenate((no_owners, *owners)), None)
    distinct = np.unique(np.concatenate([np.unique(block) for block in keys]))
    codes = [np.searchsorted(distinct, block).astype(np.int32) for block in keys]
    counts = sum(
        (np.bincount(block, minlength=len(distinct)) for block in codes),
        np.zeros(len(distinct), np.int64),
    )
    offsets = np.concatenate(([0], np.cumsum(counts)))
    sorted_owners = np.empty(total, np.int32)
    free = offsets[:-1].copy()
    for block, owner in zip(codes, owners, strict=True):
        order = np.argsort(block, kind="stable")
        ordered = block[order]
        first = np.searchsorted(ordered, ordered)
        sorted_owners[free[ordered] + np.arange(len(ordered)) - first] = owner[order]
        free += np.bincount(block, minlength=len(distinct))
    return Lookup(distinct, sorted_owners, offsets)


def ranges(start: NDArray[np.integer], count: NDArray[np.integer]) -> Indices:
    """The numbers start, start + 1, … of each range, one range after the other."""
    count = count.astype(np.int64)
    ends = np.cumsum(count)
    shift = np.repeat(start.astype(np.int64) - ends + count, count)
    return shift + np.arange(len(shift))
