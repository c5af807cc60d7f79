"""Spans of days: months, seasons, festivals, lunar months. All of them inclusive."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from borax.calendars.lunardate import InvalidLunarDateError, LCalendars, LunarDate

Span = tuple[date, date]

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100


def month_span(year: int, first: int, last: int | None = None) -> Span:
    """From the first day of one month to the last of another, which may lie in the next year."""
    last = first if last is None else last
    end_year = year + 1 if last < first else year
    return date(year, first, 1), date(end_year, last, calendar.monthrange(end_year, last)[1])


def year_span(first: int, last: int) -> Span:
    return date(first, 1, 1), date(last, 12, 31)


def day_span(year: int, month: int, first: int, last: int) -> Span | None:
    """Some days of a month, cut to its length; None if not even the first exists."""
    length = calendar.monthrange(year, month)[1]
    if not 1 <= first <= length:
        return None
    return date(year, month, first), date(year, month, min(max(first, last), length))


def lunar_span(year: int, month: int, first: int, last: int, *, leap: bool = False) -> Span | None:
    """Days of a lunar month as civil dates; day 31 and more stand for the month's end.

    The year is the lunar one, so the 12th month mostly falls into the next civil year. None for
    a leap month that the year has not, and outside the years 1900 to 2100.
    """
    try:
        if leap and LCalendars.leap_month(year) != month:
            return None
        length = LCalendars.ndays(year, month, int(leap))
        start = LunarDate(year, month, 1, int(leap)).to_solar_date()
    except (InvalidLunarDateError, ValueError, IndexError):
        return None
    if not 1 <= first <= length:
        return None
    return start + timedelta(first - 1), start + timedelta(min(max(first, last), length) - 1)


def _spring_festival(year: int) -> Span | None:
    """From New Year's Eve to the seventh of the first month."""
    week = lunar_span(year, 1, 1, 7)
    return (week[0] - timedelta(1), week[1]) if week else None


def _new_years_eve(year: int) -> Span | None:
    first = lunar_span(year, 1, 1, 1)
    return (first[0] - timedelta(1), first[0] - timedelta(1)) if first else None


def _lunar(month: int, first: int, last: int | None = None) -> Callable[[int], Span | None]:
    return lambda year: lunar_span(year, month, first, last or first)


def _civil(month: int, first: int, last: int | None = None) -> Callable[[int], Span | None]:
    return lambda year: day_span(year, month, first, last or first)


def _in_civil_year(lunar: Callable[[int], Span | None]) -> Callable[[int], Span | None]:
    """A festival late in the lunar year, taken where it falls in the civil year named."""

    def span(year: int) -> Span | None:
        candidates = (lunar(year - 1), lunar(year))
        return next((found for found in candidates if found and found[0].year == year), None)

    return span


# By name: the span in one year (civil, which for all of these but 腊八 and 小年 is the lunar too).
NAMED: Final[dict[str, Callable[[int], Span | None]]] = {
    "spring_festival": _spring_festival,
    "new_years_eve": _new_years_eve,
    "lunar_new_year": _lunar(1, 1),
    "lantern": _lunar(1, 15),
    "qingming": _civil(4, 3, 6),
    "dragon_boat": _lunar(5, 5),
    "qixi": _lunar(7, 7),
    "ghost": _lunar(7, 15),
    "mid_autumn": _lunar(8, 15),
    "double_ninth": _lunar(9, 9),
    "laba": _in_civil_year(_lunar(12, 8)),
    "little_year": _in_civil_year(_lunar(12, 23, 24)),
    "winter_solstice": _civil(12, 21, 23),
    "new_year": _civil(1, 1),
    "womens_day": _civil(3, 8),
    "labour_day": _civil(5, 1, 5),
    "childrens_day": _civil(6, 1),
    "teachers_day": _civil(9, 10),
    "national_day": _civil(10, 1, 7),
    "christmas": _civil(12, 25),
    "summer_holiday": lambda year: month_span(year, 7, 8),
    "winter_holiday": lambda year: (date(year, 1, 10), date(year, 3, 1)),
    "school_start": lambda year: (date(year, 8, 25), date(year, 9, 15)),
    "autumn_term": lambda year: (date(year, 9, 1), date(min(year + 1, LAST_YEAR), 1, 31)),
    "spring_term": lambda year: (date(year, 2, 10), date(year, 7, 15)),
    "school_year": lambda year: (date(year, 9, 1), date(min(year + 1, LAST_YEAR), 7, 15)),
    "wheat_harvest": lambda year: (date(year, 5, 20), date(year, 6, 25)),
    "autumn_harvest": lambda year: (date(year, 9, 10), date(year, 11, 10)),
    "dog_days": lambda year: (date(year, 7, 10), date(year, 8, 25)),
}

# First and last month of each season and of its parts; the lunar seasons start a month early, so
# parts overlap. Months past 12 lie in the next year.
SEASONS: Final = {
    "spring": {"": (3, 5), "early": (2, 3), "mid": (4, 4), "late": (4, 5)},
    "summer": {"": (6, 8), "early": (5, 6), "mid": (7, 8), "late": (8, 9)},
    "autumn": {"": (9, 11), "early": (8, 9), "mid": (9, 10), "late": (10, 11)},
    "winter": {"": (12, 14), "early": (11, 12), "mid": (12, 13), "late": (13, 14)},
}


def season_span(season: str, year: int, part: str = "") -> Span:
    """A season, or its early, mid or late part.

    A whole winter also takes in January and February of its year, as '2003年冬天' may mean either.
    """
    first, last = SEASONS[season][part]
    start = month_span(year + (first > 12), (first - 1) % 12 + 1)[0]
    end = month_span(year + (last > 12), (last - 1) % 12 + 1)[1]
    return (date(year, 1, 1) if season == "winter" and not part else start), end


def year_part(first: int, last: int, part: str) -> Span:
    """The early, mid or late part of a year or of a decade, or half of a year."""
    if last > first:
        cut = {"early": (0, 3), "mid": (3, 6), "late": (6, 9)}[part]
        return year_span(first + cut[0], first + cut[1])
    months = {
        "early": (1, 4), "mid": (5, 8), "late": (9, 12), "end": (11, 12), "start": (1, 3),
        "first_half": (1, 6), "second_half": (7, 12),
    }[part]  # fmt: skip
    return month_span(first, *months)


DAYS_OF_PART: Final = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
