"""Names, for whole columns: each distinct name that shares a key with one heard is weighed once."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from casemgr.platform.names import NameForms, forms, name_keys
from searches.matching.batch.columns import Columns, Names
from searches.matching.batch.lookup import Indices, ranges
from searches.matching.batch.name_keys import (
    STRENGTHS,
    core_keys,
    family_keys,
    piece_keys,
    text_key,
    whole_keys,
)
from searches.matching.batch.pack import keys_of_tokens
from searches.matching.compare import name
from searches.matching.maths import Array
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    names = columns.names
    heard = [told for told in sighting.names_heard[: name.MOST_NAMES] if name_keys(told)]
    texts = [text for text in (sighting.description, sighting.memories) if text]
    if not heard and not texts:
        return None
    worth = np.full(len(names.bare), -np.inf)
    for told in heard:
        np.maximum(worth, _agreeing(names, told), out=worth)
    for number in in_texts(names, texts):
        bits = name.in_text_bits(names.text(number), bare=bool(names.bare[number]))
        if bits > 0:
            worth[number] = max(worth[number], bits)
    best = np.full(columns.size, -np.inf)
    met = np.flatnonzero(worth > -np.inf)
    count = names.offsets[met + 1] - names.offsets[met]
    np.maximum.at(best, names.rows[ranges(names.offsets[met], count)], np.repeat(worth[met], count))
    different = name.DIFFERENT.get(sighting.kind, name.DIFFERENT["street"]) if heard else 0.0
    return np.where(best > -np.inf, best, np.where(names.heard_at_all, different, 0.0))


def _agreeing(names: Names, told: str) -> Array:
    """Bits of every name on file against one heard; -inf where the two do not agree."""
    found = forms(told)
    worth = np.full(len(names.bare), -np.inf)
    strengths, doubtful = _pet_forms(names, found)
    pets = np.flatnonzero(strengths < len(STRENGTHS))
    closer = np.union1d(_met(names, whole_keys(found)), doubtful)
    others = np.ones(len(worth), dtype=np.bool_)
    others[pets] = others[closer] = False
    families = _met(names, family_keys(found))
    _weigh_families(names, told, families[others[families]], worth)
    latin = found.script == "latin"
    worth[pets] = np.array([name.pet_bits(sound, latin=latin) for sound in STRENGTHS])[
        strengths[pets]
    ]
    for number in closer.tolist():
        level, bits = name.weigh(names.text(number), told, bare=bool(names.bare[number]))
        worth[number] = bits if level not in ("", "different") else -np.inf
    return worth


def _pet_forms(names: Names, found: NameForms) -> tuple[NDArray[np.int8], Indices]:
    """How far each name on file and the one heard agree as pet forms, as an index into STRENGTHS
    (beyond them: not at all); and names that share no sound, so that only `weigh` can tell."""
    strengths = np.full(len(names.bare), len(STRENGTHS), np.int8)
    keys = [*core_keys("P", found), *piece_keys("C", found)]
    which, numbers = names.lookup.find(keys_of_tokens(keys))
    strength = np.array([int(key[1]) for key in keys], dtype=np.int8)[which]
    np.minimum.at(strengths, numbers, strength)
    by_sound = numbers[strength == len(STRENGTHS) - 1]
    return strengths, np.setdiff1d(numbers, by_sound).astype(np.int64)


def _weigh_families(names: Names, told: str, met: Indices, worth: Array) -> None:
    """Fill in the worth of names that agree in the family name alone."""
    found = forms(told)
    family = found.readings[0].family
    for code in np.unique(names.family[met]).tolist():
        bearers = met[names.family[met] == code]
        if not name.weigh(names.text(int(bearers[0])), told)[0].startswith("family"):
            continue
        filed = names.families[code]
        worth[bearers] = name.family_bits(family)
        if filed == family:
            continue
        script = "latin" if filed.isascii() else "han"
        for number in bearers.tolist():
            mine = name.order_of(names.text(number), script)
            if mine < name.order_of(told, found.script):
                worth[number] = name.family_bits(filed)


def _met(names: Names, keys: Iterable[str]) -> Indices:
    """Names on file that have any of the keys."""
    return np.unique(names.lookup.find(keys_of_tokens(set(keys)))[1]).astype(np.int64)


def in_texts(names: Names, texts: list[str]) -> list[int]:
    """Names on file that stand in the texts as a whole."""
    pieces = {
        text[start : start + length]
        for text in texts
        for length in names.lengths
        for start in range(len(text) - length + 1)
    }
    keys = {text_key(piece) for piece in pieces if not piece.isascii()}
    return [int(number) for number in _met(names, keys)]
