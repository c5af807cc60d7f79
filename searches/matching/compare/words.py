"""Words that both descriptions use: a river, a trade, a walnut tree. Memories do not fade."""

import re
from collections.abc import Mapping
from functools import lru_cache
from math import log2
from typing import Final

from casemgr.platform.i18n import N_
from casemgr.platform.text import kind_of, terms, tokens
from casemgr.platform.text.terms import forms_of
from searches.matching.marks_in_text import marks_in
from searches.matching.maths import N, least, most
from searches.matching.phrases import code
from searches.matching.types import (
    CaseProfile,
    Context,
    Evidence,
    Param,
    SightingProfile,
    Spot,
)

WEIGHED_ELSEWHERE: Final = frozenset(
    {"colour", "pattern", "clothing", "mark", "body_part", "side", "speech"}
)
"""Kinds of vocabulary terms that 'clothing', 'marks' and 'language' already weigh."""
SHARED_WORDS: Final = 4.0
LIKELIEST: Final = 0.15
SHARED_TERMS: Final = 2.0
LIKELIEST_TERM: Final = 0.35
"""m: two accounts of one child share about four words beyond chance, whatever their length, so that
a single word of a text of n words is met again with 4/n, and at most 15 %; of the n things that it
names in the vocabulary (a river, a trade) about two are, each at most with 35 %. Expert prior. It
also keeps long texts, which share something with everybody, from being believed."""
UNKNOWN_TOKEN: Final = 0.02
"""Rarity taken for a word whose rarity is not known."""
RAREST: Final = 1e-4
KEPT: Final = tuple(0.55**rank for rank in range(12))
"""Weight kept by each further word, rarest first: words of one memory come together, and
neighbouring Chinese characters make several tokens of one word. Expert prior."""
STRONGEST: Final = 10.0
WEAKEST: Final = 0.3
FEW: Final = 4.0
SHOWN: Final = 3
LONGEST_TEXT: Final = 10_000
EXCERPT: Final = 80

_PAUSE: Final = re.compile(r"[,.;:!?，。；：！？、\n]")

REASONS: Final = {
    "rare": N_("Both descriptions mention: %(words)s. Few descriptions do."),
    "common": N_("Both descriptions mention: %(words)s. That says a little."),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: rare, common. Silent where the two share no word of weight; never negative, because
    nobody tells everything."""
    filed, told = filed_tokens(case), told_tokens(sighting)
    shared = filed & told
    if not shared:
        return None
    mention, mention_term = mentions(float(len(filed)), float(count_terms(filed)))
    rarity = context.token_rarity
    weighed: list[tuple[float, str]] = []
    for token in shared:
        share = share_of(token, rarity)
        again = mention_term if token.startswith("t:") else mention
        if share < again:
            weighed.append((log2(again / share), token))
    if not weighed:
        return None
    elsewhere = weighed_elsewhere(case, case.missing_from)
    elsewhere |= weighed_elsewhere(sighting, sighting.place, sighting.separated_from)
    weighed = [item for item in weighed if item[1] not in elsewhere and is_free_word(item[1])]
    weighed.sort(key=lambda item: (-item[0], item[1]))
    bits = sum(value * kept for (value, _), kept in zip(weighed, KEPT, strict=False))
    if bits < WEAKEST:
        return None
    rarest = weighed[0][1]
    level = "rare" if bits >= FEW else "common"
    filed_text, told_text = (
        f"{case.description}\n{case.story}",
        (f"{sighting.description}\n{sighting.memories}"),
    )
    return Evidence(
        comparison="words",
        level=level,
        weight_bits=min(STRONGEST, bits),
        case_value=excerpt(filed_text, rarest),
        sighting_value=excerpt(told_text, rarest),
        reason=REASONS[level],
        params={"words": _shown([token for _, token in weighed], told_text)},
    )


def filed_tokens(case: CaseProfile) -> frozenset[str]:
    """What the family's account is made of."""
    return case.tokens or _tokens_of(case.description, case.story)


def told_tokens(sighting: SightingProfile) -> frozenset[str]:
    """What the sighting's account is made of."""
    return sighting.tokens or _tokens_of(sighting.description, sighting.memories)


@lru_cache(maxsize=8192)
def count_terms(filed: frozenset[str]) -> int:
    """How many things of the vocabulary an account names that this comparison weighs."""
    return sum(token.startswith("t:") and is_free_word(token) for token in filed)


def mentions(words: N, named: N) -> tuple[N, N]:
    """m for a plain word, and for a vocabulary term, of an account of that many of each."""
    return least(SHARED_WORDS / words, LIKELIEST), least(
        SHARED_TERMS / most(named, 1.0), LIKELIEST_TERM
    )


def share_of(token: str, rarity: Mapping[str, float]) -> float:
    """u: share of accounts that hold the token."""
    return max(RAREST, rarity.get(token, UNKNOWN_TOKEN))


@lru_cache(maxsize=4096)
def _tokens_of(*texts: str) -> frozenset[str]:
    return tokens("\n".join(texts)[:LONGEST_TEXT]) if any(texts) else frozenset()


@lru_cache(maxsize=16_384)
def _short(text: str) -> frozenset[str]:
    """Tokens of a name or a place, kept longer than those of descriptions."""
    return tokens(text[:300])


def weighed_elsewhere(person: CaseProfile | SightingProfile, *spots: Spot | None) -> set[str]:
    """Tokens of one side's names, places, clothes and marks, which other comparisons weigh."""
    if isinstance(person, CaseProfile):
        names, account = (*person.names, person.family_name), person.story
    else:
        names, account = person.names_heard, person.memories
    texts = [*names, person.clothing, person.ethnicity, *person.languages]
    texts.extend(mark.text for mark in person.marks)
    for told in (person.description, account):
        if told:
            texts.extend(mark.text for mark in marks_in(told))
    texts.extend(spot.text for spot in spots if spot is not None)
    return set().union(*(_short(text) for text in texts if text))


@lru_cache(maxsize=65_536)
def is_free_word(token: str) -> bool:
    """Whether a token is a word of the telling, not an index key and not weighed elsewhere.

    A written word that stands for a vocabulary term (核桃, 'walnut') is left to that term.
    """
    if ":" not in token:
        return not token.isdecimal() and not terms(token)
    return token.startswith("t:") and kind_of(token) not in WEIGHED_ELSEWHERE


def _shown(words: list[str], text: str) -> tuple[Param, ...]:
    """Up to three of the shared words, rarest first, as codes of the vocabulary or as written."""
    shown: list[str] = []
    for word in words:
        plain = word if word.startswith("t:") else _as_written(text, word)
        if not any(_overlap(plain, other) for other in shown):
            shown.append(plain)
        if len(shown) == SHOWN:
            break
    return tuple(code("term", word[2:]) if word.startswith("t:") else word for word in shown)


def _as_written(text: str, token: str) -> str:
    """The word of `text` that a token stands for: a Latin token is only its stem."""
    start, end = _find(text, token)
    return text[start:end] if start >= 0 else token


def _find(text: str, token: str) -> tuple[int, int]:
    """Where a token's word stands in `text`, (-1, -1) where it cannot be found again."""
    folded = text[:LONGEST_TEXT].casefold()
    for written in _ways_of_writing(token):
        start = folded.find(written)
        if start >= 0:
            end = start + len(written)
            while written.isascii() and folded[end : end + 1].isalpha() and folded[end].isascii():
                end += 1
            return start, end
    return -1, -1


@lru_cache(maxsize=2048)
def _ways_of_writing(token: str) -> tuple[str, ...]:
    if not token.startswith("t:"):
        return (token,)
    written = {form.casefold() for forms in forms_of(token).values() for form in forms}
    return tuple(sorted(written, key=lambda form: (-len(form), form)))


def excerpt(text: str, token: str) -> str:
    """The clause of `text` that holds the token's word, at most EXCERPT characters."""
    start, end = _find(text, token)
    if start < 0:
        return ""
    begin = max((match.end() for match in _PAUSE.finditer(text, 0, start)), default=0)
    begin = max(begin, end - EXCERPT)
    pause = _PAUSE.search(text, end)
    return text[begin : pause.start() if pause else None].strip()[:EXCERPT]


def _overlap(first: str, second: str) -> bool:
    """Whether two shown words are neighbouring pairs of one Chinese word, or the same word."""
    return first == second or first[1:] == second[:-1] or second[1:] == first[:-1]
