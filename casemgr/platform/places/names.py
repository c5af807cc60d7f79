"""How Chinese division names are shortened in speech: 广东省 → 广东, 鄂伦春自治旗 → 鄂伦春."""

import re
from typing import Final

_PEOPLES: Final = (
    "壮族|回族|维吾尔|蒙古族|蒙古|藏族|羌族|彝族|苗族|侗族|土家族|布依族|傣族|白族|哈尼族|景颇族|傈僳族"
    "|哈萨克|哈萨克族|柯尔克孜|朝鲜族|黎族|瑶族|畲族|仡佬族|水族|毛南族|仫佬族|拉祜族|佤族|布朗族"
    "|纳西族|普米族|怒族|独龙族|土族|撒拉族|保安族|东乡族|裕固族|满族|达斡尔族|鄂温克族|鄂伦春"
    "|锡伯|塔吉克|各族"
)
_AUTONOMOUS: Final = re.compile(rf"(?:{_PEOPLES})+(?:自治区|自治州|自治县|自治旗|族乡)$")
_SUFFIX: Final = re.compile(
    r"(?:维吾尔自治区|自治区|特别行政区|自治州|自治县|自治旗|地区|林区|特区|矿区|新区|省|市|盟|县|区|旗)$"
)
# Shortening these would leave another place's name or a plain word.
_KEPT: Final = frozenset(
    [
        "城区", "郊区", "矿区", "东区", "西区", "南区", "北区", "中区", "市区", "新区", "市中区",
        "城中区", "城关区", "城东区", "城西区", "城北区", "城厢区", "新城区", "海南区", "清河区",
        "桥东区", "桥西区", "前进区", "向阳区", "和平区", "东风区", "红旗区", "解放区",
    ]
)  # fmt: skip
_GIVEN: Final = {
    "内蒙古自治区": "内蒙古",
    "东乡族自治县": "东乡",
    "鄂温克族自治旗": "鄂温克",
    "鄂伦春自治旗": "鄂伦春",
}


def stem(name: str) -> str:
    """The name without its kind of division; unchanged where shortening would mislead.

    The result may be one character long (单县 → 单): callers decide whether that is enough.
    """
    if name in _GIVEN:
        return _GIVEN[name]
    if name in _KEPT:
        return name
    short = _AUTONOMOUS.sub("", name)
    if short == name:
        short = _SUFFIX.sub("", name)
    return short or name
