"""Any text as the set of tokens under which it is found in a GIN-indexed text[] column."""

from functools import lru_cache
from typing import Final

from casemgr.platform.text.runs import MAX_CHARACTERS, runs
from casemgr.platform.text.terms import terms_in
from casemgr.platform.text.words import STOP_WORDS, stemmed

__all__ = ["MAX_CHARACTERS", "tokens"]

_LONGEST_WORD: Final = 40
# Characters that make bigrams without any meaning of their own.
_EMPTY_HAN: Final = frozenset("的了是在有和与及也都就着过个我你他她它们这那之很还又被把从到对")


@lru_cache(maxsize=2_048)
def tokens(text: str) -> frozenset[str]:
    """Tokens of a text in any mixture of scripts; the same for stored texts and for queries.

    Latin words stemmed and without stop words, numbers as written, pairs of neighbouring Han
    characters (a lone character stands for itself), and the bilingual terms ('t:red'). Reads at
    most 20,000 characters; case, width and accents do not matter.
    """
    cut = tuple(runs(text))
    found: set[str] = set(terms_in(cut))
    for run in cut:
        if run.kind == "han":
            found.update(_han_pairs(run.text))
        elif run.kind == "number":
            found.add(run.text[:_LONGEST_WORD])
        elif run.kind == "latin":
            for word in run.text.replace("’", "'").split("'"):
                if len(word) > 1 and word not in STOP_WORDS:
                    found.add(stemmed(word[:_LONGEST_WORD]))
    return frozenset(found)


def _han_pairs(text: str) -> set[str]:
    if len(text) == 1:
        return {text}
    return {
        text[i : i + 2]
        for i in range(len(text) - 1)
        if text[i] not in _EMPTY_HAN and text[i + 1] not in _EMPTY_HAN
    }
