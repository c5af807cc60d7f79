"""Pages of long lists by opaque cursor (the same cost on the first page and on the thousandth), and
of short ones by where they go on.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from casemgr.platform.errors import NotFound

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, and the cursor that asks for the ones after them ('' on the last page)."""

    rows: list[M]
    after: str


def newest_first(rows: QuerySet[M], *, by: str, after: str, size: int) -> Page[M]:
    """The `size` rows that follow the cursor, newest `by` first; `by` must never be NULL.

    Raises NotFound for a cursor that this function did not make.
    """
    if after:
        moment, pk = _read(after)
        rows = rows.filter(Q(**{f"{by}__lt": moment}) | Q(**{by: moment, "pk__lt": pk}))
    found = list(rows.order_by(f"-{by}", "-pk")[: size + 1])
    shown = found[:size]
    more = len(found) > size
    return Page(shown, _write(getattr(shown[-1], by), shown[-1].pk) if more else "")


@dataclass(frozen=True, slots=True)
class Part(Generic[M]):
    """Some rows of a short list, where they start, and where it goes on (None on the last)."""

    rows: list[M]
    start: int
    next_start: int | None

    @property
    def pager(self) -> dict[str, int | None]:
        """What `components/pager.html` shows."""
        return {"start": self.start, "next_start": self.next_start}


def part(rows: QuerySet[M], *, typed: str | None, size: int) -> Part[M]:
    """The `size` rows from where a link says, the first ones where it says nothing.

    Raises NotFound for what is no such link.
    """
    start = start_of(typed or "0")
    found = list(rows[start : start + size + 1])
    return Part(found[:size], start, start + size if len(found) > size else None)


def start_of(typed: str) -> int:
    """Where a short list goes on, as its link says it; NotFound for what is no such link."""
    if not typed.isascii() or not typed.isdigit() or len(typed) > 6:
        raise NotFound
    return int(typed)


def _write(moment: datetime, pk: UUID) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, pk = plain.partition("|")
        read = datetime.fromisoformat(moment), UUID(pk)
        if read[0].tzinfo is None:
            raise NotFound
        return read
    except (ValueError, binascii.Error) as error:
        raise NotFound from error
