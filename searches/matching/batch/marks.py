"""Marks, for whole columns: cases with a mark that goes with one told are paired off, all others
have theirs only counted."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from casemgr.platform.text import tokens
from searches.matching.batch.columns import Columns, Flags
from searches.matching.batch.columns import Marks as Filed
from searches.matching.batch.lookup import Indices, Rows
from searches.matching.batch.pack import keys_of_tokens
from searches.matching.compare import marks
from searches.matching.maths import Array
from searches.matching.types import Context, Mark, SightingProfile


class Pairs(NamedTuple):
    """Marks on file (by number) and marks told (by position) that go together."""

    mine: Indices
    theirs: Indices
    bits: Array

    def at(self, chosen: Indices | Flags) -> "Pairs":
        """Some of the pairs."""
        return Pairs(self.mine[chosen], self.theirs[chosen], self.bits[chosen])


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    told = marks.told_marks(sighting)
    if not told and not (sighting.description or sighting.memories):
        return None
    filed = columns.marks
    agreeing, opposite = _pairs(filed, told, context)
    agreeing = _best(filed, agreeing)
    opposite = _left(filed, opposite, agreeing, len(told))
    agreed = np.zeros(columns.size)
    np.add.at(agreed, filed.rows[agreeing.mine], agreeing.bits)
    agrees, differs = np.zeros((2, columns.size), dtype=np.bool_)
    agrees[filed.rows[agreeing.mine]] = True
    differs[filed.rows[opposite.mine]] = True
    unseen, unfiled = _unmet(columns, sighting.kind, told, agreeing, opposite)
    bits = marks.weigh(
        agreed,
        agrees,
        differs,
        marks.unseen_bits(unseen, bool(told), sighting.kind),
        marks.unfiled_bits(unfiled),
    )
    return np.where(filed.filed > 0, bits, 0.0)


def _pairs(filed: Filed, told: tuple[Mark, ...], context: Context) -> tuple[Pairs, Pairs]:
    """All pairs that agree, and all that differ in side alone."""
    agreeing, opposite = [], []
    for position, theirs in enumerate(told):
        worth = np.full(len(filed.sorts), np.nan)
        needs_words = np.zeros(len(filed.sorts), dtype=np.bool_)
        for number, mine in enumerate(filed.sorts):
            bits = marks.held_together(mine, theirs)
            if bits is not None:
                worth[number] = bits
                needs_words[number] = marks.needs_words(mine, theirs)
        met = np.flatnonzero(~np.isnan(worth)[filed.sort])
        bits_met = worth[filed.sort[met]]
        other_side = bits_met == marks.OTHER_SIDE
        found = Pairs(met, np.full(len(met), position), bits_met)
        opposite.append(found.at(other_side))
        words = _words_bits(filed, theirs, context)[met]
        agrees = ~other_side & (~needs_words[filed.sort[met]] | (words > 0))
        agreeing.append(found._replace(bits=bits_met + words).at(agrees))
    return _joined(agreeing), _joined(opposite)


def _words_bits(filed: Filed, theirs: Mark, context: Context) -> Array:
    """Bits, for every mark on file, of the rarest word that it shares with one told."""
    words = list(tokens(theirs.text)) if theirs.text else []
    share = np.array([marks.share_of(word, context.token_rarity) for word in words])
    which, numbers = filed.lookup.find(keys_of_tokens(words))
    rarest = np.ones(len(filed.rows))
    np.minimum.at(rarest, numbers, share[which])
    return marks.words_bits(rarest)


def _joined(found: list[Pairs]) -> Pairs:
    """All the pairs in one."""
    if not found:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Pairs(
        np.concatenate([pairs.mine for pairs in found]),
        np.concatenate([pairs.theirs for pairs in found]),
        np.concatenate([pairs.bits for pairs in found]),
    )


def _best(filed: Filed, pairs: Pairs) -> Pairs:
    """Of each case the best pair, then the best of the marks that are left, and so on."""
    alone = np.bincount(filed.rows[pairs.mine])[filed.rows[pairs.mine]] == 1
    chosen, left = [pairs.at(alone)], pairs.at(~alone)
    left = left.at(np.lexsort((left.theirs, left.mine, -left.bits, filed.rows[left.mine])))
    while len(left.mine):
        rows = filed.rows[left.mine]
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        chosen.append(left.at(first))
        taken = np.repeat(first, np.diff(first, append=len(rows)))
        free = (left.mine != left.mine[taken]) & (left.theirs != left.theirs[taken])
        left = left.at(free)
    return _joined(chosen)


def _left(filed: Filed, opposite: Pairs, agreeing: Pairs, told: int) -> Pairs:
    """Pairs that differ in side, of marks that agree with no other."""
    if not len(opposite.mine):
        return opposite
    taken = _seats(filed.rows[agreeing.mine], agreeing.theirs, told)
    free = ~np.isin(opposite.mine, agreeing.mine)
    free &= ~np.isin(_seats(filed.rows[opposite.mine], opposite.theirs, told), taken)
    return opposite.at(free)


def _unmet(
    columns: Columns, kind: str, told: tuple[Mark, ...], agreeing: Pairs, opposite: Pairs
) -> tuple[Array, Array]:
    """How many of each case's marks a sighting of that kind should have told of and does not, and
    how many inborn ones it tells of that are not on file."""
    filed = columns.marks
    every = marks.knows_the_body(kind)
    in_sight = np.array(
        [every or sort.body_part in marks.SEEN_CLOTHED for sort in filed.sorts], dtype=np.bool_
    )
    both = _joined([agreeing, opposite])
    mine = np.zeros(len(filed.rows), dtype=np.bool_)
    mine[both.mine] = True
    mine &= in_sight[filed.sort]
    met = np.bincount(filed.rows[mine], minlength=columns.size)
    unseen = (filed.filed if every else filed.in_sight).astype(np.float64) - met
    inborn = np.array([mark.kind in marks.INBORN for mark in told], dtype=np.bool_)
    both = both.at(inborn[both.theirs])
    seats = np.unique(_seats(filed.rows[both.mine], both.theirs, len(told)))
    met = np.bincount(seats // max(1, len(told)), minlength=columns.size)
    unfiled: Array = np.count_nonzero(inborn) - met.astype(np.float64)
    return unseen, unfiled


def _seats(rows: Rows, theirs: Indices, told: int) -> NDArray[np.int64]:
    """One number for a case and a mark told."""
    return rows.astype(np.int64) * told + theirs
