"""Search tokens as the product keeps them with a case and with a sighting, put together quickly.

Pieces that punctuation parts have the tokens of the whole between them, so that each piece is read
once; a test holds the result against the product's own recipe.
"""

from collections.abc import Iterable
from functools import lru_cache

from casemgr.platform.names import name_keys
from casemgr.platform.text import tokens
from searches.matching.types import Mark

piece_tokens = lru_cache(maxsize=400_000)(tokens.__wrapped__)
keys_of = lru_cache(maxsize=400_000)(name_keys.__wrapped__)


@lru_cache(maxsize=10_000)
def _mark_tokens(kind: str, part: str, side: str) -> frozenset[str]:
    found = {f"m:{kind}"}
    if part:
        found.add(f"m:{kind}:{part}")
        if side:
            found.add(f"m:{kind}:{part}:{side}")
    return frozenset(found)


def all_tokens(
    pieces: Iterable[str], names: Iterable[str], marks: Iterable[Mark]
) -> frozenset[str]:
    """Tokens of all `pieces`, keys of all `names`, and the keys of `marks`."""
    found: set[str] = set()
    for piece in pieces:
        found |= piece_tokens(piece)
    for name in names:
        found |= piece_tokens(name)
        found |= keys_of(name)
    for mark in marks:
        found |= _mark_tokens(mark.kind, mark.body_part, mark.side)
    return frozenset(found)
