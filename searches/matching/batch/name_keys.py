"""Under which keys two names meet that may agree, by how far they then agree."""

from collections.abc import Iterator
from typing import Final

from casemgr.platform.names import NameForms, forms
from casemgr.platform.names.sounds import Syllables, folded
from searches.matching.compare.name import may_stand_in_text

STRENGTHS: Final = ("exact", "same_sound", "alike_sound")
"""How two parts agree, by the number in their keys."""
LONGEST_CORE: Final = 2
"""Syllables that are left of a pet form at most."""


def keys_of(name: str) -> set[str]:
    """Keys of a name on file.

    'W' the whole name and 'G' a given name, by folded sound: only names that share one can agree
    as a whole, swapped, or in the given name. 'F' the family name of the likeliest reading. 'P' a
    piece and 'C' the core of a pet form, each as written (0), by sound (1), by folded sound (2):
    pet forms meet pieces. 'T' a name to be looked for in free words.
    """
    found = forms(name)
    keys = {
        *whole_keys(found),
        *family_keys(found),
        *piece_keys("P", found),
        *core_keys("C", found),
    }
    if may_stand_in_text(name):
        keys.add(text_key(name))
    return keys


def text_key(name: str) -> str:
    """The key of a name as it stands in free words."""
    return "T" + name


def whole_keys(found: NameForms) -> Iterator[str]:
    """Keys of the whole name, and of each given name that it may hold."""
    if not found.script:
        return
    yield "W" + " ".join(found.folded)
    for reading in found.readings:
        if reading.given:
            yield "G" + " ".join(folded(reading.given_sound))


def family_keys(found: NameForms) -> Iterator[str]:
    """The key of the family name in the likeliest reading."""
    if found.readings and found.readings[0].family:
        yield "F" + "".join(folded(found.readings[0].family_sound))


def piece_keys(prefix: str, found: NameForms) -> Iterator[str]:
    """Keys of whatever a pet form may echo: given names, their syllables, another pet form."""
    pieces = {(found.core, found.core_sound)} if found.core else set()
    for reading in found.readings:
        pieces.add((reading.given, reading.given_sound))
        written = reading.given if found.script == "han" else reading.given_sound
        if len(written) == len(reading.given_sound):
            pieces.update(
                (text, (sound,)) for text, sound in zip(written, reading.given_sound, strict=True)
            )
    for text, sound in pieces:
        if text and len(sound) <= LONGEST_CORE:
            yield from _by_strength(prefix, text, sound)


def core_keys(prefix: str, found: NameForms) -> Iterator[str]:
    """Keys of what is left of a pet form."""
    if found.core:
        yield from _by_strength(prefix, found.core, found.core_sound)


def _by_strength(prefix: str, text: str, sound: Syllables) -> Iterator[str]:
    yield f"{prefix}0{text}"
    yield f"{prefix}1{' '.join(sound)}"
    yield f"{prefix}2{' '.join(folded(sound))}"
