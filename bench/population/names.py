"""Names as families give them, as strangers hear them, and as new families change them.

Family names are as common as they are in China (the published counts that `casemgr.platform.names`
keeps); given names change with the years, and a few are very common.
"""

# ruff: noqa: E501 - tables of Chinese, whose characters count twice

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from pypinyin import lazy_pinyin

from bench.population.chance import Weighted, pick, ranked
from casemgr.platform.names.surnames import PER_CENT

FAMILY: Final = Weighted(PER_CENT)

_LISTS: Final = {
    ("male", 0): ("建国志文明海春永子光德成庆玉立云金长兴学新少家小", "军伟强勇刚平波辉华林生斌明龙杰涛鹏飞国东峰红松福贵根祥宝才民"),
    ("male", 1): ("志小文海俊家天晓建国玉明永振宏佳嘉振立世", "涛鹏杰浩超磊鑫亮飞龙宇凯波斌强辉军峰健帅康阳旭明华林勇伟"),
    ("male", 2): ("子浩宇俊梓天一嘉家文思雨博铭皓景沐奕瑞承", "轩宇涵豪然泽睿辰博航阳杰宸昊铭晨熙乐成霖恒毅凡诚瑞"),
    ("female", 0): ("秀桂春小玉美丽凤月红海金淑素彩爱巧冬惠云", "英芳兰梅珍霞燕红华玲萍琴娟花莲香云菊凤芬英丽平敏静霞"),
    ("female", 1): ("小晓丽海美春佳玉婷雪文慧雅思静金艳红秋", "燕丽娟婷静敏玲霞艳芳娜莉洁雪丹倩琳莎莹萍梅慧欢颖"),
    ("female", 2): ("子梓欣雨思佳诗一可语若紫嘉雅梦艺依馨沐", "涵怡萱琪妍彤瑶悦欣然雯雨蕊婷菲颖琳宁柔晴朵诺"),
}  # fmt: skip
"""First and second characters of given names by sex and time (born before 1985, before 2003, or
later), common ones first; a name of one character takes the second."""
_SINGLE: Final = (0.22, 0.30, 0.12)
"""Share of given names of one character, by time."""
GIVEN: Final = {
    key: (ranked(first, 4.0), ranked(second, 6.0)) for key, (first, second) in _LISTS.items()
}
_COMMON: Final = {
    ("male", 0): ("伟", "军", "勇", "建军", "建国", "志强", "小军"),
    ("male", 1): ("涛", "磊", "杰", "浩", "鑫", "志鹏", "俊杰"),
    ("male", 2): ("子轩", "浩宇", "梓豪", "宇轩", "浩然", "子涵", "俊熙"),
    ("female", 0): ("芳", "秀英", "丽", "敏", "桂英", "小红", "燕"),
    ("female", 1): ("静", "婷", "丽", "婷婷", "丽娟", "雪", "倩"),
    ("female", 2): ("子涵", "欣怡", "梓涵", "诗涵", "雨欣", "可馨", "佳怡"),
}  # fmt: skip
_COMMON_SHARE: Final = 0.12
"""Share of children who bear one of the most common names of their time."""
_PETS: Final = {
    "male": ("毛毛", "石头", "虎子", "豆豆", "狗蛋", "小胖", "壮壮", "牛牛", "二娃", "蛋蛋", "老三",
             "小宝", "铁蛋", "宝宝", "三娃", "黑子", "乐乐", "小龙"),
    "female": ("妞妞", "丫丫", "囡囡", "圆圆", "豆豆", "甜甜", "幺妹", "毛毛", "朵朵", "二丫", "小妹",
               "乐乐", "宝宝", "妮妮", "三妹", "丫头", "小凤", "花花"),
}  # fmt: skip
_HEARD: Final = (
    "伟卫围唯军君均俊钧强墙祥翔想项勇永用泳刚钢缸港建健件剑见国果过郭志智至自子紫字文闻温稳明名民"
    "敏铭海孩害春村纯淳永光广德得成城诚陈程庆清青玉雨语宇云运芸金今京经长常学雪新心星欣家加佳嘉"
    "佳少小晓笑肖平萍苹平波博伯辉灰惠慧会华花化林琳淋玲凌灵铃生声胜圣升森斌滨彬兵冰龙隆农浓笼杰"
    "节洁结捷涛桃套陶鹏朋彭飞菲非妃东冬栋峰风丰枫锋松宋送福富付胡湖虎贵桂归根跟宝保报才财彩"
    "秀绣修美梅妹媚丽莉立力理娜那凤奉月悦越红洪鸿淑书舒素苏爱艾巧桥英莹颖迎盈芳方房兰蓝岚男南楠"
    "珍真针贞霞侠夏下燕艳雁彦琴勤秦芹娟绢莲连怜恋香湘乡菊举芬分纷静净晶婷庭停艺义依怡仪意"
    "雅亚丹单倩欠千前琳洁莎沙纱砂慧欢环涵寒含汉轩宣萱喧豪浩昊好皓号然冉泽则择睿瑞锐辰晨臣尘宸"
    "航杭行阳杨洋羊扬熙希西溪乐了勒霖恒衡毅凡帆繁琪奇其旗妍言颜彤童同桐瑶摇遥雯蕊柔晴情诺朵"
    "若弱梦孟可克思司斯诗师施石梓紫沐木目奕承景井铭皓振震真宏世是士"
)
"""What people write for a name that they only heard."""
_SLIPS: Final = (
    ("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("n", "l"), ("hu", "fu"), ("fu", "hu"),
    ("z", "zh"), ("c", "ch"), ("s", "sh"),
)  # fmt: skip
_FINALS: Final = (("ing", "in"), ("eng", "en"), ("ang", "an"), ("in", "ing"), ("en", "eng"))
"""What dialects do to the beginning and the end of a syllable."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name in characters; `pets` are what the child is called at home."""

    family: str
    given: str
    pets: tuple[str, ...]

    @property
    def full(self) -> str:
        """Family name first."""
        return self.family + self.given


def invent_given(rng: Random, sex: str, born: int) -> str:
    """A given name of its time; `born` is the year."""
    era = 0 if born < 1985 else 1 if born < 2003 else 2
    if rng.random() < _COMMON_SHARE:
        return pick(rng, _COMMON[sex, era])
    first, second = GIVEN[sex, era]
    last = second.draw(rng)
    if rng.random() < _SINGLE[era]:
        return last
    start = first.draw(rng)
    return start + last


def invent_pets(rng: Random, sex: str, given: str) -> tuple[str, ...]:
    """One or two names used at home; most are made of the given name."""
    last = given[-1]
    found = []
    if rng.random() < 0.6:
        found.append(pick(rng, ("阿" + last, "小" + last, last + last)))
    if not found or rng.random() < 0.25:
        found.append(pick(rng, _PETS[sex]))
    return tuple(dict.fromkeys(found))


def invent_name(rng: Random, sex: str, born: int) -> Name:
    """A whole name."""
    given = invent_given(rng, sex, born)
    return Name(FAMILY.draw(rng), given, invent_pets(rng, sex, given))


@cache
def spelled(name: str) -> str:
    """In Latin letters without tones: 小军 is Xiaojun."""
    return "".join(lazy_pinyin(name)).capitalize()


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for character in dict.fromkeys(_HEARD):
        found[lazy_pinyin(character)[0]].append(character)
    return {sound: tuple(characters) for sound, characters in found.items()}


@cache
def _slipped(sound: str) -> tuple[str, ...]:
    """What a syllable may turn into in a dialect."""
    starts = [new + sound[len(old) :] for old, new in _SLIPS if sound.startswith(old)]
    ends = [sound[: -len(old)] + new for old, new in _FINALS if sound.endswith(old)]
    return tuple(starts + ends)


def misheard(rng: Random, name: str) -> str:
    """A name in characters as somebody writes it who heard it: one character of it another."""
    position = int(rng.random() * len(name))
    sound = lazy_pinyin(name[position])[0]
    sounds = [sound]
    if rng.random() < 0.4:
        sounds = [slip for slip in _slipped(sound) if slip in _by_sound()] or sounds
    choices = [c for s in sounds for c in _by_sound().get(s, ()) if c != name[position]]
    if not choices:
        return name
    return name[:position] + pick(rng, choices) + name[position + 1 :]


def misspelled(rng: Random, name: str) -> str:
    """A name in characters as somebody spells it in Latin letters who heard it in dialect."""
    syllables = lazy_pinyin(name)
    position = int(rng.random() * len(syllables))
    slips = _slipped(syllables[position])
    if slips:
        syllables[position] = pick(rng, slips)
    return "".join(syllables).capitalize()


def heard(rng: Random, name: str, language: str, *, slip: float) -> str:
    """A name as a stranger gives it; wrongly, in one syllable, as often as `slip` says."""
    slipped = rng.random() < slip
    if language == "zh":
        return misheard(rng, name) if slipped else name
    return misspelled(rng, name) if slipped else spelled(name)
