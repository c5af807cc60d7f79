"""Index keys under which names that agree at all meet."""

from functools import lru_cache

from casemgr.platform.names.forms import forms
from casemgr.platform.names.sounds import fold, folded


@lru_cache(maxsize=50_000)
def name_keys(name: str) -> frozenset[str]:
    """Keys for a GIN-indexed text[] column, the same for names that only sound alike.

    'n:' a whole name and 'g:' a given name of two syllables or more, in folded pinyin run
    together; 's:' one syllable of a given name or nickname; 'f:' a family name. Family names are
    common: query 'f:' only together with something else.
    """
    found = forms(name)
    if not found.script:
        return frozenset()
    keys = {"n:" + "".join(sorted(found.folded))} if len(found.sound) > 1 else set()
    for reading in found.readings:
        given = folded(reading.given_sound)
        if reading.family:
            keys.add("f:" + "".join(folded(reading.family_sound)))
        if len(given) > 1:
            keys.add("g:" + "".join(given))
        keys.update("s:" + syllable for syllable in given)
    keys.update("s:" + fold(syllable) for syllable in found.core_sound)
    return frozenset(keys)
