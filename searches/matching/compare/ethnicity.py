"""Ethnic group: a rare one shared says much, but children taken in are often registered anew."""

from functools import lru_cache
from math import log2
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.types import CaseProfile, Context, Evidence, SightingProfile

HAN: Final = "han"
SHARES: Final = {
    HAN: 0.911, "zhuang": 0.0139, "uyghur": 0.0084, "hui": 0.0081, "miao": 0.0079,
    "manchu": 0.0074, "yi": 0.0070, "tujia": 0.0068, "tibetan": 0.0050, "mongol": 0.0045,
    "bouyei": 0.0025, "dong": 0.0025, "yao": 0.0023, "bai": 0.0015, "hani": 0.0012,
    "korean": 0.0012, "li": 0.0011, "kazakh": 0.0011, "dai": 0.0009,
}  # fmt: skip
"""Share of the population, by the census of 2020."""
OTHER_SHARE: Final = 0.0005
_NAMES: Final = {
    "汉": HAN, "壮": "zhuang", "维吾尔": "uyghur", "uygur": "uyghur", "uighur": "uyghur",
    "回": "hui", "苗": "miao", "hmong": "miao", "满": "manchu", "彝": "yi", "土家": "tujia",
    "藏": "tibetan", "蒙古": "mongol", "mongolian": "mongol", "布依": "bouyei", "buyi": "bouyei",
    "侗": "dong", "瑶": "yao", "白": "bai", "哈尼": "hani", "朝鲜": "korean", "黎": "li",
    "哈萨克": "kazakh", "傣": "dai",
}  # fmt: skip

AGREES: Final = 0.6
"""m: how often a minority child is still told as of that group by whoever holds them. Expert
prior: many are registered as Han by those who took them in."""
TOLD_AS_HAN: Final = 0.35
WRONG: Final = 0.02
STRONGEST: Final = 5.0
"""Cap: ethnic groups live together, so that a shared one also repeats the region."""

REASONS: Final = {
    "same": N_("Both are told to be of the same ethnic group, %(group)s."),
    "han": N_("Both are told to be Han. That says little."),
    "registered_anew": N_(
        "%(case)s on file, Han here. Children taken in are often registered anew, so that it "
        "counts little."
    ),
    "other": N_("%(case)s on file, %(group)s here. That counts against."),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: same, han, registered_anew, other."""
    filed, seen = group_of(case.ethnicity), group_of(sighting.ethnicity)
    if not filed or not seen:
        return None
    level, bits = weigh(filed, seen)
    return Evidence(
        comparison="ethnicity",
        level=level,
        weight_bits=bits,
        case_value=case.ethnicity,
        sighting_value=sighting.ethnicity,
        reason=REASONS[level],
        params={"case": case.ethnicity.strip(), "group": sighting.ethnicity.strip()},
    )


def weigh(filed: str, seen: str) -> tuple[str, float]:
    """Level and bits for two known groups, as `group_of` writes them."""
    share = SHARES.get(seen, OTHER_SHARE)
    if filed == seen:
        level = "han" if seen == HAN else "same"
        m = 1 - WRONG if seen == HAN else AGREES
    elif seen == HAN:
        level, m = "registered_anew", TOLD_AS_HAN
    else:
        # A group that is neither the child's nor the majority's: as rare among others as here.
        level, m, share = "other", WRONG, 1 - SHARES[HAN]
    return level, min(STRONGEST, log2(m / share))


@lru_cache(maxsize=512)
def group_of(text: str) -> str:
    """One key for the ways of writing an ethnic group; '' where nothing was written."""
    plain = text.strip().casefold().removesuffix("族").removesuffix(" chinese")
    return _NAMES.get(plain, plain)
