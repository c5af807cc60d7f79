"""A date as people know it: their own words, and the span of days or hours these leave open."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_ZONE: Final = "Asia/Shanghai"
DAYS_A_YEAR: Final = 365.2425
# An open end ('before 2005') reaches to here.
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)

Zone = str | tzinfo
Moment = date | datetime


def as_zone(zone: Zone) -> tzinfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def _aware(moment: Moment, zone: tzinfo, *, end: bool) -> datetime:
    if isinstance(moment, datetime):
        return moment
    if end:
        return datetime.combine(moment, time.max, zone)
    return datetime.combine(moment, time.min, zone)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """`text` in the writer's own words; `earliest` and `latest` inclusive.

    The ends are civil dates at the place, or aware datetimes where the hour is known. One end
    alone leaves the other open; none means that nobody could tell. Raises ValueError for a naive
    datetime and for ends in the wrong order.
    """

    text: str = ""
    earliest: Moment | None = None
    latest: Moment | None = None

    def __post_init__(self) -> None:
        for moment in (self.earliest, self.latest):
            if isinstance(moment, datetime) and moment.tzinfo is None:
                raise ValueError("a date-time needs an offset from UTC")
        span = self.bounds()
        if span is not None and span[0] > span[1]:
            raise ValueError("earliest is after latest")

    def __bool__(self) -> bool:
        """Whether anything is known of when it was."""
        return self.earliest is not None or self.latest is not None

    def bounds(self, zone: Zone = DEFAULT_ZONE) -> tuple[datetime, datetime] | None:
        """First and last moment, aware; civil dates are whole days in `zone`. None if unknown."""
        if not self:
            return None
        place = as_zone(zone)
        return (
            _aware(self.earliest or FIRST_DAY, place, end=False),
            _aware(self.latest or LAST_DAY, place, end=True),
        )

    def midpoint(self, zone: Zone = DEFAULT_ZONE) -> datetime | None:
        """The middle of the span; None where unknown or open at an end."""
        span = self.bounds(zone)
        if span is None or self.earliest is None or self.latest is None:
            return None
        return span[0] + (span[1] - span[0]) / 2

    def years_between(
        self, other: "PartialDate", zone: Zone = DEFAULT_ZONE
    ) -> tuple[float, float] | None:
        """Fewest and most years from this to `other`, below zero where `other` is earlier."""
        mine, theirs = self.bounds(zone), other.bounds(zone)
        if mine is None or theirs is None:
            return None
        year = timedelta(days=DAYS_A_YEAR)
        return (theirs[0] - mine[1]) / year, (theirs[1] - mine[0]) / year

    def days(self) -> tuple[date, date] | None:
        """First and last civil day as written, whatever the zone; None where unknown."""
        if not self:
            return None
        first, last = self.earliest or FIRST_DAY, self.latest or LAST_DAY
        return (
            first.date() if isinstance(first, datetime) else first,
            last.date() if isinstance(last, datetime) else last,
        )
