"""How far two written names agree."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from casemgr.platform.names.forms import NameForms, Reading, forms
from casemgr.platform.names.frequency import family_frequency
from casemgr.platform.names.sounds import Syllables, folded

Level = Literal[
    "exact",
    "same_sound",
    "alike_sound",
    "given_only",
    "nickname",
    "family_only",
    "different",
    "unknown",
]
Sound = Literal["exact", "same_sound", "alike_sound", ""]
_STRENGTH: dict[Sound, int] = {"exact": 3, "same_sound": 2, "alike_sound": 1, "": 0}


@dataclass(frozen=True, slots=True)
class NameAgreement:
    """What two names have in common.

    `level` is 'unknown' when either name is empty. `family` and `given` are the shared parts as
    the first name writes them, '' where not shared; `sound` says how the weakest shared part
    agrees; `swapped` that family and given name stand in another order; `same_tones` whether the
    tones agree too (None where a name is in Latin letters). `full` tells a whole name with family
    name from a bare given name or nickname that agrees as a whole.
    """

    level: Level
    family: str = ""
    given: str = ""
    sound: Sound = ""
    swapped: bool = False
    same_tones: bool | None = None
    full: bool = False

    @property
    def family_share(self) -> float:
        """Share of people who bear the shared family name; 1.0 where none is shared."""
        return family_frequency(self.family)


def compare(a: str, b: str) -> NameAgreement:
    """How far two names, each in characters or pinyin, agree. Symmetric in level and sound."""
    return _compare(forms(a), forms(b))


@lru_cache(maxsize=100_000)
def _compare(a: NameForms, b: NameForms) -> NameAgreement:
    if not a.script or not b.script:
        return NameAgreement("unknown")
    return (
        _whole(a, b)
        or _given(a, b)
        or _nickname(a, b)
        or _family(a, b)
        or NameAgreement("different")
    )


def _sound_of(a: str, b: str, a_sound: Syllables, b_sound: Syllables) -> Sound:
    """How two written parts agree."""
    if not a or not b:
        return ""
    if a == b:
        return "exact"
    if a_sound == b_sound:
        return "same_sound"
    return "alike_sound" if folded(a_sound) == folded(b_sound) else ""


def _tones(a: NameForms, b: NameForms) -> bool | None:
    return a.toned == b.toned if a.toned and b.toned else None


def _whole(a: NameForms, b: NameForms) -> NameAgreement | None:
    best = a.readings[0]
    sound = _sound_of(a.text, b.text, a.sound, b.sound)
    if sound and a.script == b.script == "latin" and a.sound == b.sound:
        sound = "exact"
    if sound:
        full = bool(best.family and b.readings[0].family)
        return NameAgreement(
            sound, best.family, best.given, sound, same_tones=_tones(a, b), full=full
        )
    return _swapped(a, b)


def _swapped(a: NameForms, b: NameForms) -> NameAgreement | None:
    """The same family and given name, the parts standing in another order."""
    found: list[tuple[int, Sound, Reading]] = []
    for mine in a.readings:
        for theirs in b.readings:
            if not (mine.family and theirs.family and mine.given and theirs.given):
                continue
            family = _sound_of(mine.family, theirs.family, mine.family_sound, theirs.family_sound)
            given = _sound_of(mine.given, theirs.given, mine.given_sound, theirs.given_sound)
            if family and given:
                weakest = min(family, given, key=_STRENGTH.__getitem__)
                found.append((_STRENGTH[weakest], weakest, mine))
    if not found:
        return None
    _, sound, reading = max(found, key=lambda item: item[0])
    level: Level = sound or "different"
    return NameAgreement(level, reading.family, reading.given, sound, swapped=True, full=True)


def _given(a: NameForms, b: NameForms) -> NameAgreement | None:
    """The same given name of two syllables or more, beside another family name or none."""
    found: list[tuple[int, Sound, str]] = []
    for mine in a.readings:
        for theirs in b.readings:
            sound = _sound_of(mine.given, theirs.given, mine.given_sound, theirs.given_sound)
            long_enough = len(mine.given_sound) > 1 or not (mine.family and theirs.family)
            if sound and long_enough and (mine.family or theirs.family):
                found.append((_STRENGTH[sound], sound, mine.given))
    if not found:
        return None
    _, sound, given = max(found, key=lambda item: item[0])
    return NameAgreement("given_only", given=given, sound=sound)


def _nickname(a: NameForms, b: NameForms) -> NameAgreement | None:
    """One name is a pet form of the other: 小明, 阿明, 明明, 明娃 of 王晓明."""
    best: tuple[int, Sound, str] = (0, "", "")
    for pet, whole in ((a, b), (b, a)):
        if not pet.core:
            continue
        pieces = [(whole.core, whole.core_sound)] if whole.core else []
        for reading in whole.readings:
            pieces.append((reading.given, reading.given_sound))
            han = whole.script == "han"
            pieces += [
                (reading.given[i] if han else syllable, (syllable,))
                for i, syllable in enumerate(reading.given_sound)
                if not han or len(reading.given) == len(reading.given_sound)
            ]
        for text, sound in pieces:
            how = _sound_of(pet.core, text, pet.core_sound, sound)
            if _STRENGTH[how] > best[0]:
                best = (_STRENGTH[how], how, pet.core)
    return NameAgreement("nickname", given=best[2], sound=best[1]) if best[0] else None


def _family(a: NameForms, b: NameForms) -> NameAgreement | None:
    mine, theirs = a.readings[0], b.readings[0]
    sound = _sound_of(mine.family, theirs.family, mine.family_sound, theirs.family_sound)
    return NameAgreement("family_only", family=mine.family, sound=sound) if sound else None
