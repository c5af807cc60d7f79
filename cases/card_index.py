"""What a public search can ask of a card, as tokens in one GIN-indexed column.

A search by tokens alone finds too much rather than too little: `search_forms.py` asks the facts
themselves as well, so an index that lags behind hides a card for a while and shows nothing that is
not on it.
"""

from datetime import datetime, timedelta
from typing import Final

from casemgr.platform.fields import civil_zone
from casemgr.platform.text import normalised
from cases.card import WIDEST_AGE_YEARS, own_name
from cases.models import Case

Span = tuple[datetime, datetime]

WIDEST_AGE: Final = timedelta(days=366 * (WIDEST_AGE_YEARS + 1))
"""Between the first and the last day on which a child may be born whose card tells an age."""
DIGITS: Final = {"province": 2, "prefecture": 4, "county": 6}
"""How many digits of a code name the division that a place lies in."""


def card_tokens(case: Case) -> list[str]:
    """The tokens of a card that is up, or of the one that would be."""
    zone, child = civil_zone(), case.child
    return tokens_of(
        name=own_name(case),
        sex=child.sex,
        division=case.missing_from.division_code or "",
        missing=case.missing_at.bounds(zone),
        birth=child.birth_date.bounds(zone),
    )


def tokens_of(
    *, name: str, sex: str, division: str, missing: Span | None, birth: Span | None
) -> list[str]:
    """The same from plain values, for cases as a migration sees them."""
    found = name_tokens(name) | {sex_token(sex)}
    found.update(
        division_token(division[:digits]) for digits in DIGITS.values() if len(division) >= digits
    )
    if missing is not None:
        found.update(missing_between(*_years_of(missing)))
    if birth is not None and birth[1] - birth[0] <= WIDEST_AGE:
        found.update(born_between(*_years_of(birth)))
    return sorted(found)


def name_tokens(name: str) -> set[str]:
    """Each character of a name, and each two that stand side by side."""
    return {*_grams(name, 1), *_grams(name, 2)}


def name_part_tokens(part: str) -> list[str]:
    """The tokens that every name has which has `part` in it."""
    return sorted(set(_grams(part, 2) or _grams(part, 1)))


def _grams(words: str, many: int) -> list[str]:
    plain = normalised(words)
    return [f"n:{plain[at : at + many]}" for at in range(len(plain) - many + 1)]


def sex_token(sex: str) -> str:
    """The token of girls' cards, or of boys'."""
    return f"s:{sex}"


def division_token(code: str) -> str:
    """The token of a division by the digits that name it."""
    return f"d:{code}"


def missing_between(first: int, last: int) -> list[str]:
    """Tokens of which a card has one when the child may have gone missing in these years."""
    return _years("m", first, last)


def born_between(first: int, last: int) -> list[str]:
    """Tokens of which a card has one when the child may be born in these years."""
    return _years("b", first, last)


def _years(kind: str, first: int, last: int) -> list[str]:
    return [f"{kind}:{year}" for year in range(first, last + 1)]


def _years_of(span: Span) -> tuple[int, int]:
    zone = civil_zone()
    return span[0].astimezone(zone).year, span[1].astimezone(zone).year
