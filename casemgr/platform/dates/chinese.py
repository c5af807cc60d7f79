"""Reads Chinese phrases: 1998年腊月, 大概2003年夏天, 农历八月十五, 三天前."""

import re
from datetime import date
from typing import Final

from casemgr.platform.dates.clocks import read_clock
from casemgr.platform.dates.clues import Clues, ago, shifted_months, week_of
from casemgr.platform.dates.numerals import with_digits

_ALONE: Final = "(?<![一二三四五六七八九十零〇0-9])"
_NOT_DATE: Final = "(?![一二三四五六七八九十0-9年月日号天])"
# Festivals and the like, before numerals are read (五一 is no 51). In the order tried.
_NAMED: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        ("除夕|大?年三十|大年夜|大?年30", "new_years_eve"),
        ("正月十五|元宵节?|正月15", "lantern"),
        ("春节|过年|新春|农历新年", "spring_festival"),
        ("清明节?|扫墓", "qingming"),
        ("端午节?|端阳节?", "dragon_boat"),
        ("七夕节?", "qixi"),
        ("中元节|鬼节|七月半|七月十五(?![日号])", "ghost"),
        ("中秋节?|八月半|团圆节|八月十五(?![日号])", "mid_autumn"),
        ("重阳节?|九月初九", "double_ninth"),
        ("腊八节?", "laba"),
        ("小年夜?(?!轻|纪)", "little_year"),
        ("冬至", "winter_solstice"),
        ("元旦|阳历年", "new_year"),
        (f"妇女节|{_ALONE}三八节?{_NOT_DATE}", "womens_day"),
        (f"劳动节|{_ALONE}五一{_NOT_DATE}", "labour_day"),
        (f"儿童节|{_ALONE}六一{_NOT_DATE}", "childrens_day"),
        ("教师节", "teachers_day"),
        ("国庆节?|十一长假|十一黄金周|十一假期|十一放假", "national_day"),
        ("圣诞节?", "christmas"),
        ("暑假|放暑假|暑期", "summer_holiday"),
        ("寒假|放寒假", "winter_holiday"),
        ("开学", "school_start"),
        ("上学期|第一学期|秋季学期", "autumn_term"),
        ("下学期|第二学期|春季学期", "spring_term"),
        ("学年", "school_year"),
        ("麦收|收麦|割麦|打麦", "wheat_harvest"),
        ("秋收|收秋", "autumn_harvest"),
        ("三伏天?|伏天|入伏", "dog_days"),
    )
)
_ABOUT: Final = re.compile(
    "大概|大约|约|左右|前后|可能|好像|估计|似乎|差不多|上下|记得是|或许|前几天|后几天"
)
_COUNT: Final = r"(?<!\d)(\d{1,2})(?:[~到至-](\d{1,2}))?"
_AGO: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(_COUNT + r"多?[天日][以之]?前"), "day"),
    (re.compile(_COUNT + r"个?(?:周|星期|礼拜)多?[以之]?前"), "week"),
    (re.compile(_COUNT + r"个?多?月[以之]?前"), "month"),
    (re.compile(_COUNT + r"(?:来|余)?(多)?年(多)?[以之]?前(?!后)"), "year"),
)
_DAYS: Final = (
    ("大前[天日晚]", 3), ("前[天日晚]", 2), ("昨[天日晚夜]", 1),
    ("今[天日早晚晨]|刚才|刚刚|小时[以之]?前|分钟[以之]?前|当天刚", 0), ("明天", -1),
)  # fmt: skip
_DAY_PATTERNS: Final = tuple((re.compile(pattern), days) for pattern, days in _DAYS)
_YEAR_WORDS: Final = (
    ("大前年", 3),
    ("前年", 2),
    ("去年|上年|旧年", 1),
    ("今年|本年", 0),
    ("明年", -1),
)
_DECADE: Final = re.compile(r"(?:(19|20)|(上个?世纪|20世纪|本世纪|21世纪))?([0-9])0年代")
_SOME_YEAR: Final = re.compile(r"(?:(19|20)?([0-9])|([七八九])十?)[几xX?]年")
_FULL_YEAR: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:年?[~至到-]((?:19|20)\d\d))?(?!\d|元|块|米|斤|公里|人|个|号)"
)
_SHORT_YEAR: Final = re.compile(r"(?<![\d~])(\d\d)年(?!代|多?[以之]?前|多|后|级|半|[的]?时间)")
_MONTH: Final = re.compile(
    r"(?<!\d)(闰)?(?:(\d{1,2})(?:月?[~到至、-](\d{1,2}))?月|(正|冬|腊)月)份?"
    r"(?:(初|廿)?(\d{1,2})(?:[~至到-](\d{1,2}))?(?![点时:\d])|(初|上旬|中旬|中|下旬|底|末))?"
)
_BARE_DAY: Final = re.compile(r"(?<!\d)(初)?(\d{1,2})[日号](?![楼院店线])")
_NUMERIC: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)([-/.])(\d{1,2})(?:\2(\d{1,2}))?(?!\d)")
_SEASON: Final = re.compile(
    "(初|早|开|入|仲|盛|隆|寒|深|晚|暮|金)?(春|夏|秋|冬)(?:(天|季|里|上|日)|(初|末))?(?!节|运|生|至|收|令)"
)
_SEASON_NAMES: Final = {"春": "spring", "夏": "summer", "秋": "autumn", "冬": "winter"}
_PARTS: Final = {
    "初": "early", "早": "early", "开": "early", "入": "early", "上旬": "early",
    "仲": "mid", "盛": "mid", "隆": "mid", "寒": "", "金": "", "中旬": "mid", "中": "mid",
    "深": "late", "晚": "late", "暮": "late", "末": "late", "下旬": "late", "底": "late",
}  # fmt: skip
_YEAR_PARTS: Final = (
    ("年初|年头|开年", "start"), ("年中", "mid"), ("年底|年末|年尾|年终", "end"),
    ("上半年", "first_half"), ("下半年", "second_half"),
)  # fmt: skip
_DECADE_PARTS: Final = re.compile("年代的?(?:(初|早)|(中)|(末|后|晚))")
_WEEK: Final = re.compile(r"(上上|上|这|本)个?(?:周|星期|礼拜)(?:(末)|([1-6])|([日天]))?")
_WEEKDAY: Final = re.compile(r"(?:周|星期|礼拜)(?:(末)|([1-6])|([日天]))")
_MONTHS_BACK: Final = re.compile("(上上|上|这|本|当)个?月")
_BACK: Final = {"上上": 2, "上": 1, "这": 0, "本": 0, "当": 0}


def read_chinese(text: str, today: date) -> Clues:
    """The clues in a text already in NFKC and lower case, spaces taken out."""
    clues = Clues()
    text = re.sub("(?:大年|年)初(?=[一二三四五六七八九十])", "正月初", text)
    for pattern, name in _NAMED:
        text, count = pattern.subn("", text, count=1)
        if count:
            clues.named = name
            break
    clues.about = bool(_ABOUT.search(text))
    text = _decade(text, clues)
    text = with_digits(text)
    for reader in (_relative_days, _relative_weeks, _years, _months, _season):
        text = reader(text, clues, today)
    if clues.named and (clues.month or (clues.base and not clues.year)):
        clues.named = ""
    if clues.base is None and not clues.month and not clues.named and (found := _bare_day(text)):
        clues.lunar, clues.day = found
        clues.month = None if clues.lunar else (today.month, today.month)
    clues.clock = read_clock(text)
    if re.search("[以之]前(?!后)|^年前(?!后)", text) and not clues.base:
        clues.open_end = "before"
    elif re.search("[以之]后", text):
        clues.open_end = "after"
    elif clues.named and re.search("(?<!以|之)[前后](?!年|天)", text):
        clues.about = True
    return clues


def _decade(text: str, clues: Clues) -> str:
    """90年代, 九十年代末, 199几年, 九几年. Removes what it reads."""
    found = _SOME_YEAR.search(text)
    if found and (found[1] or found[3] or found[2] in ("7", "8", "9")):
        digit = "七八九".index(found[3]) + 7 if found[3] else int(found[2])
        start = int(found[1] or "19") * 100 + digit * 10
    else:
        text = re.sub(
            "([七八九六五])十年代", lambda m: f"{'五六七八九'.index(m[1]) + 5}0年代", text
        )
        found = _DECADE.search(text)
        if not found:
            return text
        century = found[1] or ("20" if (found[2] or "")[:2] in ("本世", "21") else "")
        start = int(century or ("20" if int(found[3]) < 3 and not found[2] else "19")) * 100
        start += int(found[3]) * 10
    clues.year = (start, start + 9)
    part = _DECADE_PARTS.search(text)
    if part:
        clues.part = "early" if part[1] else "mid" if part[2] else "late"
    return text[: found.start()] + text[found.end() :].lstrip("的初早中末后晚期")


def _relative_days(text: str, clues: Clues, today: date) -> str:
    if "半年前" in text or "半年之前" in text or "半年以前" in text:
        clues.base = ago((5, 7), "month", today)
        return re.sub("半年[以之]?前", "", text)
    if found := re.search("半个?月[以之]?前", text):
        clues.base = ago((10, 20), "day", today)
        return text.replace(found.group(), "")
    for pattern, unit in _AGO:
        found = pattern.search(text)
        if found:
            low = int(found[1])
            high = int(found[2] or low)
            if unit == "year" and found[3] and low % 10 == 0:
                high = low + 9
            elif unit == "year" and (found[3] or found[4]):
                high += 1
            clues.base = ago((min(low, high), max(low, high)), unit, today)
            return text.replace(found.group(), "", 1)
    for pattern, days in _DAY_PATTERNS:
        if pattern.search(text):
            clues.base = ago((days, days), "day", today)
            break
    return text


def _relative_weeks(text: str, clues: Clues, today: date) -> str:
    if clues.base:
        return text
    found = _WEEK.search(text)
    if found:
        first, last = week_of(today, -_BACK[found[1]])
        clues.base = _in_week((first, last), found[2], found[3], found[4])
        return text.replace(found.group(), "", 1)
    found = _WEEKDAY.search(text)
    if found and not re.search(r"\d[日号]", text):
        for back in (0, -1):
            span = _in_week(week_of(today, back), found[1], found[2], found[3])
            if span[0] <= today:
                clues.base = span
                return text.replace(found.group(), "", 1)
    return text


def _in_week(
    week: tuple[date, date], weekend: str | None, number: str | None, sunday: str | None
) -> tuple[date, date]:
    if weekend:
        return week[1].replace(day=week[1].day) - (week[1] - week[0]) / 6, week[1]
    if number:
        day = week[0] + (week[1] - week[0]) / 6 * (int(number) - 1)
        return day, day
    return (week[1], week[1]) if sunday else week


def _years(text: str, clues: Clues, today: date) -> str:
    if clues.year or clues.base:
        return text
    numeric = _NUMERIC.search(text)
    if numeric:
        clues.year = (int(numeric[1]), int(numeric[1]))
        clues.month = (int(numeric[3]), int(numeric[3]))
        clues.day = (int(numeric[4]), int(numeric[4])) if numeric[4] else None
        return text.replace(numeric.group(), "", 1)
    if found := _FULL_YEAR.search(text):
        clues.year = (int(found[1]), int(found[2] or found[1]))
    elif found := _SHORT_YEAR.search(text):
        year = int(found[1])
        year += 2000 if year <= today.year % 100 else 1900
        clues.year = (year, year)
    else:
        for word, back in _YEAR_WORDS:
            if re.search(word, text):
                clues.year = (today.year - back, today.year - back)
                break
    for words, part in _YEAR_PARTS:
        if re.search(words, text) and not clues.part:
            clues.part = part
            if clues.year is None:
                clues.year = (today.year, today.year)
    if found:
        # Keep the 年 so that 年初 and 年夏 can still be told apart from other words.
        text = text[: found.start()] + "年" + text[found.end() :].removeprefix("年")
    return text


def _months(text: str, clues: Clues, today: date) -> str:
    if clues.base or clues.month:
        return text
    if found := _MONTHS_BACK.search(text):
        day = shifted_months(today.replace(day=1), -_BACK[found[1]])
        clues.year, clues.month = (day.year, day.year), (day.month, day.month)
        if bare := _bare_day(text):
            clues.day = bare[1]
        elif part := re.match("(上旬|中旬|下旬|初|中|底|末)", text[found.end() :]):
            clues.part = _PARTS[part[1]]
        return text.replace(found.group(), "", 1)
    found = _MONTH.search(text)
    if not found:
        return text
    named = {"正": 1, "冬": 11, "腊": 12}.get(found[4] or "")
    first = named or int(found[2])
    clues.month = (first, int(found[3] or first))
    clues.leap = bool(found[1])
    if found[6]:
        clues.day = (int(found[6]), int(found[7] or found[6]))
    clues.part = _PARTS[found[8]] if found[8] else ""
    clues.lunar = bool(
        named or found[1] or (found[5] and found[6]) or re.search("农历|阴历|旧历", text)
    )
    return text.replace(found.group(), "", 1)


def _season(text: str, clues: Clues, today: date) -> str:
    if clues.base or clues.month or clues.named:
        return text
    for found in _SEASON.finditer(text):
        after_year = text[: found.start()].endswith(("年", "年的"))
        if found[1] or found[3] or found[4] or after_year:
            clues.season = _SEASON_NAMES[found[2]]
            clues.part = _PARTS[found[1] or found[4] or "寒"]
            break
    return text


def _bare_day(text: str) -> tuple[bool, tuple[int, int]] | None:
    """(whether lunar, day) of '15号' or '初八日' without a month."""
    found = _BARE_DAY.search(text)
    if not found or not 1 <= int(found[2]) <= 31:
        return None
    day = int(found[2])
    return bool(found[1]), (day, day)
