"""Reads English phrases: 'around the Spring Festival 2010', 'early June 2012', 'two weeks ago'."""

import re
from datetime import date
from typing import Final

from casemgr.platform.dates.clocks import read_clock
from casemgr.platform.dates.clues import Clues, ago, shifted_months, week_of

_MONTH_NAMES: Final = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_MONTH_NUMBERS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_NUMBERS: Final = {
    word: (number, number)
    for number, word in enumerate(
        [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
            "twelve",
        ], 1
    )
} | {
    "a": (1, 1), "an": (1, 1), "a couple of": (2, 3), "couple of": (2, 3), "a few": (2, 7),
    "few": (2, 7), "several": (3, 9), "some": (2, 9), "twenty": (20, 20), "thirty": (30, 30),
    "fifteen": (15, 15), "half a": (0, 0),
}  # fmt: skip
_ORDINALS: Final = {
    word: number
    for number, word in enumerate(
        [
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
            "tenth", "eleventh", "twelfth",
        ], 1
    )
}  # fmt: skip
_NAMED: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"(?:lunar|chinese) new year'?s eve", "new_years_eve"),
        (r"lantern festival", "lantern"),
        (r"spring festival|(?:chinese|lunar) new year|\bcny\b", "spring_festival"),
        (r"qing ?ming|tomb[- ]sweeping", "qingming"),
        (r"dragon boat", "dragon_boat"),
        (r"qixi", "qixi"),
        (r"ghost festival", "ghost"),
        (r"mid[- ]autumn|moon festival", "mid_autumn"),
        (r"double ninth", "double_ninth"),
        (r"winter solstice", "winter_solstice"),
        (r"new year'?s day|\bnew year\b", "new_year"),
        (r"women'?s day", "womens_day"),
        (r"labou?r day|may day", "labour_day"),
        (r"children'?s day", "childrens_day"),
        (r"teachers'? day", "teachers_day"),
        (r"national day|golden week", "national_day"),
        (r"christmas", "christmas"),
        (r"(?:summer|school) (?:school )?(?:holidays?|vacation|break)", "summer_holiday"),
        (r"winter (?:school )?(?:holidays?|vacation|break)", "winter_holiday"),
        (r"start of (?:the )?school|school started|beginning of term", "school_start"),
        (r"autumn term|fall term|first term", "autumn_term"),
        (r"spring term|second term", "spring_term"),
        (r"school year", "school_year"),
        (r"wheat harvest", "wheat_harvest"),
        (r"autumn harvest|harvest time", "autumn_harvest"),
    )
)
_ABOUT: Final = re.compile(
    r"\b(?:about|around|approximately|approx|roughly|circa|ca|c|maybe|perhaps|probably|possibly|"
    r"near|or so|i think)\b|~"
)
_AGO: Final = re.compile(
    r"\b(\d{1,2}|half an?|a couple of|couple of|a few|few|several|some|"
    + "|".join(word for word in _NUMBERS if " " not in word and word not in ("few", "several"))
    + r")(?:\s*(?:or|to|-)\s*(\d{1,2}|[a-z]+))?\s+(day|week|month|year|hour|minute)s?"
    r"\s+(?:ago|back|before now)\b"
)
_DAYS: Final = (
    (r"day before yesterday", 2), (r"yesterday|last night", 1),
    (r"\btoday|tonight|this (?:morning|afternoon|evening)|just now", 0), (r"tomorrow", -1),
)  # fmt: skip
_DAY_PATTERNS: Final = tuple((re.compile(pattern), days) for pattern, days in _DAYS)
_WEEKDAYS: Final = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_WEEKDAY: Final = re.compile(rf"(last )?\b({_WEEKDAYS})\b")
_LAST: Final = re.compile(r"\b(last|this|past) (weekend|week|month|year)\b")
_LAST_SEASON: Final = re.compile(r"\b(last|this) (?=(?:spring|summer|autumn|fall|winter)\b)")
_YEAR: Final = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?:\s*(?:-|–|/)\s*((?:19|20)?\d\d))?(?![\d%])")
_DECADE: Final = re.compile(r"(?:(19|20)|'|\b)(\d)0'?s\b")
_DECADE_WORDS: Final = {"nineties": 1990, "eighties": 1980, "seventies": 1970, "sixties": 1960}
_PART: Final = re.compile(
    r"\b(early|beginning of|start of|mid|middle of|late|end of|first half of|second half of)\b"
)
_PARTS: Final = {
    "early": "early", "beginning of": "early", "start of": "early", "mid": "mid",
    "middle of": "mid", "late": "late", "end of": "late",
    "first half of": "first_half", "second half of": "second_half",
}  # fmt: skip
_DAY_MONTH: Final = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?(?:\s*(?:-|–|to|or)\s*(\d{1,2})(?:st|nd|rd|th)?)?(?: of)?\s+"
    rf"({_MONTH_NAMES})\b"
)
_MONTH_DAY: Final = re.compile(
    rf"\b({_MONTH_NAMES})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:\s*(?:-|–|to)\s*(\d{{1,2}}))?(?![\d:])"
)
_MONTH: Final = re.compile(
    rf"\b({_MONTH_NAMES})\b\.?(?:\s*(?:to|-|–|and|or)\s*({_MONTH_NAMES})\b)?"
)
_SEASON: Final = re.compile(r"\b(spring|summer|autumn|fall|winter)\b")
_LUNAR_MONTH: Final = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)|([a-z]+))\s+lunar month|lunar month (\d{1,2})"
    r"|month (\d{1,2}) lunar"
)
_LUNAR_DAY: Final = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)?|([a-z]+)) day of|lunar month \d{1,2}[,]? day (\d{1,2})"
)
_NUMERIC: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)([-/.])(\d{1,2})(?:\2(\d{1,2}))?(?!\d)")


def read_english(text: str, today: date) -> Clues:
    """The clues in a text already in NFKC and lower case."""
    clues = Clues(about=bool(_ABOUT.search(text)), clock=read_clock(text))
    for pattern, name in _NAMED:
        text, count = pattern.subn(" ", text, count=1)
        if count:
            clues.named = name
            break
    if _relative(text, clues, today):
        return clues
    text = _lunar(text, clues)
    text = _numeric(text, clues)
    text = _months(text, clues)
    _years(text, clues, today)
    if not clues.month and not clues.named and (found := _SEASON.search(text)):
        clues.season = "autumn" if found[1] == "fall" else found[1]
    if found := _PART.search(text):
        _apply_part(clues, _PARTS[found[1]])
    if re.search(r"\b(before|until|prior to|no later than)\b", text):
        clues.open_end = "before"
    elif re.search(r"\b(after|since)\b", text):
        clues.open_end = "after"
    if clues.named and clues.open_end:
        clues.about, clues.open_end = True, ""
    return clues


def _apply_part(clues: Clues, part: str) -> None:
    fits_year_only = part in ("first_half", "second_half")
    if fits_year_only and (clues.month or clues.season):
        return
    clues.part = part


def _number(word: str) -> tuple[int, int]:
    return (int(word), int(word)) if word.isdigit() else _NUMBERS.get(word, (0, 0))


def _relative(text: str, clues: Clues, today: date) -> bool:
    if found := _AGO.search(text):
        low, high = _number(found[1])
        if found[1].startswith("half"):
            clues.base = (
                ago((5, 7), "month", today) if found[3] == "year" else ago((10, 20), "day", today)
            )
        elif found[3] in ("hour", "minute"):
            clues.base = (today, today)
        else:
            high = max(high, _number(found[2])[1]) if found[2] else high
            clues.base = ago((low, high), found[3], today)
        return True
    for pattern, days in _DAY_PATTERNS:
        if pattern.search(text):
            clues.base = ago((days, days), "day", today)
            return True
    if found := _LAST.search(text):
        return _last(found, clues, today)
    if _YEAR.search(text) or _MONTH.search(text):
        return False
    if found := _WEEKDAY.search(text):
        number = _WEEKDAYS.split("|").index(found[2])
        days_back = (today.weekday() - number) % 7 or (7 if found[1] else 0)
        clues.base = ago((days_back, days_back), "day", today)
        return True
    return False


def _last(found: re.Match[str], clues: Clues, today: date) -> bool:
    back = 0 if found[1] == "this" else 1
    unit = found[2]
    if unit == "year":
        clues.year = (today.year - back, today.year - back)
        return False
    if unit == "month":
        day = shifted_months(today.replace(day=1), -back)
        clues.year, clues.month = (day.year, day.year), (day.month, day.month)
        return False
    week = week_of(today, -back)
    clues.base = week if unit == "week" else (week[1] - (week[1] - week[0]) / 6, week[1])
    return True


def _ordinal(digits: str | None, word: str | None) -> int:
    return int(digits) if digits else _ORDINALS.get(word or "", 0)


def _lunar(text: str, clues: Clues) -> str:
    found = _LUNAR_MONTH.search(text)
    if not found:
        return text
    month = _ordinal(found[1] or found[3] or found[4], found[2])
    clues.month, clues.lunar = (month, month), True
    clues.leap = "leap" in text
    if day := _LUNAR_DAY.search(text):
        number = _ordinal(day[1] or day[3], day[2])
        clues.day = (number, number)
    return text.replace(found.group(), " ", 1)


def _numeric(text: str, clues: Clues) -> str:
    found = _NUMERIC.search(text)
    if not found:
        return text
    clues.year = (int(found[1]), int(found[1]))
    clues.month = (int(found[3]), int(found[3]))
    clues.day = (int(found[4]), int(found[4])) if found[4] else None
    return text.replace(found.group(), " ", 1)


def _months(text: str, clues: Clues) -> str:
    if clues.month:
        return text
    if found := _DAY_MONTH.search(text):
        days, name = (found[1], found[2]), found[3]
    elif found := _MONTH_DAY.search(text):
        days, name = (found[2], found[3]), found[1]
    elif (found := _MONTH.search(text)) and not _only_a_verb(found, text):
        first = _MONTH_NUMBERS[found[1][:3]]
        clues.month = (first, _MONTH_NUMBERS[found[2][:3]] if found[2] else first)
        return text.replace(found.group(), " ", 1)
    else:
        return text
    month = _MONTH_NUMBERS[name[:3]]
    clues.month = (month, month)
    clues.day = (int(days[0]), int(days[1] or days[0]))
    return text.replace(found.group(), " ", 1)


def _only_a_verb(found: re.Match[str], text: str) -> bool:
    """'may' and 'march' count as months only beside a year, a preposition or nothing else."""
    if found[1] not in ("may", "march", "mar"):
        return False
    beside = rf"(?:in|of|last|early|mid|late|this|since|until|before|after)[ -]{found[1]}\b"
    alone = text.strip(" .,") == found[1]
    return not (
        alone or re.search(beside, text) or re.search(rf"{found[1]}\.?,? (?:19|20)\d\d", text)
    )


def _years(text: str, clues: Clues, today: date) -> None:
    if clues.year:
        return
    if found := _YEAR.search(text):
        first = int(found[1])
        last = int(found[2]) if found[2] else first
        last += first // 100 * 100 if last < 100 else 0
        clues.year = (first, last) if last >= first else (first, first)
        if clues.season == "winter" or _SEASON.search(text) or clues.named:
            clues.year = (first, first)
    elif found := _DECADE.search(text):
        century = int(found[1]) if found[1] else (20 if int(found[2]) < 3 else 19)
        clues.year = (century * 100 + int(found[2]) * 10, century * 100 + int(found[2]) * 10 + 9)
    elif found := _LAST_SEASON.search(text):
        # The season just gone: 'last summer' in March is the year before.
        clues.year = None
    else:
        for word, start in _DECADE_WORDS.items():
            if word in text:
                clues.year = (start, start + 9)
    if found := re.search(r"(?:19|20)\d0s", text):
        start = int(found.group()[:4])
        clues.year = (start, start + 9)
