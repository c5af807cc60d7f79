"""Names, as filed and as heard: characters, sounds, dialect, order, pet forms, and how rare."""

from functools import lru_cache
from math import log2
from typing import Final

from casemgr.platform.i18n import N_
from casemgr.platform.names import NameAgreement, family_frequency, forms, name_keys
from casemgr.platform.names import compare as agreement_of
from searches.matching.types import CaseProfile, Context, Evidence, SightingProfile

GIVEN_SHARE: Final = {
    "exact": (1 / 120, 1 / 1200),
    "same_sound": (1 / 50, 1 / 350),
    "alike_sound": (1 / 25, 1 / 120),
}
"""u: share of people *of one sex* with a given name of one character, and of two, that is written
the same, sounds the same, or sounds alike in dialect. Expert prior: a given name nearly tells the
sex, which is weighed by itself, so that shares are within one sex. With the family name it gives
王伟 as 1 in 1,700 men, where the Ministry of Public Security counted about 1 in 2,500."""
PET_SHARE: Final = {"exact": 1 / 80, "same_sound": 1 / 50, "alike_sound": 1 / 30}
BARE_SHARE: Final = {"exact": 1 / 500, "same_sound": 1 / 250, "alike_sound": 1 / 120}
"""u for a pet name (小宝, 毛毛) and for another name without a family name. Expert prior."""

KEPT: Final = {
    "exact": 0.25,
    "same_sound": 0.12,
    "alike_sound": 0.10,
    "given_only": 0.08,
    "nickname": 0.12,
    "family_only": 0.04,
}
"""m: how often a name heard of the same child agrees that far. Expert prior: most children who
were taken in have been given another name."""
DIFFERENT: Final = {"street": -1.2, "online": -1.2, "institution": -0.4, "seeker": -1.6}
"""Bits where no name agrees at all. Institutions give names of their own."""
STRONGEST: Final = 12.0
STRONGEST_FAMILY: Final = 5.0
WEAKEST_FAMILY: Final = -1.0
IN_TEXT: Final = -1.0
STRONGEST_IN_TEXT: Final = 5.0
"""A name found in a description counts a bit less, and one without family name no more than this:
石头 is a nickname and a stone."""
SWAPPED: Final = -0.5
OTHER_TONES: Final = -0.7
RARE_BITS: Final = 11.0
"""From so many bits on, a name is told as one that few have: 李娜 and 赵磊 are below."""
MOST_NAMES: Final = 12

REASONS: Final = {
    "exact": N_("%(seen)s on both sides. Many people are called that."),
    "exact_rare": N_("%(seen)s on both sides. Few people are called that."),
    "same_sound": N_("%(case)s and %(seen)s sound the same."),
    "alike_sound": N_("%(case)s and %(seen)s sound alike in many dialects."),
    "swapped": N_("%(case)s and %(seen)s: family and given name may be swapped."),
    "given_only": N_("The given name agrees: %(case)s and %(seen)s."),
    "nickname": N_("One may be a pet form of the other: %(case)s and %(seen)s."),
    "family_only": N_("Only the family name agrees: %(case)s and %(seen)s. Many people have it."),
    "family_rare": N_("Only the family name agrees: %(case)s and %(seen)s. Few people have it."),
    "in_text": N_("The words of the sighting mention the name %(seen)s."),
    "different": N_(
        "%(case)s on file, %(seen)s here. Children taken in are often given a new name, so that "
        "it counts little."
    ),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: exact, exact_rare, same_sound, alike_sound, swapped, given_only, nickname,
    family_only, family_rare, in_text, different. The best pair of names speaks."""
    filed, heard = case.names[:MOST_NAMES], sighting.names_heard[:MOST_NAMES]
    if not filed:
        return None
    best: tuple[float, str, str, str] | None = None
    compared = False
    for mine in filed:
        for theirs in heard:
            level, bits = weigh(mine, theirs, bare=is_bare(mine, case.family_name))
            if not level:
                continue
            compared = True
            if level != "different" and (best is None or bits > best[0]):
                best = bits, level, mine, theirs
    for mine in filed:
        if not may_stand_in_text(mine):
            continue
        if mine not in sighting.description and mine not in sighting.memories:
            continue
        bits = in_text_bits(mine, bare=is_bare(mine, case.family_name))
        if bits > 0 and (best is None or bits > best[0]):
            best = bits, "in_text", mine, mine
    if best is not None:
        return _evidence(*best)
    if not compared:
        return None
    bits = DIFFERENT.get(sighting.kind, DIFFERENT["street"])
    return _evidence(bits, "different", filed[0], heard[0])


@lru_cache(maxsize=50_000)
def weigh(mine: str, theirs: str, *, bare: bool = False) -> tuple[str, float]:
    """Level and bits of two names; 'different' and 0 where none of it agrees, '' where either is
    empty. `bare` tells that `mine` is known to hold no family name, whatever it looks like.

    Names that agree at all share a key, which is far quicker to look at.
    """
    keys, other_keys = name_keys(mine), name_keys(theirs)
    if not keys or not other_keys:
        return "", 0.0
    if keys.isdisjoint(other_keys):
        return "different", 0.0
    found = agreement_of(*in_order(mine, theirs))
    if found.level in ("different", "unknown"):
        return "different", 0.0
    if found.level == "family_only" or (found.family and not found.given):
        bits = family_bits(found.family)
        return ("family_rare" if bits >= 2 else "family_only"), bits
    bits = min(STRONGEST, log2(KEPT[found.level] / _chance(found, bare)))
    if found.same_tones is False:
        bits += OTHER_TONES
    if found.swapped:
        return "swapped", bits + SWAPPED
    if found.level == "exact" and bits >= RARE_BITS:
        return "exact_rare", bits
    return found.level, bits


def in_order(mine: str, theirs: str) -> tuple[str, str]:
    """One order for both ways round; the Latin name first, whose sound more people share."""
    first, second = sorted((mine, theirs), key=lambda name: order_of(name, forms(name).script))
    return first, second


def order_of(name: str, script: str) -> tuple[bool, str]:
    """By what two names are put in order."""
    return script != "latin", name


@lru_cache(maxsize=4096)
def family_bits(family: str) -> float:
    """Bits where the family name alone agrees."""
    bits = log2(KEPT["family_only"] / family_frequency(family))
    return max(WEAKEST_FAMILY, min(STRONGEST_FAMILY, bits))


def pet_bits(sound: str, *, latin: bool) -> float:
    """Bits where one name may be a pet form of the other, agreeing in `sound`."""
    return min(STRONGEST, log2(KEPT["nickname"] / _pet_chance(sound, latin=latin)))


def is_bare(name: str, family_name: str) -> bool:
    """Whether a name in characters is known not to hold the family name: 石头 of a 罗 family."""
    return bool(family_name) and not name.isascii() and family_name not in name


def _chance(found: NameAgreement, bare: bool) -> float:
    """u: share of people whose name agrees as far as this one does by chance."""
    written = forms(found.given or found.family)
    latin = written.script == "latin"
    if found.level == "nickname":
        return _pet_chance(found.sound, latin=latin)
    sound = _as_told(found.sound, latin=latin)
    if (found.full and not bare) or found.level == "given_only":
        by_length = GIVEN_SHARE[sound]
        return found.family_share * by_length[min(len(written.sound), len(by_length)) - 1]
    return (PET_SHARE if written.core else BARE_SHARE)[sound]


def _pet_chance(sound: str, *, latin: bool) -> float:
    """u: a pet form may echo either syllable of a given name."""
    return 2 * PET_SHARE[_as_told(sound, latin=latin)]


def _as_told(sound: str, *, latin: bool) -> str:
    """How far two parts agree: the same letters tell no more than the same sound."""
    return "same_sound" if latin and sound == "exact" else sound


def may_stand_in_text(name: str) -> bool:
    """Whether a name on file is looked for in free words: in Chinese characters and of two at
    least, because a Latin name would be met inside words."""
    return len(name) >= 2 and not name.isascii()


@lru_cache(maxsize=8192)
def in_text_bits(name: str, *, bare: bool) -> float:
    """Bits for a name on file that the sighting's free words mention exactly, as a whole.

    Only a name of three, or one that holds the family name, is sure to be a name there.
    """
    level, bits = weigh(name, name, bare=bare)
    if not level or level.startswith("family"):
        return 0.0
    if bare or len(name) < 3:
        bits = min(bits, STRONGEST_IN_TEXT)
    return max(0.0, bits + IN_TEXT)


def _evidence(bits: float, level: str, mine: str, theirs: str) -> Evidence:
    mine, theirs = mine.strip()[:80], theirs.strip()[:80]
    return Evidence(
        comparison="name",
        level=level,
        weight_bits=bits,
        case_value=mine,
        sighting_value=theirs,
        reason=REASONS[level],
        params={"case": mine, "seen": theirs},
    )
