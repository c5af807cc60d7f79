"""Vague dates in Chinese and English, as spans."""

import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from casemgr.platform.dates.chinese import read_chinese
from casemgr.platform.dates.clues import Clues, resolve
from casemgr.platform.dates.english import read_english
from casemgr.platform.dates.numerals import with_digits
from casemgr.platform.dates.partial import DEFAULT_ZONE, Moment, PartialDate, Zone, as_zone
from casemgr.platform.dates.spans import FIRST_YEAR, LAST_YEAR

MAX_CHARACTERS: Final = 300
_HAN: Final = re.compile("[\u3400-\u9fff]")
_ISO_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?\s?(z|[+-]\d\d:?\d\d)?$"
)
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)?$")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d\d)$")
_BETWEEN: Final = re.compile(
    r"\s*(?:到|至|~|—|–|或者?|还是|和|与|\bto\b|\band\b|\bor\b|\buntil\b|\s-\s)\s*"
)
_AGE: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:[~到至-](\d{1,2}))?\s*(?:周?岁|years? old|-year-old)"
    r"|\b(?:aged?|at|was|when i was)\s+(\d{1,2})(?:\s*(?:or|to|-)\s*(\d{1,2}))?\b"
    r"(?!\s*(?:am|pm|:|o'clock))"
)
Ends = tuple[Moment | None, Moment | None]


def parse(
    text: str,
    *,
    today: date,
    zone: Zone = DEFAULT_ZONE,
    birth: PartialDate | None = None,
) -> PartialDate:
    """The span of time that a phrase leaves open, with the phrase itself.

    Reads ISO 8601, Chinese and English, lunar dates, seasons, festivals, decades and words such as
    去年 (relative to `today`, the civil day of writing in `zone`); a phrase without a year means
    its last occurrence. 'about' widens. An age ('5岁左右') is read only where `birth` is known.
    Never raises: what nobody can read keeps its text and has no ends. Reads 300 characters.
    """
    place = as_zone(zone)
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold().strip(" .,。，")
    try:
        ends = _ends(plain, today, place, birth)
    except (ValueError, OverflowError):  # a date beyond the calendar, such as 31 February 2101
        ends = (None, None)
    return PartialDate(text, *ends)


def _ends(plain: str, today: date, zone: tzinfo, birth: PartialDate | None) -> Ends:
    exact = _exact(plain, zone)
    if exact is not None:
        return exact
    if re.search(r"(?<!\d)[+-]?\d{5,}(?!\d)", plain) or (
        re.fullmatch(r"\d+", plain[:5]) and not (re.fullmatch(r"(?:19|20)\d\d", plain))
    ):
        return None, None
    united = _united(plain, today, zone)
    if united is not None:
        return united
    clues = _read(plain, today)
    if _AGE.search(with_digits(plain)) and not clues.year and not clues.base:
        return (birth and _at_age(plain, birth)) or (None, None)
    return resolve(clues, today=today, zone=zone) if clues else (None, None)


def _read(plain: str, today: date) -> Clues:
    if _HAN.search(plain):
        return read_chinese(re.sub(r"\s+", "", plain), today)
    return read_english(plain, today)


def _only_clock(clues: Clues) -> bool:
    return not replace(clues, clock=None)


def _exact(plain: str, zone: tzinfo) -> Ends | None:
    """ISO date-times, 20050603, and 3/6/2012 (either order of day and month)."""
    if _ISO_DATE_TIME.match(plain):
        moment = datetime.fromisoformat(plain.upper().replace(" ", "T", 1).replace(" ", ""))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            return None, None
        to_the_second = plain.count(":") - plain[19:].count(":") > 1
        return moment, moment if to_the_second else moment + timedelta(minutes=1, microseconds=-1)
    if found := _COMPACT.match(plain):
        year, month = int(found[1]), int(found[2])
        if found[3]:
            day = date(year, month, int(found[3]))
            return day, day
    if found := _DAY_FIRST.match(plain):
        year = int(found[3])
        days = [
            date(year, month, day)
            for day, month in ((int(found[1]), int(found[2])), (int(found[2]), int(found[1])))
            if month <= 12 and day <= 31
        ]
        return (min(days), max(days)) if days else (None, None)
    return None


def _united(plain: str, today: date, zone: tzinfo) -> Ends | None:
    """'2003年6月到2004年春天', 'between 2003 and 2005': both ends, where both are dates."""
    parts = _BETWEEN.split(plain.removeprefix("between ").removeprefix("from "))
    if len(parts) != 2 or not all(parts):
        return None
    left, right = (_read(part, today) for part in parts)
    if _only_clock(left) or _only_clock(right) or not left or not right:
        return None
    if left.year is None and left.base is None:
        left.year = right.year
    elif right.year is None and right.base is None:
        right.year = left.year
    about = left.about or right.about
    left.about = right.about = about
    first = resolve(left, today=today, zone=zone)
    second = resolve(right, today=today, zone=zone)
    if first[0] is None or second[1] is None:
        return None
    earliest, latest = _alike(first[0], second[1], zone)
    return (earliest, latest) if earliest <= latest else None


def _alike(
    first: Moment, last: Moment, zone: tzinfo
) -> tuple[datetime, datetime] | tuple[date, date]:
    """Both civil dates, or both date-times."""
    if isinstance(first, datetime) or isinstance(last, datetime):
        start = first if isinstance(first, datetime) else datetime.combine(first, time.min, zone)
        return start, last if isinstance(last, datetime) else datetime.combine(last, time.max, zone)
    return first, last


def _at_age(plain: str, birth: PartialDate) -> Ends | None:
    found = _AGE.search(with_digits(plain))
    born = birth.days()
    if not found or born is None or birth.earliest is None or birth.latest is None:
        return None
    low = int(found[1] or found[3])
    high = int(found[2] or found[4] or low)
    # Ages by Chinese reckoning run a year ahead, and nobody remembers to the month.
    start, end = born[0].year + low - 1, born[1].year + high + 1
    if not FIRST_YEAR <= start <= end <= LAST_YEAR:
        return None, None
    return (
        max(born[0], date(start, born[0].month, 1)),
        date(end, born[1].month, 28),
    )
