"""How common a family name is, in characters or by its sound."""

from collections import defaultdict
from functools import cache
from typing import Final

from casemgr.platform.names.sounds import plain_latin, surname_sound
from casemgr.platform.names.surnames import KNOWN, PER_CENT

RARE_SHARE: Final = 0.0001
RARE_COMPOUND_SHARE: Final = 0.00002


@cache
def _share_by_sound() -> dict[str, float]:
    shares: dict[str, float] = defaultdict(float)
    for name in KNOWN:
        shares["".join(surname_sound(name))] += family_frequency(name)
    return dict(shares)


def family_frequency(surname: str) -> float:
    """The approximate share of people with this family name, above 0 and at most 1.

    A name in pinyin counts for all family names of that sound. Names outside the table are taken
    as 0.0001 (0.00002 where of two characters); '' says nothing, so its share is 1.
    """
    name = surname.strip()
    if not name:
        return 1.0
    if name in PER_CENT:
        return PER_CENT[name] / 100
    sound = plain_latin(name).replace(" ", "")
    if sound:
        return _share_by_sound().get(sound, RARE_SHARE)
    return RARE_COMPOUND_SHARE if len(name) > 1 else RARE_SHARE


def surname_sounds() -> frozenset[str]:
    """Toneless pinyin of every known family name, compound ones run together."""
    return frozenset(_share_by_sound())
