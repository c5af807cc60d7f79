"""Distinguishing marks: how a family tells of them, and how somebody else does, in both languages.

The two never share a sentence: who saw a mark for a moment words it differently from who bathed
the child.
"""

# ruff: noqa: E501 - one mark a line

from dataclasses import dataclass
from random import Random
from typing import Final

from casemgr.demo.facts import Words, both

SIDES: Final = {"left": both("左", "left "), "right": both("右", "right "), "": both("", "")}

KINDS: Final = {
    "scar": 32, "mole": 26, "birthmark": 19, "burn": 8, "dental": 5, "surgical": 3,
    "disability": 3, "other": 3, "extra_or_missing_digit": 1,
}  # fmt: skip
"""How often each kind of mark is told of, in hundredths."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the body; `weight` is how often marks are told to be there."""

    code: str
    words: Words
    weight: int
    sided: bool = False
    hidden: bool = False


PARTS: Final = (
    Part("forehead", both("额头", "forehead"), 7),
    Part("eyebrow", both("眉毛", "eyebrow"), 5, sided=True),
    Part("nose", both("鼻梁", "nose"), 2),
    Part("cheek", both("脸蛋", "cheek"), 7, sided=True),
    Part("mouth", both("嘴角", "corner of the mouth"), 4, sided=True),
    Part("chin", both("下巴", "chin"), 4),
    Part("ear", both("耳朵", "ear"), 4, sided=True),
    Part("head", both("后脑勺", "back of the head"), 4),
    Part("neck", both("脖子", "neck"), 5, sided=True),
    Part("hand", both("手背", "hand"), 6, sided=True),
    Part("finger", both("食指", "index finger"), 4, sided=True),
    Part("arm", both("胳膊", "arm"), 7, sided=True),
    Part("elbow", both("胳膊肘", "elbow"), 2, sided=True, hidden=True),
    Part("shoulder", both("肩膀", "shoulder"), 4, sided=True, hidden=True),
    Part("chest", both("胸口", "chest"), 4, hidden=True),
    Part("back", both("后背", "back"), 6, hidden=True),
    Part("abdomen", both("肚子", "belly"), 3, hidden=True),
    Part("waist", both("腰", "waist"), 3, hidden=True),
    Part("buttock", both("屁股", "buttock"), 3, sided=True, hidden=True),
    Part("leg", both("小腿", "calf"), 7, sided=True, hidden=True),
    Part("leg", both("大腿", "thigh"), 4, sided=True, hidden=True),
    Part("knee", both("膝盖", "knee"), 5, sided=True, hidden=True),
    Part("foot", both("脚背", "foot"), 4, sided=True, hidden=True),
)

TOLD: Final[dict[str, tuple[Words, ...]]] = {
    "scar": (
        both("{p}有一道疤，学走路时磕的", "a scar on the {p} from learning to walk"),
        both("{p}被镰刀划过，留了一条斜疤", "a slanting scar on the {p} from a sickle"),
        both("{p}摔破过，缝了三针", "three stitches on the {p} after a fall"),
        both("{p}有个小疤，是被狗抓的", "a small scar on the {p} where a dog scratched"),
        both("{p}被玻璃划的疤，两厘米长", "a scar of two centimetres on the {p}, cut on glass"),
        both("{p}有个圆圆的疤，出水痘留下的", "a round scar on the {p} left by chickenpox"),
    ),
    "birthmark": (
        both("{p}有块红色胎记，像一片叶子", "a red birthmark like a leaf on the {p}"),
        both("{p}有一块青色胎记，铜钱大", "a bluish birthmark as big as a coin on the {p}"),
        both("{p}有浅褐色胎记，指甲盖大小", "a light brown birthmark the size of a fingernail on the {p}"),
        both("{p}有块黑色胎记，上面长了几根毛", "a dark birthmark with a few hairs on the {p}"),
        both("{p}有三颗连成一线的褐色胎记", "three brown birthmarks in a row on the {p}"),
    ),
    "mole": (
        both("{p}有一颗黑痣", "a black mole on the {p}"),
        both("{p}有颗米粒大的痣", "a mole the size of a grain of rice on the {p}"),
        both("{p}有颗红痣", "a red mole on the {p}"),
        both("{p}有两颗挨着的小痣", "two small moles side by side on the {p}"),
    ),
    "burn": (
        both("{p}小时候被开水烫过，皮皱皱的", "the {p} was scalded by hot water, the skin is wrinkled"),
        both("{p}被灶火烫伤，有一片疤", "a burn on the {p} from the stove"),
        both("{p}被摩托车排气管烫过，有个长圆的疤", "an oval burn on the {p} from a motorcycle exhaust"),
    ),
}  # fmt: skip
"""A family's words; {p} is the part with its side."""
SEEN: Final[dict[str, tuple[Words, ...]]] = {
    "scar": (
        both("{p}有个疤", "a scar on the {p}"),
        both("{p}有道浅浅的印子", "a faint line on the {p}"),
        both("{p}那儿像是缝过针", "what looks like old stitches on the {p}"),
        both("{p}有老伤疤", "an old scar on the {p}"),
    ),
    "birthmark": (
        both("{p}有块印子，洗不掉的那种", "a coloured patch on the {p} that doesn't wash off"),
        both("{p}有块胎记", "a birthmark on the {p}"),
        both("{p}有块颜色不一样的皮肤，像胎记", "a patch of other colour on the {p}, like a birthmark"),
    ),
    "mole": (
        both("{p}有颗痣", "a mole on the {p}"),
        both("{p}有个小黑点", "a dark dot on the {p}"),
        both("{p}长着痣", "a mole somewhere on the {p}"),
    ),
    "burn": (
        both("{p}皮肤皱巴巴的，像烫过", "wrinkled skin on the {p}, like an old burn"),
        both("{p}有烫伤的疤", "burn marks on the {p}"),
    ),
}  # fmt: skip
"""Somebody else's words."""


@dataclass(frozen=True, slots=True)
class Special:
    """A mark that can be in one place only, with its own words; {s} is the side."""

    kind: str
    part: str
    told: Words
    seen: tuple[Words, ...]
    sided: bool = False
    hidden: bool = False


SPECIALS: Final = (
    Special("dental", "mouth", both("门牙缺了一个角，是摔的", "a front tooth with a chipped corner, from a fall"),
            (both("门牙少了个角", "a chipped front tooth"), both("前面的牙齿磕掉一块", "one of the front teeth is broken at the corner"))),
    Special("dental", "mouth", both("有一对虎牙，笑起来很明显", "two pointed canine teeth that show when smiling"),
            (both("笑的时候露出两颗虎牙", "pointed teeth on both sides when smiling"), both("长着虎牙", "two crooked canine teeth"))),
    Special("dental", "mouth", both("两颗门牙中间有道缝", "a gap between the two front teeth"),
            (both("门牙有缝，说话漏风", "gap teeth, lisping a little"), both("牙缝很大", "a wide gap in the front teeth"))),
    Special("extra_or_missing_digit", "finger", both("{s}手多一个小指头", "an extra little finger on the {s}hand"),
            (both("{s}手是六个手指", "six fingers on the {s}hand"), both("{s}手小指旁边还长了个小指头", "an extra finger on the {s}hand")), sided=True),
    Special("extra_or_missing_digit", "finger", both("{s}手食指少了一截，被门夹的", "the tip of the {s}index finger is missing, caught in a door"),
            (both("{s}手有个手指短一截", "one finger of the {s}hand is short"), both("{s}手食指缺了头", "the tip of a finger on the {s}hand is missing")), sided=True),
    Special("disability", "leg", both("{s}腿走路有点跛", "limps a little on the {s}leg"),
            (both("走路一瘸一拐的", "walks with a limp"), both("{s}脚有点瘸", "limping on the {s}side")), sided=True),
    Special("disability", "ear", both("听力不好，要大声说才听得见", "hard of hearing, you have to speak up"),
            (both("好像耳朵有点聋，叫了几声才回头", "seems a bit deaf, turned only when called loudly"), both("听不清人说话", "didn't hear well"))),
    Special("disability", "hand", both("{s}手使不上力，手指伸不直", "the {s}hand has no strength and the fingers stay bent"),
            (both("{s}手蜷着", "the {s}hand is curled up"), both("一只手好像不能用", "one hand seems of no use")), sided=True),
    Special("disability", "mouth", both("说话含糊，只有家里人听得懂", "speech so unclear that only family understands it"),
            (both("说话听不清楚", "speech one can hardly understand"), both("只会嗯嗯啊啊", "makes sounds, hardly words"))),
    Special("disability", "foot", both("{s}脚是内翻足", "a club foot on the {s}side"),
            (both("{s}脚往里拐着走", "walks with the {s}foot turned in"), both("脚长得不正", "a misshapen foot")), sided=True),
    Special("disability", "eye", both("{s}眼斜视", "a squint in the {s}eye"),
            (both("两只眼睛看的方向不一样", "the eyes look in different directions"), both("{s}眼有点斜", "the {s}eye turns inwards")), sided=True),
    Special("surgical", "abdomen", both("肚子上做过疝气手术，有一条刀口", "a scar on the belly from a hernia operation"),
            (both("肚子上有开过刀的疤", "an operation scar on the belly"), both("小肚子那里有手术刀口", "an old surgical scar low on the abdomen")), hidden=True),
    Special("surgical", "mouth", both("上嘴唇做过兔唇修补手术，有条细疤", "a fine scar on the upper lip where a cleft was repaired"),
            (both("上嘴唇有条疤，像是做过手术", "a scar on the upper lip, as if operated on"), both("嘴唇上缝过的样子", "a repaired lip"))),
    Special("surgical", "abdomen", both("右下腹割过阑尾，有道疤", "an appendix scar low on the right"),
            (both("肚子右边有道缝过的疤", "a stitched scar on the right of the belly"), both("下腹有手术疤", "a surgical scar below the navel")), hidden=True),
    Special("surgical", "leg", both("{s}腿骨折开过刀，打过钢板", "the {s}leg was broken and operated on, there was a plate"),
            (both("{s}腿上有条很长的手术疤", "a long surgical scar on the {s}leg"), both("小腿开过刀的样子", "the lower leg looks operated on")), sided=True, hidden=True),
    Special("surgical", "head", both("头上动过手术，头发里有一条疤", "an operation scar on the head, under the hair"),
            (both("剃了头看得见一条弯的手术疤", "a curved surgical scar on the shaven head"), both("头皮上有刀口", "an operation scar on the scalp"))),
    Special("surgical", "back", both("背上做过手术，脊柱上有刀口", "an operation scar along the spine"),
            (both("后背有手术刀口", "a surgical scar on the back"), both("脊梁上有条直的疤", "a straight scar down the spine")), hidden=True),
    Special("surgical", "chest", both("胸口做过心脏手术，有一条直的刀口", "a straight scar down the chest from a heart operation"),
            (both("胸前有条很长的手术疤", "a long surgical scar on the chest"), both("胸口开过刀", "an operation scar down the chest")), hidden=True),
    Special("other", "hair_whorl", both("头顶有两个旋", "two hair whorls on the crown"),
            (both("头上有双旋", "a double crown in the hair"), both("剃了头能看见两个旋", "two whorls on top of the head"))),
    Special("other", "neck", both("脖子{s}边有个小肉疙瘩", "a little lump of flesh on the {s}of the neck"),
            (both("脖子上有个小肉球", "a small lump on the neck"), both("{s}脖子鼓着一小块", "a bump on the {s}of the neck")), sided=True),
    Special("other", "toe", both("{s}脚第二个脚趾比大脚趾长很多", "the second toe of the {s}foot is much longer than the big one"),
            (both("脚趾长得特别，二趾很长", "a strikingly long second toe"), both("{s}脚二脚趾最长", "the second toe of the {s}foot sticks out")), sided=True, hidden=True),
    Special("other", "hand", both("断掌，两只手都是", "a single crease across both palms"),
            (both("手心一条横纹到底", "one line right across the palm"), both("手是断掌", "a palm with a single crease"))),
    Special("other", "eye", both("{s}眼双眼皮，另一只是单眼皮", "a double lid on the {s}eye only"),
            (both("两只眼睛不一样，一单一双", "one eye with a double lid, one without"), both("眼睛一大一小", "one eye bigger than the other")), sided=True),
    Special("other", "ear", both("{s}耳朵前面有个小孔", "a tiny hole in front of the {s}ear"),
            (both("{s}边耳朵前有个小眼", "a pinhole before the {s}ear"), both("耳朵跟前有个针眼大的洞", "a small pit next to the ear")), sided=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """One child's mark; `side` is '' where there is none, `place` the part's plain words."""

    kind: str
    part: str
    side: str
    hidden: bool
    family_words: Words
    other_words: tuple[Words, ...]
    place: Words

    def told(self, language: str) -> str:
        """A family's words."""
        return self._worded(self.family_words, language)

    def seen(self, rng: Random, language: str) -> str:
        """Somebody else's words, one way or another."""
        return self._worded(rng.choice(self.other_words), language)

    def _worded(self, words: Words, language: str) -> str:
        side = SIDES[self.side][language]
        return words[language].format(s=side, p=side + self.place[language])


def invent_marks(rng: Random) -> tuple[Mark, ...]:
    """None to three marks; more than one family in four can name none."""
    count = rng.choices((0, 1, 2, 3), weights=(28, 44, 21, 7))[0]
    marks = [_invent(rng) for _ in range(count)]
    return tuple({(mark.kind, mark.part): mark for mark in marks}.values())


def _invent(rng: Random) -> Mark:
    kind = rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
    side = rng.choice(("left", "right"))
    if kind in TOLD:
        part = rng.choices(PARTS, weights=[part.weight for part in PARTS])[0]
        return Mark(
            kind, part.code, side if part.sided else "", part.hidden,
            rng.choice(TOLD[kind]), SEEN[kind], part.words,
        )  # fmt: skip
    special = rng.choice([special for special in SPECIALS if special.kind == kind])
    return Mark(
        kind, special.part, side if special.sided else "", special.hidden,
        special.told, special.seen, both("", ""),
    )  # fmt: skip
