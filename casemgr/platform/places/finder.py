"""Finds division names inside free text, in Chinese and in pinyin or English.

Every name in the text is looked up, longest first. A name that several divisions share
(朝阳, 鼓楼区, Suzhou) goes to the one whose province or prefecture the text names too; without such
help to the highest level; and where even that leaves a tie, to what all of them lie in, if that is
anything.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Final

from casemgr.platform.places.gazetteer import Division, divisions, parents
from casemgr.platform.places.names import stem

MAX_CHARACTERS: Final = 20_000
_MAX_MENTIONS: Final = 400
_RANK: Final = {"province": 2, "prefecture": 1, "county": 0}
_HAN: Final = re.compile(r"[\u3400-\u9fff]+")
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_KIND_WORDS: Final = frozenset({"city", "county", "district", "province", "prefecture"})

# Short names that are everyday words: they count only beside a place that contains them.
_EVERYDAY: Final = frozenset(
    [
        "公安", "南部", "上街", "港口", "和平", "光明", "前进", "向阳", "红旗", "解放", "东方",
        "东风", "平安", "同心", "大方", "友好", "建设", "工农", "新华", "新城", "白云", "西湖",
        "东湖", "牡丹", "江南", "江北", "河东", "河西", "河口", "桥东", "桥西", "铁东", "铁西",
        "站前", "城关", "鼓楼", "钟楼", "大安", "大同", "清水", "清河", "沙河", "石门", "双桥",
        "三河", "五河", "上城", "下城", "城中", "安全", "中原", "长安", "永定", "太平", "中山",
        "兴隆", "兴业", "安定", "文化", "民主", "富裕", "富民", "新民", "新建", "新兴", "高平",
        "高台", "高青", "平山", "平泉", "金山", "银海", "大通", "通道", "开平", "开化", "开阳",
        "山阳", "凤凰", "化德", "尖山", "东山", "西山", "南山", "北山", "东河", "南河", "西乡",
        "东乡", "南乡", "江海", "金川", "西市", "南市", "水城", "武功", "会同", "互助", "自流",
        "天全", "名山", "青山", "石河", "古城", "老城", "老边", "集美", "集安", "翔安", "宁静",
        "合作", "和静", "和顺", "和气", "双江", "小金", "乐都", "乐业", "海门", "海城", "江山",
        "大英", "大余", "大埔", "花溪", "花都", "秀山", "道真", "共和", "桥头", "南关", "北关",
        "东关", "西关", "红桥", "红岗", "红星", "爱民", "爱辉", "爱国", "安次", "安居", "安康",
        "安宁", "文山", "文成", "文水", "文安", "文昌", "泉山", "龙门", "龙井", "龙山", "麻山",
        "大关", "大观", "大洼", "大武", "大厂", "广场", "社旗", "博爱", "尚义", "正定", "正阳",
        "正安", "正宁", "永和", "永安", "永新", "永康",
    ]
)  # fmt: skip
# Pinyin that is an English word, or a syllable pair too common in names to be a place by itself.
_ENGLISH_WORDS: Final = frozenset(
    {"jingle", "along", "longan", "dangan", "mango", "changing", "singing", "linger", "xiaoming"}
)
# One city among those of the same pinyin is meant unless the text says otherwise.
_PREFERRED: Final = frozenset({"320500", "350100", "610100", "370200", "440300"})


@dataclass(frozen=True, slots=True)
class Mention:
    """One place name in a text: where, as written, and what it may stand for."""

    start: int
    end: int
    text: str
    candidates: tuple[Division, ...]


def _han_names(unit: Division) -> set[str]:
    names = {unit.name_zh, *unit.former_names}
    names |= {short for name in names if len(short := stem(name)) > 1}
    return names


@cache
def _han_index() -> dict[str, tuple[Division, ...]]:
    index: dict[str, list[Division]] = defaultdict(list)
    for unit in divisions().values():
        for name in _han_names(unit):
            index[name].append(unit)
    return {name: tuple(units) for name, units in index.items()}


@cache
def _han_lengths() -> dict[str, tuple[int, ...]]:
    """For the first two characters of each name, the lengths of names that start so."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for name in _han_index():
        lengths[name[:2]].add(len(name))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}


def squeeze(text: str) -> str:
    """Lower-case letters only, for comparing Latin spellings."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if "a" <= character <= "z")


@cache
def _latin_index() -> dict[str, tuple[Division, ...]]:
    index: dict[str, list[Division]] = defaultdict(list)
    for unit in divisions().values():
        name = squeeze(unit.name_en)
        index[name].append(unit)
        if "ü" in unit.name_en:  # Lüliang is typed Lvliang too
            index[squeeze(unit.name_en.replace("ü", "v"))].append(unit)
    return {name: tuple(units) for name, units in index.items() if len(name) > 3}


def _han_mentions(text: str) -> list[Mention]:
    index, lengths = _han_index(), _han_lengths()
    found: list[Mention] = []
    for run in _HAN.finditer(text):
        position, end = run.span()
        while position < end - 1 and len(found) < _MAX_MENTIONS:
            for length in lengths.get(text[position : position + 2], ()):
                name = text[position : position + length]
                if len(name) == length and position + length <= end and name in index:
                    found.append(Mention(position, position + length, name, index[name]))
                    position += length
                    break
            else:
                position += 1
    return found


def _latin_mentions(text: str) -> list[Mention]:
    index = _latin_index()
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = [
        (match.start(), match.end(), squeeze(match.group()))
        for match in _WORD.finditer("".join(c for c in plain if not unicodedata.combining(c)))
    ]
    found: list[Mention] = []
    position = 0
    while position < len(words) and len(found) < _MAX_MENTIONS:
        for length in (3, 2, 1):
            span = words[position : position + length]
            name = "".join(word for _, _, word in span)
            if len(span) == length and name in index:
                found.append(Mention(span[0][0], span[-1][1], name, index[name]))
                position += length
                break
        else:
            position += 1
    return found


def mentions(text: str) -> list[Mention]:
    """Every division name in the text, in order; text past 20,000 characters is not read."""
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    return sorted(_han_mentions(plain) + _latin_mentions(plain), key=lambda found: found.start)


@dataclass(frozen=True, slots=True)
class _Context:
    """Which other mentions name a code, or something inside it."""

    named: dict[str, set[int]]
    contained: dict[str, set[int]]

    @classmethod
    def of(cls, found: list[Mention]) -> "_Context":
        named: dict[str, set[int]] = defaultdict(set)
        contained: dict[str, set[int]] = defaultdict(set)
        for number, mention in enumerate(found):
            for unit in mention.candidates:
                named[unit.code].add(number)
                for parent in parents(unit.code):
                    contained[parent.code].add(number)
        return cls(named, contained)

    def support(self, unit: Division, number: int) -> int:
        """How many of the unit's parents other mentions name, plus one for a place within it."""
        above = sum(
            bool(self.named.get(parent.code, set()) - {number}) for parent in parents(unit.code)
        )
        return above * 2 + bool(self.contained.get(unit.code, set()) - {number})


def _settle(mention: Mention, number: int, context: _Context) -> tuple[int, Division] | None:
    """The one division a mention stands for, with its support; None if that is a guess."""

    def merit(unit: Division) -> tuple[int, bool, bool, int, bool]:
        return (
            context.support(unit, number),
            unit.until is None,
            mention.text in (unit.name_zh, stem(unit.name_zh), squeeze(unit.name_en)),
            _RANK[unit.level],
            unit.code in _PREFERRED,
        )

    ranked = sorted(mention.candidates, key=merit, reverse=True)
    best = merit(ranked[0])
    everyday = mention.text in _EVERYDAY or squeeze(mention.text) in _ENGLISH_WORDS
    if everyday and best[0] < 2 and ranked[0].level == "county":
        return None
    tied = [unit for unit in ranked if merit(unit) == best]
    unit = tied[0] if len(tied) == 1 else _common_parent(tied)
    return (best[0], unit) if unit else None


def _common_parent(units: list[Division]) -> Division | None:
    """The nearest division in which all of them lie."""
    chains = [parents(unit.code) for unit in units]
    return next((parent for parent in chains[0] if all(parent in chain for chain in chains)), None)


def find_all(text: str) -> list[Division]:
    """The divisions named in the text, best first, without the parents of others in the list.

    Best is the one with most of its parents named beside it, then the finest, then the first.
    """
    found = mentions(text)
    context = _Context.of(found)
    settled: dict[str, tuple[int, int, int, Division]] = {}
    for number, mention in enumerate(found):
        choice = _settle(mention, number, context)
        if choice is not None:
            support, unit = choice
            entry = (-support, _RANK[unit.level], number, unit)
            if unit.code not in settled or entry[:3] < settled[unit.code][:3]:
                settled[unit.code] = entry
    covered = {parent.code for code in settled for parent in parents(code)}
    ordered = sorted(settled.values(), key=lambda entry: entry[:3])
    return [unit for *_, unit in ordered if unit.code not in covered]


def find(text: str) -> Division | None:
    """The division a text most probably speaks of, or None."""
    return next(iter(find_all(text)), None)
