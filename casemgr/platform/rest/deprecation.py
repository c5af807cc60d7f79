"""What will be removed says so in every answer, long before (docs/partners/README.md)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.http import http_date

NOTICE: Final = timedelta(days=183)
"""How long an operation is still there once its answers have said that it will go: six months."""


@dataclass(frozen=True, slots=True)
class Deprecated:
    """An operation that goes at `until`; `link` says what to use instead. Both moments are aware.

    Raises ValueError for less notice than partners were promised.
    """

    since: datetime
    until: datetime
    link: str

    def __post_init__(self) -> None:
        if self.until - self.since < NOTICE:
            raise ValueError("partners were promised six months")

    def headers(self) -> dict[str, str]:
        """`Deprecation` by RFC 9745, `Sunset` by RFC 8594, and the link between them."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": http_date(self.until.astimezone(UTC).timestamp()),
            "Link": f'<{self.link}>; rel="deprecation"',
        }
