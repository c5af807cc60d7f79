"""Pinyin of characters and of Latin spellings, and the folds of common dialect confusions."""

import re
import unicodedata
from functools import cache
from typing import Final

from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.tone_convert import to_normal

from casemgr.platform.names.surnames import READINGS

Syllables = tuple[str, ...]

_INITIALS: Final = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r",
    "z", "c", "s", "y", "w",
)  # fmt: skip
_FINALS: Final[dict[str, str]] = {
    "": "a o e ai ei ao ou an en ang eng er",
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan v ve ue",
    "l": "a e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un v ve ue",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "a e i ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "ch": "a e i ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "sh": "a e i ai ei ao ou an en ang eng u ua uo uai ui uan un uang",
    "r": "e i ao ou an en ang eng ong u ua uo ui uan un",
    "z": "a e i ai ei ao ou an en ang eng ong u uo ui uan un",
    "c": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "s": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "y": "a e o ao ou an ang i in ing ong u ue uan un",
    "w": "a o ai ei an en ang eng u",
}
SYLLABLES: Final = frozenset(
    initial + final for initial, finals in _FINALS.items() for final in finals.split()
)
_LONGEST: Final = max(map(len, SYLLABLES))
# In the order tried: what Chinese dialect speakers commonly merge, each to one spelling.
_FOLDED_INITIALS: Final = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}


def is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


@cache
def _toned(han: str) -> Syllables:
    return tuple(lazy_pinyin(han, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False))


def toned_sound(han: str) -> Syllables:
    """Syllables with tone digits, such as ('xiao3', 'ming2'); a character unread stays itself."""
    return _toned(han)


def surname_sound_toned(surname: str) -> Syllables:
    return READINGS.get(surname) or _toned(surname)


def surname_sound(surname: str) -> Syllables:
    """Toneless syllables of a family name, with its reading as a family name (单 is shan)."""
    return without_tones(surname_sound_toned(surname))


def without_tones(syllables: Syllables) -> Syllables:
    return tuple(to_normal(syllable) for syllable in syllables)


def plain_latin(text: str) -> str:
    """Lower-case ASCII: tone marks and digits gone, ü as v."""
    marked = unicodedata.normalize("NFD", text.casefold()).replace("u\u0308", "v")
    return "".join(c for c in marked if c.isascii() and not c.isdigit())


@cache
def split_syllables(word: str) -> Syllables | None:
    """The pinyin syllables of a toneless word, fewest first; None if it is not pinyin.

    'xian' is one syllable, "xi'an" two (split at the apostrophe before calling).
    """
    if not word or len(word) > 40:
        return None
    best: list[Syllables | None] = [None] * (len(word) + 1)
    best[len(word)] = ()
    for start in range(len(word) - 1, -1, -1):
        for length in range(1, min(_LONGEST, len(word) - start) + 1):
            rest = best[start + length]
            if rest is None or word[start : start + length] not in SYLLABLES:
                continue
            current = best[start]
            if current is None or 1 + len(rest) <= len(current):
                best[start] = (word[start : start + length], *rest)
    return best[0]


_SPLIT_INITIAL: Final = re.compile("^(" + "|".join(_INITIALS) + ")?(.*)$")


@cache
def fold(syllable: str) -> str:
    """One spelling for what dialects merge: n/l, zh/z, ch/c, sh/s, -n/-ng, f/h before u.

    >>> fold("nan") == fold("lang")
    True
    """
    match = _SPLIT_INITIAL.match(syllable)
    initial, final = (match.group(1) or "", match.group(2)) if match else ("", syllable)
    if initial == "h" and final.startswith("u"):  # hu- and f- (福 hú in Hunan, 湖 fú in Fujian)
        initial, final = "f", final[1:] or "u"
        final = {"ui": "ei", "i": "ei", "n": "en", "o": "o"}.get(final, final)
    initial = _FOLDED_INITIALS.get(initial, initial)
    if final.endswith("ng") and final != "ong" and final != "iong":
        final = final[:-1]
    return initial + final


def folded(syllables: Syllables) -> Syllables:
    return tuple(fold(syllable) for syllable in syllables)
