"""What can be told to a person: fixed words, chosen by codes, with nothing of any case in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from casemgr.platform.notify.models import Notice

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be told.

    `body` may name `codes`: each code has a fixed list of values and their words, so that no text
    of anybody's can get into a letter. `page` is the URL name that the inbox leads to. `link` makes
    the path that only the letter carries (it may hold a secret, so it is made when the letter is
    written and never stored); None where the notice has come to nothing since. `to` names the
    address where it is another than the person's own. `at_once` ignores quiet hours: safety, and
    what the person is waiting for. `every` is the least time between two to the same person.
    """

    code: str
    subject: Words
    body: Words
    page: str = ""
    codes: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    link: "Callable[[Notice], str | None] | None" = None
    to: "Callable[[Notice], str | None] | None" = None
    at_once: bool = False
    every: timedelta | None = None

    def check(self, codes: Mapping[str, str]) -> None:
        """Raise ValueError for a code that isn't in the lists, or one that is missing."""
        if codes.keys() != self.codes.keys() or any(
            value not in self.codes[name] for name, value in codes.items()
        ):
            raise ValueError(f"{self.code} can't be told with {sorted(codes)}")

    def said(self, codes: Mapping[str, str]) -> Words:
        """The body, with each code's words in place."""
        if not codes:
            return self.body
        return str(self.body) % {name: self.codes[name][value] for name, value in codes.items()}


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds known; an app does so when it is loaded."""
    for kind in kinds:
        if _kinds.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"two kinds of notice are called {kind.code}")


def get(code: str) -> Kind:
    """The kind of this code; KeyError where none is registered."""
    return _kinds[code]


def every_kind() -> list[Kind]:
    """All that can be told, for tests and documents."""
    return list(_kinds.values())
