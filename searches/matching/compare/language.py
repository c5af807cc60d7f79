"""The speech heard, against the speech on file or that of the region the child is from."""

from collections.abc import Collection
from functools import lru_cache
from math import log2
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.spans import elapsed_years
from searches.matching.spots import division_of, shown
from searches.matching.types import CaseProfile, Context, Evidence, Param, SightingProfile

SHARES: Final = {
    "yue": 0.06, "nan": 0.04, "hak": 0.03, "wuu": 0.06, "gan": 0.035, "hsn": 0.03,
    "cdo": 0.008, "cjy": 0.045, "hui_zh": 0.004, "southwest": 0.19, "henan": 0.06,
    "shandong": 0.06, "northeast": 0.07, "shaanxi": 0.04, "zha": 0.012, "bod": 0.005,
    "uig": 0.008, "mon": 0.004, "iii": 0.006, "hmn": 0.006, "kor": 0.001,
}  # fmt: skip
"""Share of people in China who grow up with it; rounded from published speaker counts."""
OTHER_SHARE: Final = 0.01
REGIONS: Final = {
    "yue": {"44", "45", "81", "82"}, "nan": {"35", "44", "46", "71"}, "hak": {"44", "36", "35"},
    "wuu": {"31", "33", "32"}, "gan": {"36"}, "hsn": {"43"}, "cdo": {"35"}, "cjy": {"14", "15"},
    "hui_zh": {"34"}, "southwest": {"51", "50", "52", "53", "42"}, "henan": {"41"},
    "shandong": {"37"}, "northeast": {"21", "22", "23"}, "shaanxi": {"61"}, "zha": {"45"},
    "bod": {"54", "63", "51"}, "uig": {"65"}, "mon": {"15"}, "iii": {"51", "53"},
    "hmn": {"52", "43", "53"}, "kor": {"22", "23"},
}  # fmt: skip
"""Provinces (first two digits of GB/T 2260) where it is at home."""
MANDARIN: Final = frozenset({"zh", "zh-cn", "zh-hans", "cmn", "普通话", "国语", "汉语", "mandarin"})
_NAMES: Final = {
    "粤": "yue", "广东": "yue", "广州": "yue", "白话": "yue", "cantonese": "yue", "yue": "yue",
    "闽南": "nan", "台语": "nan", "潮汕": "nan", "潮州": "nan", "hokkien": "nan", "minnan": "nan",
    "teochew": "nan", "nan": "nan", "客家": "hak", "hakka": "hak", "hak": "hak", "吴语": "wuu",
    "上海": "wuu", "苏州": "wuu", "温州": "wuu", "宁波": "wuu", "shanghainese": "wuu",
    "wuu": "wuu", "赣": "gan", "江西": "gan", "gan": "gan", "湘": "hsn", "湖南": "hsn",
    "长沙": "hsn", "xiang": "hsn", "hunan": "hsn", "hsn": "hsn", "闽东": "cdo", "福州": "cdo",
    "cdo": "cdo", "晋": "cjy", "山西": "cjy", "cjy": "cjy", "徽": "hui_zh", "四川": "southwest",
    "重庆": "southwest", "贵州": "southwest", "云南": "southwest", "湖北": "southwest",
    "西南": "southwest", "sichuan": "southwest", "sichuanese": "southwest",
    "yunnan": "southwest", "guizhou": "southwest", "河南": "henan", "henan": "henan",
    "山东": "shandong", "shandong": "shandong", "东北": "northeast", "northeastern": "northeast",
    "陕西": "shaanxi", "关中": "shaanxi", "shaanxi": "shaanxi", "壮": "zha", "zhuang": "zha",
    "za": "zha", "藏": "bod", "tibetan": "bod", "bo": "bod", "维吾尔": "uig", "维语": "uig",
    "uyghur": "uig", "ug": "uig", "蒙古": "mon", "mongolian": "mon", "mn": "mon", "彝": "iii",
    "苗": "hmn", "hmong": "hmn", "朝鲜": "kor", "korean": "kor", "ko": "kor",
}  # fmt: skip

SAME: Final = 0.5
"""m: how often the speech on file is also what is heard later. Expert prior."""
OF_REGION: Final = 0.3
"""m: how often a child still has the speech of the region they are from; few keep it long."""
STRONGEST: Final = 4.0
OTHER_BITS: Final = -0.7
OUT_OF_REGION_BITS: Final = -0.4
"""Bits for another speech. Weak, because children learn that of where they live. Expert prior."""
SPEAKS_FROM: Final = 2.5
"""Age in years below which a child takes no speech of home along."""

REASONS: Final = {
    "same": N_("%(speech)s on both sides."),
    "other": N_(
        "%(case)s on file, %(speech)s here. Children take up the speech around them, so that it "
        "says little."
    ),
    "of_region": N_("%(speech)s is spoken where the child is from."),
    "out_of_region": N_(
        "%(speech)s is not spoken where the child is from. It may be that of where they live now."
    ),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: same, other, of_region, out_of_region. Standard Mandarin says nothing."""
    heard = spoken(sighting.languages)
    if not heard:
        return None
    filed = spoken(case.languages)
    province = "" if filed else province_of(case)
    level, bits, speech = weigh(filed, province, heard)
    if not level:
        return None
    case_value = ", ".join(filed.values())
    if not filed and case.missing_from is not None:
        case_value = shown(case.missing_from)
    params: dict[str, Param] = {"case": case_value, "speech": heard[speech]}
    return Evidence(
        comparison="language",
        level=level,
        weight_bits=bits,
        case_value=case_value,
        sighting_value=", ".join(heard.values()),
        reason=REASONS[level],
        params=params,
    )


def weigh(filed: Collection[str], province: str, heard: Collection[str]) -> tuple[str, float, str]:
    """Level, bits and the speech meant, '' where nothing can be said.

    `filed` and `heard` hold speech keys; `province` counts only where none is filed.
    """
    if filed:
        shared = [speech for speech in heard if speech in filed]
        if not shared:
            return "other", OTHER_BITS, next(iter(heard))
        rarest = min(shared, key=lambda speech: SHARES.get(speech, OTHER_SHARE))
        return "same", min(STRONGEST, log2(SAME / SHARES.get(rarest, OTHER_SHARE))), rarest
    located = [speech for speech in heard if speech in REGIONS]
    if not province or not located:
        return "", 0.0, ""
    at_home = [speech for speech in located if province in REGIONS[speech]]
    if not at_home:
        return "out_of_region", OUT_OF_REGION_BITS, located[0]
    rarest = min(at_home, key=SHARES.__getitem__)
    return "of_region", max(0.0, log2(OF_REGION / SHARES[rarest])), rarest


def province_of(case: CaseProfile) -> str:
    """Two digits of the province whose speech the child had; '' where unknown or too young."""
    if case.missing_from is None or not _spoke_already(case):
        return ""
    unit = division_of(case.missing_from)
    return unit.code[:2] if unit else ""


def _spoke_already(case: CaseProfile) -> bool:
    if case.birth is None or case.missing is None:
        return True
    return elapsed_years(case.birth, case.missing)[1] >= SPEAKS_FROM


def spoken(languages: tuple[str, ...]) -> dict[str, str]:
    """Speech keys, in the order told, with the words used; standard Mandarin left out."""
    keyed = ((speech_of(told), told.strip()) for told in languages)
    return {key: words for key, words in keyed if key}


@lru_cache(maxsize=1024)
def speech_of(told: str) -> str:
    """One key for the ways of naming a speech; '' for nothing or standard Mandarin."""
    plain = told.strip().casefold()
    if not plain or plain in MANDARIN:
        return ""
    first_word = plain.replace("_", "-").split("-")[0].split()[0] if plain.strip("-_") else plain
    if first_word in _NAMES:
        return _NAMES[first_word]
    return next((key for name, key in _NAMES.items() if len(name) > 3 and name in plain), "") or (
        next((key for name, key in _NAMES.items() if not name.isascii() and name in plain), plain)
    )
