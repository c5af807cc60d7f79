"""Shared words, for whole columns: only cases that hold a word of the sighting are looked at."""

from typing import Final

import numpy as np

from searches.matching.batch.columns import Columns
from searches.matching.batch.lookup import Indices, Rows
from searches.matching.batch.pack import keys_of_tokens
from searches.matching.compare import words
from searches.matching.maths import Array, log2
from searches.matching.types import Context, SightingProfile

_WEIGHT_BITS: Final = 36
_HEAVIEST: Final = 16.0
"""A case and one word's weight share a 64-bit number, to be sorted together: the weight below
16 bits, as a fixed-point number of 36 binary places."""


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    told = words.told_tokens(sighting)
    if not told:
        return None
    told = told - words.weighed_elsewhere(sighting, sighting.place, sighting.separated_from)
    free = [token for token in told if words.is_free_word(token)]
    named = np.array([token.startswith("t:") for token in free], dtype=np.bool_)
    share = np.array([words.share_of(token, context.token_rarity) for token in free])
    # A word that so many use cannot speak for any case, however short its account.
    telling = np.flatnonzero(share < np.where(named, words.LIKELIEST_TERM, words.LIKELIEST))
    found = np.zeros(columns.size)
    if not len(telling):
        return found
    keys = keys_of_tokens([free[number] for number in telling.tolist()])
    which, rows = columns.words.lookup.find(keys)
    named, share = named[telling][which], share[telling][which]
    plain, term = words.mentions(
        columns.words.accounts[rows].astype(np.float64),
        columns.words.terms[rows].astype(np.float64),
    )
    again = np.where(named, term, plain)
    heavy = share < again
    cases, bits = _added(rows[heavy], log2(again[heavy] / share[heavy]))
    found[cases] = np.where(bits < words.WEAKEST, 0.0, np.minimum(bits, words.STRONGEST))
    return found


def _added(rows: Rows, bits: Array) -> tuple[Indices, Array]:
    """Distinct rows, and the sum of each one's bits, of which all but the heaviest count less."""
    fixed = ((_HEAVIEST - bits) * 2.0**_WEIGHT_BITS).astype(np.uint64)
    shift = np.uint64(_WEIGHT_BITS + 4)
    both = np.sort((rows.astype(np.uint64) << shift) | fixed)
    owners = (both >> shift).astype(np.int64)
    low = (both & ((np.uint64(1) << shift) - np.uint64(1))).astype(np.float64)
    bits = _HEAVIEST - low * 2.0**-_WEIGHT_BITS
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    rank = np.arange(len(owners)) - np.repeat(first, np.diff(first, append=len(owners)))
    kept = np.array((*words.KEPT, 0.0))[np.minimum(rank, len(words.KEPT))]
    added: Array = np.add.reduceat(bits * kept, first) if len(first) else bits
    return owners[first], added
