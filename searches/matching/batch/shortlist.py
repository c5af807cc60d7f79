"""Which of very many cases to weigh exactly: those that come out heaviest when weighed roughly.

It reads the same columns and formulas as `weights`, but leaves out what moves little, looks at a
common word only while there is time, and takes what many share to be worth one sum. Meant to cost
a small part of `weights`, and to bring up nearly every case that `weights` would put first.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casemgr.platform.names import forms, name_keys
from casemgr.platform.text import tokens
from searches.matching.batch.columns import Columns, Marks, Names, Spans
from searches.matching.batch.index import Index
from searches.matching.batch.lookup import Indices, Rows, ranges
from searches.matching.batch.name import in_texts
from searches.matching.batch.name_keys import (
    STRENGTHS,
    core_keys,
    family_keys,
    piece_keys,
    whole_keys,
)
from searches.matching.batch.pack import keys_of_tokens
from searches.matching.batch.score import COMPARISONS, trusted
from searches.matching.batch.tables import Tables
from searches.matching.compare import marks, name, words
from searches.matching.maths import Array, Floats
from searches.matching.types import Context, Mark, SightingProfile

WORD_ENTRIES: Final = 500_000
"""So many mentions of the sighting's words are looked at, the heaviest words first."""
LIGHTEST_WORD: Final = 0.3
"""A word that is worth less in an account of usual length is not looked at."""
KEPT: Final = np.array((*words.KEPT, *(0.0,) * (256 - len(words.KEPT))), np.float32)
RARE_WORD: Final = 0.1
"""Words of marks that are more common are worth next to nothing."""
NAMES_WEIGHED: Final = 60
"""So many names under one key are weighed exactly; the others under it are taken to be worth the
most of these."""
RARE_FAMILY: Final = 0.5
"""A family name alone that is worth less is not looked at."""
REFINED: Final = 3_000
"""Of so many cases at most, heights and clothes are looked at too."""


def shortlist(
    index: Index, sighting: SightingProfile, context: Context, *, least: float, count: int
) -> tuple[Indices, Floats]:
    """At most `count` rows that may weigh `least` bits or more, and their rough weights."""
    if not index.columns.size:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    sums = trusted("words", _words(index, sighting, context), context.weighing)
    _add_names(sums, index.columns, sighting, context)
    _add_marks(sums, index, sighting, context)
    tables = Tables.of(index, sighting, context)
    if tables.most() >= least:
        tables.add(index, sums)
        rows = np.flatnonzero(sums >= least)
        total = sums[rows]
    else:
        rows = np.flatnonzero(sums)
        total = sums[rows] + tables.bits(index, rows)
        able = total >= least
        rows, total = rows[able], total[able]
    if len(rows) > REFINED:
        kept = np.argpartition(-total, REFINED)[:REFINED]
        rows, total = rows[kept], total[kept]
    if len(rows) > count:
        total += _refined(index.columns, rows, sighting, context).astype(np.float32)
        kept = np.argpartition(-total, count)[:count]
        rows, total = rows[kept], total[kept]
    return rows, total


def _refined(
    columns: Columns, rows: Indices, sighting: SightingProfile, context: Context
) -> NDArray[np.float64]:
    """What heights and clothes say of a few cases."""
    births, birth = np.unique(columns.birth.codes[rows], return_inverse=True)
    losses, missing = np.unique(columns.missing.codes[rows], return_inverse=True)
    few = replace(
        columns,
        size=len(rows),
        sex=columns.sex[rows],
        birth=_some(columns.birth, births, birth),
        missing=_some(columns.missing, losses, missing),
        score=columns.score[rows],
        outfit=replace(columns.outfit, codes=columns.outfit.codes[rows]),
    )
    total = np.zeros(len(rows))
    for comparison in ("height", "clothing"):
        bits = COMPARISONS[comparison](few, sighting, context)
        if bits is not None:
            total += trusted(comparison, bits, context.weighing)
    return total


def _some(spans: Spans, codes: NDArray[np.integer], which: NDArray[np.intp]) -> Spans:
    """Of distinct spans only those of some codes, which rise."""
    unknown = int(len(codes) > 0 and codes[0] == 0)
    chosen = codes[unknown:] - 1
    return Spans((which + 1 - unknown).astype(np.int32), spans.start[chosen], spans.end[chosen])


def _add_marks(sums: Floats, index: Index, sighting: SightingProfile, context: Context) -> None:
    """Add what marks are worth that go with those told."""
    filed = index.columns.marks
    told = marks.told_marks(sighting)
    agreed = np.zeros(len(sums), np.float32)
    for theirs in told:
        held = [
            _held_together(mine, theirs.kind, theirs.body_part, theirs.side) for mine in filed.sorts
        ]
        worth = np.array([bits for bits, _ in held], np.float32)
        needs_words = np.array([needs for _, needs in held], np.bool_)
        sorts = np.flatnonzero(worth * ~needs_words)
        count = index.sorted_marks[sorts + 1] - index.sorted_marks[sorts]
        rows = index.marked[ranges(index.sorted_marks[sorts], count)]
        np.add.at(agreed, rows, np.repeat(worth[sorts], count))
        numbers, bits = _in_words(filed, theirs, context)
        sort = filed.sort[numbers]
        bits = np.where(worth[sort] > 0, bits + worth[sort] * needs_words[sort], 0)
        np.add.at(agreed, filed.rows[numbers], bits.astype(np.float32))
    if told:
        np.minimum(agreed, marks.STRONGEST, out=agreed)
        sums += trusted("marks", agreed, context.weighing)


@lru_cache(maxsize=100_000)
def _held_together(mine: Mark, kind: str, part: str, side: str) -> tuple[float, bool]:
    """Bits of two marks before their words, and whether they agree only if their words do."""
    theirs = Mark(kind, part, side, "")
    return marks.held_together(mine, theirs) or 0.0, marks.needs_words(mine, theirs)


def _in_words(filed: Marks, theirs: Mark, context: Context) -> tuple[Rows, Array]:
    """Marks on file that share a rare word with one told, and what the rarest is worth."""
    told = list(tokens(theirs.text)) if theirs.text else []
    share = np.array([marks.share_of(word, context.token_rarity) for word in told])
    rare = np.flatnonzero(share < RARE_WORD)
    which, numbers = filed.lookup.find(keys_of_tokens([told[at] for at in rare.tolist()]))
    order = np.lexsort((share[rare][which], numbers))
    first = order[np.flatnonzero(np.diff(numbers[order], prepend=-1))]
    return numbers[first], marks.words_bits(share[rare][which[first]])


def _words(index: Index, sighting: SightingProfile, context: Context) -> Floats:
    """What words are worth that a case's account shares with the sighting, the heaviest first."""
    size = index.columns.size
    sums, rank = np.zeros(size, np.float32), np.zeros(size, np.uint8)
    told = words.told_tokens(sighting)
    told = told - words.weighed_elsewhere(sighting, sighting.place, sighting.separated_from)
    free = [token for token in told if words.is_free_word(token)]
    if not free:
        return sums
    named = np.array([token.startswith("t:") for token in free], dtype=np.bool_)
    share = np.array([words.share_of(token, context.token_rarity) for token in free])
    usual = np.where(named, index.usual_term, index.usual) - np.log2(share)
    order = np.argsort(-usual)
    order = order[: np.searchsorted(-usual[order], -LIGHTEST_WORD)]
    order = order[: max(1, np.searchsorted(np.cumsum(share[order]) * size, WORD_ENTRIES))]
    which, rows = index.columns.words.lookup.find(keys_of_tokens([free[at] for at in order]))
    by_word = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(order)))
    for number, (word, end) in enumerate(zip(order.tolist(), ends.tolist(), strict=True)):
        holders = rows[by_word[ends[number - 1] if number else 0 : end]]
        again = index.mention_term if named[word] else index.mention
        bits = np.maximum(again[holders] - np.float32(np.log2(share[word])), 0)
        before = rank[holders]
        sums[holders] += bits * KEPT[before]
        rank[holders] = before + (bits > 0)
    return np.minimum(sums, words.STRONGEST, out=sums)


def _add_names(sums: Floats, columns: Columns, sighting: SightingProfile, context: Context) -> None:
    """Add what names are worth that agree, over those that are just different."""
    names = columns.names
    heard = [told for told in sighting.names_heard[: name.MOST_NAMES] if name_keys(told)]
    texts = [text for text in (sighting.description, sighting.memories) if text]
    agreeing = [one for told in heard for one in _agreeing(names, told)]
    for number in in_texts(names, texts):
        bits = name.in_text_bits(names.text(number), bare=bool(names.bare[number]))
        agreeing.append((np.array([number]), np.array([bits])))
    if not agreeing:
        return
    different = name.DIFFERENT.get(sighting.kind, name.DIFFERENT["street"]) if heard else 0.0
    best = np.zeros(columns.size, np.float32)
    for numbers, worth in agreeing:
        count = names.offsets[numbers + 1] - names.offsets[numbers]
        rows = names.rows[ranges(names.offsets[numbers], count)]
        np.maximum.at(best, rows, np.repeat(worth - different, count).astype(np.float32))
    sums += trusted("name", best, context.weighing)


def _agreeing(names: Names, told: str) -> list[tuple[Indices, NDArray[np.float64]]]:
    found = forms(told)
    latin = found.script == "latin"
    agreed = []
    keys = list({*whole_keys(found)})
    which, numbers = names.lookup.find(keys_of_tokens(keys))
    for at in range(len(keys)):
        met = numbers[which == at].astype(np.int64)
        worth = np.full(len(met), -np.inf)
        for place, number in enumerate(met[:NAMES_WEIGHED].tolist()):
            level, bits = name.weigh(names.text(number), told, bare=bool(names.bare[number]))
            if level not in ("", "different"):
                worth[place] = bits
        if len(met) > NAMES_WEIGHED:
            worth[NAMES_WEIGHED:] = worth[:NAMES_WEIGHED].max()
        agreed.append((met[worth > -np.inf], worth[worth > -np.inf]))
    keys = [*core_keys("P", found), *piece_keys("C", found)]
    which, numbers = names.lookup.find(keys_of_tokens(keys))
    strength = np.array([int(key[1]) for key in keys], dtype=np.int8)[which]
    by_sound = np.array([name.pet_bits(sound, latin=latin) for sound in STRENGTHS])
    agreed.append((numbers.astype(np.int64), by_sound[strength]))
    _, numbers = names.lookup.find(keys_of_tokens(set(family_keys(found))))
    met = np.unique(numbers).astype(np.int64)
    for code in np.unique(names.family[met]).tolist():
        bearers = met[names.family[met] == code]
        level, bits = name.weigh(names.text(int(bearers[0])), told)
        if level.startswith("family") and bits > RARE_FAMILY:
            agreed.append((bearers, np.full(len(bearers), bits)))
    return agreed
