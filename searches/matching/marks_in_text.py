"""Marks that a description mentions in passing: 左肩有块胎记, 'a scar over his right eye'."""

import re
from functools import lru_cache
from typing import Final

from searches.matching.types import Mark

LONGEST_TEXT: Final = 10_000
LONGEST_CLAUSE: Final = 80
MOST_MARKS: Final = 12

_KINDS: Final = (
    ("surgical", "手术疤|手术刀口|手术|刀口|开刀|开过刀", "surgical|surgery|operation"),
    ("burn", "烫伤|烧伤|烫疤", "burn|burnt|scald"),
    ("birthmark", "胎记|胎痣", "birthmark|birth mark"),
    ("tattoo", "纹身|文身|刺青", "tattoo"),
    ("extra_or_missing_digit", "六指|六趾|多指|缺指|断指|多一个手指|少一个手指|少一截",
     "(?:extra|sixth|six|missing|webbed) (?:finger|toe|thumb)"),
    ("dental", "虎牙|龅牙|兔牙|缺牙|缺了?颗?门?牙|门牙",
     "(?:missing|crooked|chipped|front|gap) ?(?:tooth|teeth)|teeth"),
    ("disability", "残疾|跛|瘸|聋|哑巴|失明|瞎", "limp|limping|deaf|blind|lame|disabled"),
    ("scar", "伤疤|疤痕|疤|伤痕", "scar"),
    ("mole", "黑痣|红痣|痣", "mole"),
    ("other", "双旋|两个旋|发旋|头旋", "hair whorl|double crown"),
)  # fmt: skip
"""Vocabulary code, Chinese words, English words; the first that fits a clause is its kind."""

_PARTS: Final = (
    ("hair_whorl", "双旋|两个旋|发旋|头旋", "hair whorl|double crown"),
    ("forehead", "额头|前额|脑门|额", "forehead"),
    ("eyebrow", "眉毛|眉头|眉", "eyebrow|brow"),
    ("eye", "眼睛|眼皮|眼角|眼", "eye|eyelid"),
    ("ear", "耳朵|耳垂|耳后|耳", "ear|earlobe"),
    ("nose", "鼻子|鼻", "nose"),
    ("mouth", "嘴唇|嘴角|嘴|唇", "mouth|lip"),
    ("cheek", "脸颊|腮|脸蛋", "cheek"),
    ("chin", "下巴", "chin"),
    ("face", "脸|面部", "face"),
    ("neck", "脖子|脖|颈", "neck"),
    ("collarbone", "锁骨", "collarbone|collar bone"),
    ("shoulder", "肩胛|肩膀|肩", "shoulder|shoulder blade"),
    ("chest", "胸", "chest"),
    ("elbow", "肘", "elbow"),
    ("back", "后背|背部|背上|背", "back"),
    ("abdomen", "肚子|肚脐|肚皮|腹", "belly|stomach|abdomen|navel"),
    ("waist", "腰", "waist"),
    ("finger", "手指|拇指|食指|中指|无名指|小指|六指|指头|指", "finger|thumb"),
    ("arm", "手臂|胳膊|小臂|上臂|前臂|臂", "arm|forearm"),
    ("hand", "手背|手腕|手掌|手心|手", "hand|wrist|palm"),
    ("buttock", "屁股|臀", "buttock|bottom"),
    ("knee", "膝盖|膝", "knee"),
    ("leg", "大腿|小腿|腿", "leg|thigh|calf|shin"),
    ("toe", "脚趾|脚指|六趾|趾", "toe"),
    ("foot", "脚踝|脚背|脚", "foot|feet|ankle"),
    ("head", "头顶|后脑勺|后脑|头皮|头", "head|scalp"),
)  # fmt: skip
"""The same for body parts; a hand's back (手背) is looked for before a back, see `_part_of`."""

_SIDES: Final = (
    ("both", "两边|两侧|双", "both"),
    ("left", "左", "left"),
    ("right", "右", "right"),
    ("middle", "正中|中间", "middle|centre|center"),
)
_CLAUSES: Final = re.compile(r"[,，。;；、.!?！？\n]+|\band\b|\bwith\b|以及|还有|和")
_NONE_THERE: Final = re.compile(r"没有|没|无(?!名)|\bno\b|\bwithout\b|\bnot\b|n't\b", re.IGNORECASE)


def _compiled(
    table: tuple[tuple[str, str, str], ...],
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (code, re.compile(rf"{chinese}|\b(?:{english})s?\b", re.IGNORECASE))
        for code, chinese, english in table
    )


_KIND_PATTERNS: Final = _compiled(_KINDS)
_PART_PATTERNS: Final = _compiled(_PARTS)
_SIDE_PATTERNS: Final = _compiled(_SIDES)
_ANY_KIND: Final = re.compile("|".join(pattern.pattern for _, pattern in _KIND_PATTERNS), re.I)


@lru_cache(maxsize=8192)
def marks_in(text: str) -> tuple[Mark, ...]:
    """Marks mentioned in `text`, one a clause, in vocabulary codes; '' where not told."""
    text = text[:LONGEST_TEXT]
    if not _ANY_KIND.search(text):
        return ()
    found: list[Mark] = []
    for clause in _CLAUSES.split(text):
        mark = _mark_of(clause[:LONGEST_CLAUSE])
        if mark is not None and mark not in found:
            found.append(mark)
            if len(found) == MOST_MARKS:
                break
    return tuple(found)


@lru_cache(maxsize=8192)
def completed(mark: Mark) -> Mark:
    """A mark whose missing body part or side is read off its own words."""
    if not mark.text or (mark.body_part and mark.side):
        return mark
    text = mark.text[:LONGEST_CLAUSE]
    return Mark(
        kind=mark.kind,
        body_part=mark.body_part or _part_of(text),
        side=mark.side or _first(_SIDE_PATTERNS, text),
        text=mark.text,
    )


def _mark_of(clause: str) -> Mark | None:
    if _NONE_THERE.search(clause):
        return None
    kind = _first(_KIND_PATTERNS, clause)
    if not kind:
        return None
    return Mark(
        kind=kind,
        body_part=_part_of(clause),
        side=_first(_SIDE_PATTERNS, clause),
        text=clause.strip(),
    )


def _part_of(clause: str) -> str:
    """The longest word for a body part decides, so that 手背 is a hand and 手术 is none."""
    found = [
        (len(match.group()), code)
        for code, pattern in _PART_PATTERNS
        if (match := pattern.search(clause.replace("手术", "")))
    ]
    return max(found, key=lambda item: item[0])[1] if found else ""


def _first(patterns: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str:
    return next((code for code, pattern in patterns if pattern.search(text)), "")
