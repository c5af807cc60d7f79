"""Dates in people's words, and the spans that the product reads out of them."""

from calendar import month_name
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Final

from borax.calendars.lunardate import LunarDate

from casemgr.platform import dates
from searches.matching.types import Interval

TODAY: Final = date(2026, 11, 24)
"""The set's own day, so that the same seed always gives the same set."""
DAYS_A_YEAR: Final = 365.2425
_SEASONS: Final = (("冬天", "winter"), ("春天", "spring"), ("夏天", "summer"), ("秋天", "autumn"))
_MONTHS: Final = ("正月", *(f"{digit}月" for digit in "二三四五六七八九十冬腊"))
_TENS: Final = ("初", "十", "廿", "三")
_DIGITS: Final = "十一二三四五六七八九"


@lru_cache(maxsize=100_000)
def told(day: date, fineness: str, language: str) -> str:
    """`day` told as finely as 'day', 'lunar', 'month', 'season', 'year' or 'about'."""
    zh = language == "zh"
    if fineness == "lunar" and zh:
        return lunar(day)
    if fineness in ("day", "lunar"):
        return (
            f"{day.year}年{day.month}月{day.day}日" if zh else f"{day.day} {_month(day)} {day.year}"
        )
    if fineness == "month":
        return f"{day.year}年{day.month}月" if zh else f"{_month(day)} {day.year}"
    if fineness == "season":
        season = _SEASONS[day.month % 12 // 3][0 if zh else 1]
        year = day.year - 1 if day.month < 3 else day.year
        return f"{year}年{season}" if zh else f"{season} of {year}"
    if fineness == "year":
        return f"{day.year}年" if zh else f"{day.year}"
    return f"大概{day.year}年" if zh else f"around {day.year}"


def lunar(day: date) -> str:
    """The day of the lunar calendar, as families remember birthdays: 农历2001年腊月廿三."""
    moon = LunarDate.from_solar_date(day.year, day.month, day.day)
    tens, ones = divmod(moon.day, 10)
    if ones == 0:
        written = {10: "初十", 20: "二十", 30: "三十"}[moon.day]
    else:
        written = _TENS[tens] + _DIGITS[ones]
    leap = "闰" if moon.leap else ""
    return f"农历{moon.year}年{leap}{_MONTHS[moon.month - 1]}{written}"


@lru_cache(maxsize=100_000)
def interval(text: str) -> Interval | None:
    """The span that the product reads out of the words; None where it can read none."""
    bounds = dates.parse(text, today=TODAY, zone=dates.DEFAULT_ZONE).bounds()
    return Interval(*bounds) if bounds else None


def shifted(rng: Random, day: date, years: float) -> date:
    """The day with an error of `years` (a standard deviation), never later than today."""
    return min(TODAY, day + timedelta(days=round(rng.gauss(0, years) * DAYS_A_YEAR)))


def _month(day: date) -> str:
    return month_name[day.month]
