"""What a phrase says of a date, gathered by the readers of either language, and its span."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from casemgr.platform.dates import spans
from casemgr.platform.dates.partial import LAST_DAY, Moment
from casemgr.platform.dates.spans import FIRST_YEAR, LAST_YEAR, Span

# How far 'about' reaches beyond what it is said of, in days, by the length of the span itself.
_ABOUT_DAYS: Final = ((1, 5), (45, 15), (130, 31), (400, 365), (100_000, 730))
_FESTIVAL_ABOUT_DAYS: Final = 10
_ABOUT_HOURS: Final = 2


@dataclass(slots=True)
class Clues:
    """The parts found in one phrase. Pairs are inclusive ranges; `clock` is minutes of the day.

    `base` is a span told relative to today ('three days ago') and needs nothing else.
    """

    year: tuple[int, int] | None = None
    month: tuple[int, int] | None = None
    day: tuple[int, int] | None = None
    lunar: bool = False
    leap: bool = False
    season: str = ""
    named: str = ""
    part: str = ""
    base: Span | None = None
    clock: tuple[int, int] | None = None
    about: bool = False
    open_end: str = ""  # "before" or "after"

    def __bool__(self) -> bool:
        return bool(
            self.year or self.month or self.base or self.season or self.named or self.clock
            or (self.lunar and self.day)
        )  # fmt: skip


def resolve(clues: Clues, *, today: date, zone: tzinfo) -> tuple[Moment | None, Moment | None]:
    """The ends that the clues leave open; (None, None) if they name no possible date."""
    try:
        span = _span(clues, today)
    except (ValueError, OverflowError):
        span = None
    if span is None or not FIRST_YEAR <= span[0].year <= span[1].year <= LAST_YEAR:
        return None, None
    if clues.clock and (span[1] - span[0]).days == 0:
        return _hours(span[0], clues.clock, about=clues.about, zone=zone)
    if clues.about:
        span = _widened(span, clues)
    if clues.open_end == "before":
        return None, span[0] - timedelta(1)
    if clues.open_end == "after":
        return span[0], None
    return span


def _span(clues: Clues, today: date) -> Span | None:
    if clues.base is not None:
        return clues.base
    years = clues.year
    if years is None:
        if clues.clock and not (clues.month or clues.season or clues.named or clues.day):
            return today, today
        return _most_recent(clues, today)
    if years[1] > years[0] and not clues.named:
        return spans.year_part(*years, clues.part) if clues.part else spans.year_span(*years)
    return _in_year(clues, years[0])


def _most_recent(clues: Clues, today: date) -> Span | None:
    """Without a year, the last time that it was so."""
    for year in range(today.year, today.year - 9, -1):  # eight years to a 29 February, at most
        span = _in_year(clues, year)
        if span and span[0] <= today:
            return span
    return None


def _in_year(clues: Clues, year: int) -> Span | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if clues.named:
        return spans.NAMED[clues.named](year)
    if clues.month:
        return _in_months(clues, year, *clues.month)
    if clues.season:
        return spans.season_span(clues.season, year, clues.part)
    if clues.part:
        return spans.year_part(year, year, clues.part)
    return spans.year_span(year, year)


def _in_months(clues: Clues, year: int, first: int, last: int) -> Span | None:
    if not (1 <= first <= 12 and 1 <= last <= 12):
        return None
    day = clues.day or spans.DAYS_OF_PART.get(clues.part)
    if clues.lunar:
        return spans.lunar_span(year, first, *(day or (1, 31)), leap=clues.leap)
    if day:
        return spans.day_span(year, first, *day)
    if first > last and year == LAST_YEAR:
        return None
    return spans.month_span(year, first, last)


def _widened(span: Span, clues: Clues) -> Span:
    length = (span[1] - span[0]).days + 1
    reach = next(days for longest, days in _ABOUT_DAYS if length <= longest)
    if clues.named:
        reach = _FESTIVAL_ABOUT_DAYS
    elif 360 <= length <= 370 and span[0].day == span[0].month == 1:  # whole years stay whole
        return (
            date(max(span[0].year - 1, FIRST_YEAR), 1, 1),
            date(min(span[1].year + 1, LAST_YEAR), 12, 31),
        )
    first = span[0] - timedelta(reach)
    return first, min(span[1] + timedelta(reach), LAST_DAY)


def _hours(
    day: date, clock: tuple[int, int], *, about: bool, zone: tzinfo
) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time.min, zone) + timedelta(minutes=clock[0])
    end = datetime.combine(day, time.min, zone) + timedelta(minutes=clock[1])
    if about:
        start, end = start - timedelta(hours=_ABOUT_HOURS), end + timedelta(hours=_ABOUT_HOURS)
    return start, end - timedelta(microseconds=1)


def shifted_months(day: date, months: int) -> date:
    """The same day some months earlier or later, cut to the month's length."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first, last = spans.month_span(year, month + 1)
    return first.replace(day=min(day.day, last.day))


def ago(count: tuple[int, int], unit: str, today: date) -> Span:
    """Some days, weeks, months or years before today, as wide as people mean it."""
    low, high = count
    if unit == "day":
        return today - timedelta(high), today - timedelta(low)
    if unit == "week":
        return today - timedelta(high * 7 + 3), today - timedelta(max(low * 7 - 3, 0))
    if unit == "month":
        return (
            shifted_months(today, -high) - timedelta(15),
            min(shifted_months(today, -low) + timedelta(15), today),
        )
    return spans.year_span(today.year - high, today.year - low)


def week_of(today: date, weeks: int) -> Span:
    """Monday to Sunday of the week so many weeks from this one."""
    monday = today - timedelta(today.weekday()) + timedelta(weeks=weeks)
    return monday, monday + timedelta(6)
