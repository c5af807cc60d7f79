"""English words: which say nothing, and a light stem so that 'scars' meets 'scar'."""

import re
from functools import lru_cache
from typing import Final

STOP_WORDS: Final = frozenset(
    [
        "a", "an", "the", "and", "or", "but", "if", "of", "at", "by", "for", "with", "about", "to",
        "from", "in", "on", "off", "over", "under", "as", "is", "are", "was", "were", "be", "been",
        "being", "am", "do", "does", "did", "done", "have", "has", "had", "having", "will", "would",
        "shall", "should", "can", "could", "may", "might", "must", "this", "that", "these", "those",
        "there", "here", "then", "than", "so", "very", "too", "also", "just", "only", "own", "same",
        "some", "any", "each", "every", "both", "few", "more", "most", "other", "such", "i", "me",
        "my", "we", "our", "us", "you", "your", "he", "him", "his", "she", "her", "it", "its",
        "they", "them", "their", "who", "whom", "whose", "which", "what", "when", "where", "why",
        "how", "not", "no", "nor", "near", "up", "down", "out", "into", "again", "all", "s", "t",
        "don", "now", "said", "says", "say", "saw", "seen", "see", "like", "looked", "looks",
        "look", "around",
    ]
)  # fmt: skip
_DOUBLED: Final = re.compile(r"([bdgmnprt])\1$")
_IRREGULAR: Final = {
    "feet": "foot", "teeth": "tooth", "children": "child", "men": "man", "women": "woman",
    "geese": "goose", "oxen": "ox", "wore": "wear", "worn": "wear", "wearing": "wear",
    "ran": "run", "sang": "sing", "swam": "swim", "sold": "sell", "taken": "take", "took": "take",
    "trousers": "trousers", "jeans": "jeans", "glasses": "glasses", "clothes": "clothes",
    "grey": "grey", "gray": "grey", "colour": "colour", "color": "colour", "bus": "bus",
}  # fmt: skip
# -ing that is no ending.
_WHOLE: Final = frozenset(
    [
        "earring", "morning", "evening", "building", "clothing", "sibling", "ceiling", "wedding",
        "spring",
    ]
)  # fmt: skip


@lru_cache(maxsize=50_000)
def stemmed(word: str) -> str:
    """A lower-case English word without plural -s, -ing and -ed; short words stay whole."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.removesuffix("s") in _WHOLE:
        return word.removesuffix("s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    for ending in ("ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return _DOUBLED.sub(r"\1", word[: -len(ending)]).rstrip("e")
    return word.rstrip("e") if len(word) > 4 and not word.endswith("ee") else word
