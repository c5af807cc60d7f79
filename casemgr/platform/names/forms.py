"""What a written name may stand for: family and given part, sounds, nickname."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from casemgr.platform.names.frequency import surname_sounds
from casemgr.platform.names.sounds import (
    Syllables,
    folded,
    is_han,
    plain_latin,
    split_syllables,
    surname_sound_toned,
    toned_sound,
    without_tones,
)
from casemgr.platform.names.surnames import COMPOUND, KNOWN

MAX_CHARACTERS: Final = 80
_PREFIXES: Final = frozenset("小阿大老幺")
_LATIN_PREFIXES: Final = frozenset({"xiao", "a", "ah", "da", "lao"})
_LATIN_SUFFIXES: Final = frozenset({"zi", "er", "wa"})
_SUFFIXES: Final = (
    "娃子",
    "妹子",
    "伢子",
    "妹儿",
    "娃",
    "儿",
    "子",
    "仔",
    "妹",
    "伢",
    "哥",
    "姐",
    "弟",
)
_TRADITIONAL: Final = str.maketrans(
    "歐陽張劉陳楊黃趙吳孫馬鄭羅謝韓馮鄧蕭葉蘇呂盧鍾譚陸範賈韋鄒閻龍顧龔邵萬錢嚴齊龐顏莊聶魯蘭紀畢單"
    "無華寧國軍強偉麗紅蓮鳳蘭鳴飛傑勝慶榮貴財發興東衛愛玲嬌嬋娟瓊艷靜潔學梁諸葛軒轅濤濱澤鋼鐵銀鑫"
    "雲霞風龍駿鵬鴻鶴貞賢義禮孝順遠進達運連邁鄉長開閃閣雙難電靈韻頌願顯驚體點齡",
    "欧阳张刘陈杨黄赵吴孙马郑罗谢韩冯邓萧叶苏吕卢钟谭陆范贾韦邹阎龙顾龚邵万钱严齐庞颜庄聂鲁兰纪毕单"
    "无华宁国军强伟丽红莲凤兰鸣飞杰胜庆荣贵财发兴东卫爱玲娇婵娟琼艳静洁学梁诸葛轩辕涛滨泽钢铁银鑫"
    "云霞风龙骏鹏鸿鹤贞贤义礼孝顺远进达运连迈乡长开闪阁双难电灵韵颂愿显惊体点龄",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to split a name into family and given name; '' and () where there is none."""

    family: str
    given: str
    family_sound: Syllables
    given_sound: Syllables


@dataclass(frozen=True, slots=True)
class NameForms:
    """A name taken apart.

    `text` is the name cleaned (Han characters alone, else lower-case Latin words); `toned` is ()
    for a Latin name. `readings` holds the likeliest split first. `core` is what is left of a
    nickname without 小, 阿, 娃 or doubling, with its sound; '' if the name is none.
    """

    text: str
    script: str  # "han", "latin", "" for an empty name
    toned: Syllables
    sound: Syllables
    readings: tuple[Reading, ...]
    core: str
    core_sound: Syllables

    @property
    def folded(self) -> Syllables:
        return folded(self.sound)


EMPTY: Final = NameForms("", "", (), (), (), "", ())


@lru_cache(maxsize=50_000)
def forms(name: str) -> NameForms:
    """Take a written name apart; any text is accepted and at most 80 characters are read."""
    plain = unicodedata.normalize("NFKC", name[:MAX_CHARACTERS]).translate(_TRADITIONAL)
    han = "".join(filter(is_han, plain))
    if han:
        return _han_forms(han)
    words = re.findall(r"[a-z]+", re.sub(r"['’`]", " ", plain_latin(plain)))
    return _latin_forms(words) if words else EMPTY


def _han_forms(han: str) -> NameForms:
    readings = _han_readings(han)
    best = readings[0]
    core, core_sound = _han_core(han)
    family_sound = surname_sound_toned(best.family) if best.family else ()
    toned = (*family_sound, *toned_sound(best.given)) if best.given else family_sound
    return NameForms(han, "han", toned, without_tones(toned), readings, core, core_sound)


def _han_reading(family: str, given: str) -> Reading:
    family_sound = without_tones(surname_sound_toned(family)) if family else ()
    return Reading(family, given, family_sound, without_tones(toned_sound(given)) if given else ())


def _han_readings(han: str) -> tuple[Reading, ...]:
    """Splits in order of likelihood; the last is the name without any family name."""
    splits: list[tuple[str, str]] = []
    if len(han) >= 3 and han[:2] in COMPOUND:
        splits.append((han[:2], han[2:]))
    elif len(han) == 2 and han in COMPOUND:
        splits.append((han, ""))
    if 2 <= len(han) <= 4 and han[0] in KNOWN and not _doubled(han):
        splits.append((han[0], han[1:]))
    bare = ("", han)
    # A two-character name is as often a given name (春生) as family and given (王生).
    if len(han) > 4 or not splits or (len(han) == 2 and han[0] in _PREFIXES):
        splits.insert(0, bare)
    else:
        splits.append(bare)
    swapped = [
        (han[-size:], han[:-size])
        for size in (1, 2)
        if len(han) > size and han[-size:] in KNOWN and not _doubled(han)
    ]
    return tuple(_han_reading(*split) for split in dict.fromkeys([*splits, *swapped]))


def _doubled(han: str) -> bool:
    return len(han) == 2 and han[0] == han[1]


def _han_core(han: str) -> tuple[str, Syllables]:
    core = han
    if 2 <= len(core) <= 3 and core[0] in _PREFIXES:
        core = core[1:]
    for suffix in _SUFFIXES:
        if core == han and len(core) > len(suffix) and len(core) <= 3 and core.endswith(suffix):
            core = core[: -len(suffix)]
            break
    if _doubled(core):
        core = core[0]
    elif len(core) == 3 and core[1] == core[2]:  # 王明明 is a full name as often: both are kept
        core = core[2]
    if core == han:
        return "", ()
    return core, without_tones(toned_sound(core))


def _latin_forms(words: list[str]) -> NameForms:
    syllables = [split_syllables(word) for word in words]
    if any(part is None for part in syllables):
        text = " ".join(words)
        return NameForms(text, "latin", (), (text,), (Reading("", text, (), (text,)),), "", ())
    parts = [part for part in syllables if part is not None]
    sound = tuple(syllable for part in parts for syllable in part)
    core = _latin_core(sound)
    return NameForms(
        " ".join(words), "latin", (), sound, _latin_readings(parts, sound), "".join(core), core
    )


def _latin_readings(parts: list[Syllables], sound: Syllables) -> tuple[Reading, ...]:
    known = surname_sounds()
    splits: list[tuple[Syllables, Syllables]] = []
    for size in (2, 1):
        if len(sound) <= size or len(sound) > size + 3:
            continue
        front, back = "".join(sound[:size]), "".join(sound[-size:])
        if front in known and (len(parts) == 1 or "".join(parts[0]) == front or len(parts) > 2):
            splits.append((sound[:size], sound[size:]))
        # Western order: 'Xiaoming Wang'; only where the writer set the words apart.
        if len(parts) > 1 and back in known and "".join(parts[-1]) == back:
            splits.append((sound[-size:], sound[:-size]))
    splits.sort(key=lambda split: len(split[1]) == 1 and len(sound) == 3 and len(split[0]) == 2)
    if len(parts) == 2 and len(splits) > 1 and len(parts[0]) > len(parts[1]):
        splits.sort(key=lambda split: split[0] != parts[1])
    bare: tuple[Syllables, Syllables] = ((), sound)
    # Maomao, Xiaopang and A-Sheng are nicknames, as 毛毛 is, and no Mr Mao's or Mr Sheng's.
    pet = len(parts) == 1 or "".join(parts[0]) in _LATIN_PREFIXES
    splits.insert(0 if pet and _latin_core(sound) else len(splits), bare)
    return tuple(
        Reading("".join(family), "".join(given), family, given)
        for family, given in dict.fromkeys(splits)
    )


def _latin_core(sound: Syllables) -> Syllables:
    core = sound
    if 2 <= len(core) <= 3 and core[0] in _LATIN_PREFIXES:
        core = core[1:]
    elif len(core) == 2 and core[1] in _LATIN_SUFFIXES:
        core = core[:1]
    if len(core) == 2 and core[0] == core[1]:
        core = core[:1]
    elif len(core) == 3 and core[1] == core[2]:
        core = core[2:]
    return core if core != sound else ()
