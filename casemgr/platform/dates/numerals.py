"""Chinese numerals in dates as Arabic digits; vague counts (两三, 十几, 几) as ranges 'a~b'."""

import re
from typing import Final

_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_SMALL: Final = "一二两三四五六七八九"
_UNIT: Final = r"(?=个?(?:天|日|周|星期|礼拜|月|岁|年多?[以之]?前|年多|小时|分钟))"
_PAIR: Final = re.compile(rf"(?<![十百])([{_SMALL}])([{_SMALL}]){_UNIT}")
_TENS_PAIR: Final = re.compile(rf"(十)([{_SMALL}])([{_SMALL}]){_UNIT}")
_NUMBER: Final = re.compile("[〇○零一二两三四五六七八九十百千廿卅]+")
_MAX_LENGTH: Final = 8


def _value(numeral: str) -> str:
    """'二十三' → '23', '二〇〇三' → '2003', '九八' → '98'; too long a run stays as it is."""
    if len(numeral) > _MAX_LENGTH:
        return numeral
    if not set(numeral) & set("十百千廿卅"):
        return "".join(str(_DIGITS[character]) for character in numeral)
    total, current = 0, 0
    for character in numeral.replace("廿", "二十").replace("卅", "三十"):
        weight = {"十": 10, "百": 100, "千": 1000}.get(character)
        if weight:
            total += (current or 1) * weight
            current = 0
        else:
            current = current * 10 + _DIGITS[character]
    return str(total + current)


def _pair(match: re.Match[str]) -> str:
    low, high = (_DIGITS[character] for character in match.groups()[-2:])
    tens = 10 if len(match.groups()) == 3 else 0
    return f"{tens + low}~{tens + high}" if high == low + 1 else match.group()


def with_digits(text: str) -> str:
    """The text with every Chinese numeral in digits."""
    text = text.replace("十几", "11~19").replace("几十", "20~90").replace("好几", "3~9")
    text = re.sub(
        r"([二三四五六七八九])十[几多]", lambda m: f"{_DIGITS[m[1]]}1~{_DIGITS[m[1]]}9", text
    )
    text = re.sub(r"十多(?=[天年岁个])", "11~19", text)
    text = re.sub(r"几(?=个?(?:天|周|星期|礼拜|月|年|小时))", "2~9", text)
    text = _TENS_PAIR.sub(_pair, text)
    text = _PAIR.sub(_pair, text)
    return _NUMBER.sub(lambda match: _value(match.group()), text)
