"""Invented names: common surnames, given names by chance, pet names, and mishearings."""

from dataclasses import dataclass
from random import Random
from typing import Final

from pypinyin import lazy_pinyin

SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周" * 4
    + "徐孙马朱胡郭何高林罗" * 3
    + "郑梁谢宋唐许韩冯邓曹彭曾肖田董" * 2
    + "袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙"
    + "史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
"""One character for each chance; the ten commonest hold about a quarter, as they do in life."""
COMPOUND_SURNAMES: Final = ("欧阳", "上官", "司徒", "诸葛")

BOYS_FIRST: Final = "建志国家文明海小春俊天永子浩宇晓光德成庆玉立云大金世长兴学新"
BOYS_SECOND: Final = "强军伟辉生林波华平龙杰涛勇刚斌鹏飞超亮东峰松柏安福贵根旺祥宝"
GIRLS_FIRST: Final = "小晓春秀玉雪美丽慧文佳思雨婷梦海桂月红冬彩素巧金银云若欣可诗"
GIRLS_SECOND: Final = "芳梅兰英霞燕娟玲琴莲萍花珍香菊琳敏静妮娜凤蓉菲洁莹怡瑶雯芬艳"
PETS: Final = (
    "毛毛", "豆豆", "贝贝", "乐乐", "多多", "点点", "圆圆", "果果", "团团", "阳阳", "欢欢", "宝宝",
    "球球", "苗苗", "可可", "当当", "小宝", "小不点", "小石榴", "小满", "小年", "小雨", "小雪",
    "土豆", "米粒", "汤圆", "年糕", "核桃", "板栗", "花生",
)  # fmt: skip
BOYS_PET: Final = (
    *PETS,
    "石头", "虎子", "狗娃", "小胖", "壮壮", "牛牛", "二娃", "蛋蛋", "幺儿", "铁蛋", "黑娃", "大头",
    "栓柱", "狗剩", "三毛", "小四", "柱子", "墩墩", "猴子", "老幺", "满仓", "胖墩", "旦旦",
)  # fmt: skip
GIRLS_PET: Final = (
    *PETS,
    "妞妞", "丫丫", "囡囡", "宝儿", "甜甜", "幺妹", "朵朵", "小妹", "糖糖", "二妹", "妮子", "丫头",
    "三妹", "毛丫", "花花", "小燕子", "大妞", "招弟", "格格", "杏儿", "桃子", "秋秋", "穗穗",
)  # fmt: skip

HOMOPHONES: Final = dict(
    zip("强军伟辉生林波华平龙杰涛勇刚峰松安福祥宝春海明建芳梅兰英霞燕娟玲琴莲萍花珍香琳敏静云小文志虎豆圆",
        "墙君苇灰声琳博花萍笼洁桃咏钢风淞鞍富翔保椿孩鸣健方媒蓝鹰下艳捐铃勤连平化真乡林民净芸晓闻至湖都园",
        strict=True)
)  # fmt: skip
"""How a stranger who only heard the name may write it: the same sound or nearly."""
SLIPS: Final = (("sh", "s"), ("zh", "z"), ("ch", "c"), ("ng", "n"), ("l", "n"), ("h", "f"))
"""What ears and dialects do to a name written in Latin letters."""


@dataclass(frozen=True, slots=True)
class Name:
    """One invented name in Chinese characters; `pets` are what the child is called at home."""

    family: str
    given: str
    pets: tuple[str, ...]

    @property
    def full(self) -> str:
        """Family name first."""
        return self.family + self.given

    def latin(self) -> "Name":
        """The same name as a family who writes English gives it."""
        return Name(
            family=spelled(self.family), given=spelled(self.given),
            pets=tuple(spelled(pet) for pet in self.pets),
        )  # fmt: skip


def invent_name(rng: Random, sex: str) -> Name:
    """A name such as children of that sex have."""
    boy = sex == "male"
    family = rng.choice(COMPOUND_SURNAMES) if rng.random() < 0.006 else rng.choice(SURNAMES)
    first, second = (BOYS_FIRST, BOYS_SECOND) if boy else (GIRLS_FIRST, GIRLS_SECOND)
    last = rng.choice(second)
    given = last if rng.random() < 0.18 else rng.choice(first.replace(last, "")) + last
    pets = []
    if rng.random() < 0.7:
        pets.append(
            rng.choice(["阿" + last, "小" + last, last + last, last + ("子" if boy else "儿")])
        )
    if not pets or rng.random() < 0.3:
        pets.append(rng.choice(BOYS_PET if boy else GIRLS_PET))
    return Name(family, given, tuple(dict.fromkeys(pets)))


def spelled(name: str) -> str:
    """In Latin letters without tones: 阿生 is A-Sheng, 春生 Chunsheng."""
    syllables: list[str] = lazy_pinyin(name)
    if name.startswith("阿"):
        return "A-" + syllables[1].capitalize()
    return "".join(syllables).capitalize()


def heard(rng: Random, name: str, language: str) -> str:
    """The name as a witness writes it who has only heard it, in their own language."""
    if language == "zh":
        place = rng.randrange(len(name))
        swapped = HOMOPHONES.get(name[place]) if rng.random() < 0.4 else None
        return name[:place] + swapped + name[place + 1 :] if swapped else name
    written = spelled(name)
    fitting = [slip for slip in SLIPS if slip[0] in written.lower()[1:]]
    if fitting and rng.random() < 0.4:
        before, after = rng.choice(fitting)
        written = written[0] + written[1:].replace(before, after, 1)
    return written
