"""Which division each public card tells, also of cases whose place stands in words alone."""

from collections.abc import Iterator
from functools import lru_cache
from uuid import UUID

from casemgr.platform.places import Division, Place, public_division
from cases.querysets import CaseQuerySet

_PARTS = ("text", "country", "latitude", "longitude", "datum")


def told_in_words(cases: CaseQuerySet) -> Iterator[tuple[UUID, Division | None]]:
    """Of `cases`, whose cards are up, those without a code, each with what its card tells.

    Words are looked up in Python, and remembered: such cases come by the API alone, since forms
    and imports look up the code themselves.
    """
    rows = cases.filter(missing_from_division="").order_by().prefetch_related(None)
    for pk, *parts in rows.values_list("pk", *(f"missing_from_{part}" for part in _PARTS)):
        yield pk, told_division(Place(**dict(zip(_PARTS, parts, strict=True))))


@lru_cache(maxsize=50_000)
def told_division(place: Place) -> Division | None:
    """As `public_division`, remembered."""
    return public_division(place)
