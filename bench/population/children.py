"""Invented children: the facts of their lives, from which families' and strangers' words grow."""

# ruff: noqa: E501 - tables of Chinese, whose characters count twice

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from bench.population import phrases, where
from bench.population.chance import Weighted, pick
from bench.population.names import Name, invent_given, invent_name, invent_pets
from bench.population.phrases import MarkWords, Split, Topic
from bench.population.when import DAYS_A_YEAR, TODAY
from casemgr.platform.places import Division
from searches.matching.compare.growth import height_at

Words = tuple[str, str]
"""One thing in Chinese and in English."""

LOST_DAYS_AGO: Final = ((0.25, 5, 730), (0.35, 731, 4400), (0.40, 4401, 12_800))
"""Share of cases, and between how many days ago they were lost."""
YOUNGEST, OLDEST = 0.1, 15.9
AWAY: Final = 0.33
"""Share of children lost where their parents had gone to work."""
MARKS_EACH: Final = Weighted({0: 24, 1: 42, 2: 24, 3: 10})
KINDS: Final = Weighted({
    "scar": 33, "mole": 25, "birthmark": 18, "burn": 7, "dental": 5, "surgical": 4, "disability": 3,
    "other": 3, "extra_or_missing_digit": 1, "tattoo": 1,
})  # fmt: skip
BLOOD_GENES: Final = Weighted({"A": 0.20, "B": 0.19, "O": 0.61})
_COLOURS: Final[tuple[Words, ...]] = (
    ("红色", "red"), ("蓝色", "blue"), ("黑色", "black"), ("白色", "white"), ("灰色", "grey"),
    ("黄色", "yellow"), ("绿色", "green"), ("粉红色", "pink"), ("紫色", "purple"),
    ("花格子", "checked"),
)  # fmt: skip
_WARM: Final[tuple[Words, ...]] = (
    ("棉袄", "padded jacket"), ("外套", "jacket"), ("毛衣", "sweater"), ("卫衣", "hoodie"),
    ("羽绒服", "down jacket"),
)  # fmt: skip
_LIGHT: Final[tuple[Words, ...]] = (
    ("T恤", "T-shirt"), ("短袖", "short-sleeved shirt"), ("衬衫", "shirt"), ("背心", "vest"),
)  # fmt: skip
_BELOW: Final[tuple[Words, ...]] = (
    ("裤子", "trousers"), ("牛仔裤", "jeans"), ("运动裤", "tracksuit trousers"),
    ("短裤", "shorts"), ("裙子", "skirt"),
)  # fmt: skip
DIALECTS: Final[dict[str, tuple[Words, ...]]] = {
    "53": (("云南话", "Yunnan dialect"),), "52": (("贵州话", "Guizhou dialect"),),
    "51": (("四川话", "Sichuanese"),), "50": (("重庆话", "Chongqing dialect"),),
    "42": (("湖北话", "Hubei dialect"),), "43": (("湖南话", "Hunan dialect"),),
    "44": (("粤语", "Cantonese"), ("客家话", "Hakka"), ("潮汕话", "Teochew")),
    "45": (("白话", "Cantonese"), ("壮语", "Zhuang")),
    "35": (("闽南话", "Hokkien"), ("福州话", "Fuzhou dialect")), "33": (("温州话", "Wenzhounese"),),
    "36": (("江西话", "Gan"), ("客家话", "Hakka")), "41": (("河南话", "Henan dialect"),),
    "37": (("山东话", "Shandong dialect"),), "61": (("陕西话", "Shaanxi dialect"),),
    "14": (("山西话", "Shanxi dialect"),), "21": (("东北话", "northeastern dialect"),),
    "22": (("东北话", "northeastern dialect"),), "23": (("东北话", "northeastern dialect"),),
}  # fmt: skip
MINORITIES: Final[dict[str, tuple[float, Words]]] = {
    "53": (0.25, ("彝族", "Yi")), "52": (0.25, ("苗族", "Miao")), "45": (0.35, ("壮族", "Zhuang")),
    "51": (0.06, ("彝族", "Yi")), "43": (0.08, ("土家族", "Tujia")), "63": (0.3, ("藏族", "Tibetan")),
    "64": (0.35, ("回族", "Hui")), "15": (0.18, ("蒙古族", "Mongol")), "65": (0.4, ("维吾尔族", "Uyghur")),
    "22": (0.05, ("朝鲜族", "Korean")), "46": (0.15, ("黎族", "Li")),
}  # fmt: skip
"""Share of a province's families of its largest minority."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the body that a mark may be on, and how often it is."""

    code: str
    words: Words
    weight: int
    sided: bool = False
    hidden: bool = False


PARTS: Final = Weighted({part: float(part.weight) for part in (
    Part("forehead", ("额头", "forehead"), 7), Part("eyebrow", ("眉毛", "eyebrow"), 4, True),
    Part("eye", ("眼角", "corner of the eye"), 3, True), Part("nose", ("鼻子", "nose"), 2),
    Part("cheek", ("脸颊", "cheek"), 6, True), Part("mouth", ("嘴角", "corner of the mouth"), 4, True),
    Part("chin", ("下巴", "chin"), 4), Part("ear", ("耳朵", "ear"), 4, True),
    Part("head", ("后脑", "back of the head"), 5), Part("neck", ("脖子", "neck"), 5),
    Part("hand", ("手背", "back of the hand"), 6, True), Part("finger", ("手指", "finger"), 4, True),
    Part("arm", ("胳膊", "arm"), 7, True), Part("elbow", ("肘", "elbow"), 2, True, True),
    Part("shoulder", ("肩膀", "shoulder"), 4, True, True), Part("chest", ("胸口", "chest"), 4, False, True),
    Part("back", ("后背", "back"), 6, False, True), Part("abdomen", ("肚子", "belly"), 4, False, True),
    Part("waist", ("腰", "waist"), 3, False, True), Part("buttock", ("屁股", "buttock"), 4, True, True),
    Part("leg", ("小腿", "lower leg"), 6, True, True), Part("leg", ("大腿", "thigh"), 4, True, True),
    Part("knee", ("膝盖", "knee"), 5, True, True), Part("foot", ("脚", "foot"), 4, True, True),
)})  # fmt: skip
_SIDES: Final = {"left": ("左", "left "), "right": ("右", "right "), "": ("", "")}


@dataclass(frozen=True, slots=True)
class BodyMark:
    """One mark of one child; `side` is '' where it has none."""

    kind: MarkWords
    part: str
    part_words: Words
    side: str
    hidden: bool

    def told(self, draw: float, language: str, *, by_family: bool) -> str:
        """The mark in the family's or in somebody else's words."""
        wording = self.kind.family if by_family else self.kind.other
        which = 0 if language == "zh" else 1
        side = _SIDES[self.side][which]
        return wording.told(draw, language).format(s=side, p=side + self.part_words[which])


Clothes = tuple[tuple[Words, Words], ...]


@dataclass(frozen=True, slots=True)
class Child:
    """One invented child. `tallness` is in standard deviations from the WHO's median."""

    sex: str
    birth: date
    lost: date
    home: Division
    lost_at: Division
    name: Name
    marks: tuple[BodyMark, ...]
    memories: tuple[Topic, ...]
    traits: tuple[Topic, ...]
    dialect: Words | None
    minority: Words | None
    parents_blood: tuple[str, str]
    blood: str
    tallness: float
    clothes: Clothes

    def age_on(self, day: date) -> float:
        """Age in years, below 0 before birth."""
        return (day - self.birth).days / DAYS_A_YEAR

    def height_on(self, day: date) -> float:
        """Height in cm; the children of hardship are a little short."""
        median, spread = height_at(max(0.0, self.age_on(day)), self.sex)
        return median + spread * (self.tallness - 0.3)


def invent(rng: Random, split: Split) -> Child:
    """Any child on file, or any other child who could be."""
    sex = "male" if rng.random() < 0.58 else "female"
    lost = TODAY - timedelta(days=_days_ago(rng))
    age = min(OLDEST, max(YOUNGEST, rng.gammavariate(2.6, 2.0)))
    birth = lost - timedelta(days=round(age * DAYS_A_YEAR))
    home = pick(rng, where.counties(where.HOMES.draw(rng)))
    away = rng.random() < AWAY
    province = home.code[:2]
    dialects = DIALECTS.get(province)
    share, group = MINORITIES.get(province, (0.0, ("", "")))
    parents, blood = _blood(rng)
    return Child(
        sex=sex,
        birth=birth,
        lost=lost,
        home=home,
        lost_at=pick(rng, where.counties(where.MIGRATION.draw(rng))) if away else home,
        name=invent_name(rng, sex, birth.year),
        marks=tuple(invent_mark(rng, split) for _ in range(MARKS_EACH.draw(rng))),
        memories=_memories(rng, province, split),
        traits=_traits(rng, split),
        dialect=pick(rng, dialects) if dialects and rng.random() < 0.85 else None,
        minority=group if rng.random() < share else None,
        parents_blood=parents,
        blood=blood,
        tallness=rng.gauss(0, 1),
        clothes=invent_clothes(rng, lost),
    )


def twin_of(rng: Random, child: Child, split: Split) -> Child:
    """The twin, lost together: the same but for given name, marks and, at times, sex."""
    sex = child.sex if rng.random() < 0.65 else "female" if child.sex == "male" else "male"
    return replace(
        child,
        sex=sex,
        name=_named_after(rng, child.name.family, sex, child.birth.year),
        marks=tuple(invent_mark(rng, split) for _ in range(MARKS_EACH.draw(rng))),
        tallness=child.tallness + rng.gauss(0, 0.3),
        clothes=child.clothes if rng.random() < 0.5 else invent_clothes(rng, child.lost),
    )


def sibling_of(rng: Random, child: Child, split: Split) -> Child:
    """A brother or sister who is not on file: the same home, another body and another age."""
    other = invent(rng, split)
    birth = child.birth + timedelta(days=round(rng.choice((-1, 1)) * rng.uniform(330, 2200)))
    born = min(birth, child.lost - timedelta(days=60))
    return replace(
        other,
        birth=born,
        lost=child.lost,
        home=child.home,
        lost_at=child.lost_at,
        name=_named_after(rng, child.name.family, other.sex, born.year),
        memories=child.memories,
        dialect=child.dialect,
        minority=child.minority,
        parents_blood=child.parents_blood,
    )


def invent_mark(rng: Random, split: Split) -> BodyMark:
    """A mark somewhere."""
    kind = pick(rng, phrases.marks(split)[KINDS.draw(rng)])
    side = "left" if rng.random() < 0.5 else "right"
    if kind.part:
        return BodyMark(kind, kind.part, ("", ""), side if kind.sided else "", kind.hidden)
    part = PARTS.draw(rng)
    return BodyMark(kind, part.code, part.words, side if part.sided else "", part.hidden)


def invent_clothes(rng: Random, day: date) -> Clothes:
    """Something above and something below, for the season, each with its colour."""
    top = pick(rng, _LIGHT if 5 <= day.month <= 9 else _WARM)
    return ((pick(rng, _COLOURS), top), (pick(rng, _COLOURS), pick(rng, _BELOW)))


def invent_colour(rng: Random) -> Words:
    """Any colour."""
    return pick(rng, _COLOURS)


def clothes_told(clothes: Clothes, language: str) -> str:
    """红色棉袄，蓝色裤子, or 'red padded jacket, blue trousers'."""
    if language == "zh":
        return "，".join(colour[0] + item[0] for colour, item in clothes)
    return ", ".join(f"{colour[1]} {item[1]}" for colour, item in clothes)


def _named_after(rng: Random, family: str, sex: str, born: int) -> Name:
    given = invent_given(rng, sex, born)
    return Name(family, given, invent_pets(rng, sex, given))


def _days_ago(rng: Random) -> int:
    draw = rng.random()
    for share, low, high in LOST_DAYS_AGO:
        if draw < share:
            return low + int(draw / share * (high - low))
        draw -= share
    return LOST_DAYS_AGO[-1][2]


def _blood(rng: Random) -> tuple[tuple[str, str], str]:
    """The parents' types and the child's, by Mendel's rules."""
    mother = BLOOD_GENES.draw(rng), BLOOD_GENES.draw(rng)
    father = BLOOD_GENES.draw(rng), BLOOD_GENES.draw(rng)
    own = pick(rng, mother), pick(rng, father)
    return (_type(mother), _type(father)), _type(own)


def _type(genes: tuple[str, str]) -> str:
    return "".join(sorted(set(genes) - {"O"})) or "O"


def _memories(rng: Random, province: str, split: Split) -> tuple[Topic, ...]:
    """Two to five things of home that belong to the region."""
    topics = phrases.memories(split)
    found: dict[str, Topic] = {}
    for _ in range(2 + int(rng.random() * 4)):
        topic = pick(rng, topics)
        if not topic.provinces or province in topic.provinces:
            found[topic.name] = topic
    return tuple(found.values())


def _traits(rng: Random, split: Split) -> tuple[Topic, ...]:
    """None to three; of eyes, hair or skin only one sort each."""
    topics = phrases.traits(split)
    found = {}
    for _ in range(int(rng.random() * 4)):
        topic = pick(rng, topics)
        found[topic.name.split("-")[0]] = topic
    return tuple(found.values())
