"""Every address that can be read, found by the URL resolver, and what each has to show to whom."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver

from tests.security.grid.people import Principal
from tests.security.grid.world import World

NAMES: Final[Mapping[str, str]] = {
    "cases:pk": "case",
    "sightings:pk": "sighting",
    "matches:pk": "match",
    "alliances:pk": "alliance",
    "sightings:photo_id": "sighting_photo",
    "cases:photo_id": "photo",
    "review_id": "review",
    "consent_id": "consent",
    "alliance_id": "alliance",
    "claim_id": "claim",
    "match_id": "match",
    "look_id": "look",
    "sighting_id": "sighting",
    "user_id": "colleague",
    "person_id": "partner_admin",
    "partner_id": "partner",
    "client_id": "client",
    "reference": "reference",
    "photo": "photo",
    "sighting_photo": "sighting_photo",
}
"""What the world calls the thing in a place of an address; the first word may tell which."""
FIXED: Final[Mapping[str, str]] = {
    "secret": "x",
    "key": "x",
    "uidb36": "x",
    "name": "child",
}
NOBODYS: Final = "00000000-0000-4000-8000-000000000000"
"""The id of nothing: where an address is of a thing that no world has, all that is read is that."""
_NAMED: Final = re.compile(r"\(\?P<(\w+)>[^)]*\)")
_PLACE: Final = re.compile(r"<(?:[\w]+:)?(\w+)>")
# What it shows of what, where it is granted: field group to the object that the grant is asked of.
SHOWS: Final[Mapping[str, Mapping[str, str]]] = {
    "/": {"f1": "card"},
    "/cases/<str:reference>/": {"f1": "card"},
    "/api/v1/cases/": {"f1": "card", "f2": "case", "f5": "case"},
    "/api/v1/cases/<uuid:pk>/": {"f1": "card", "f2": "case", "f5": "case"},
    "/api/v1/cases/<uuid:pk>/photos/": {"f3": "case"},
    "/api/v1/cases/<uuid:pk>/photos/<uuid:photo_id>/": {"f3": "case"},
    "/api/v1/cases/<uuid:pk>/timeline/": {"f2": "case"},
    "/api/v1/cases/<uuid:pk>/guardians/": {"f6": "case"},
    "/api/v1/cases/<uuid:pk>/outcome/": {"f13": "case"},
    "/api/v1/cases/<uuid:pk>/matches/": {"f11": "match"},
    "/api/v1/sightings/": {"f9": "sighting"},
    "/api/v1/sightings/<uuid:pk>/": {"f9": "sighting"},
    "/api/v1/sightings/<uuid:pk>/photos/": {"f9": "sighting"},
    "/api/v1/sightings/<uuid:pk>/photos/<uuid:photo_id>/": {"f9": "sighting"},
    "/api/v1/sightings/<uuid:pk>/matches/": {"f11": "match"},
    "/api/v1/receipts/me/": {"f9": "sighting"},
    "/api/v1/matches/": {"f11": "match"},
    "/api/v1/matches/<uuid:pk>/": {"f11": "match"},
    "/api/v1/matches/<uuid:pk>/reviews/": {"f12": "match"},
    "/review/cases/<str:reference>/": {"f2": "case", "f5": "case", "f8": "case"},
    "/review/cases/<str:reference>/outcome/": {"f13": "case"},
    "/review/claims/<uuid:claim_id>/": {"f7": "case"},
    "/review/matches/<uuid:match_id>/": {"f11": "match", "f12": "match", "f9": "sighting"},
    "/review/second-look/<uuid:look_id>/": {"f9": "sighting"},
    "/staff/": {"f18": "staff"},
    "/alliances/<uuid:alliance_id>/": {"f2": "case"},
    "/partners/": {"f21": "partner"},
    "/partners/<uuid:partner_id>/": {"f21": "partner"},
}
STATELESS: Final = (
    *("/sign-", "/password/", "/confirm-address/", "/partners/", "/staff/", "/oauth/"),
    *("/mailbox/", "/language/", "/notices/", "/api/v1/schema/", "/api/v1/docs/"),
    *("/account/p", "/account/a", "/account/re", "/account/s", "/account/f", "/account/c"),
    *("/audit/own/", "/audit/pairs/", "/api/v1/alliances/", "/api/v1/^"),
)
"""Addresses whose answers have nothing to do with any case; driven in one state."""
Opens = Callable[[Principal], bool]
# To whom an address is open at all, where that is narrower than the grant.
ONLY: Final[Mapping[str, Opens]] = {
    "/api/v1/receipts/me/": lambda who: who.name == "receipt",
    "/review/cases/<str:reference>/": lambda who: "s" in who.relations("case"),
    "/review/cases/<str:reference>/outcome/": lambda who: "s" in who.relations("case"),
    "/review/claims/<uuid:claim_id>/": lambda who: who.name == "in_hand",
    "/review/matches/<uuid:match_id>/": lambda who: "s" in who.relations("match"),
    "/review/second-look/<uuid:look_id>/": lambda who: who.name == "blind",
    "/staff/": lambda who: "AD" in who.columns,
    "/alliances/<uuid:alliance_id>/": lambda who: "a" in who.relations("case"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """One address, with its places filled from a world."""

    where: str
    shows: Mapping[str, str] = field(default_factory=dict)
    picture: str = ""

    @property
    def surface(self) -> str:
        """The API or a page."""
        return "rest" if self.where.startswith("/api/") else "html"

    def opens(self, who: Principal) -> bool:
        """Whether the address is for this asker, where the group is granted."""
        if who.never and who.header:  # a header that opens nothing is never taken for nobody's
            return self.surface == "html"
        only = ONLY.get(self.where)
        return only is None or only(who)

    @property
    def of_a_case(self) -> bool:
        """Whether what it shows may move with the case's state."""
        return not self.where.startswith(STATELESS)

    def path(self, world: World) -> str:
        """The address in a world."""
        first = self.where.removeprefix("/api/v1/").strip("/").split("/")[0]
        plain = _NAMED.sub(r"<\1>", self.where).replace(".*", "nothing-here/")
        plain = plain.replace("^", "").replace("$", "").replace("<int:pk>", "1")

        def fill(place: re.Match[str]) -> str:
            name = place[1]
            key = NAMES.get(f"{first}:{name}") or NAMES.get(name)
            return world.ids[key] if key else FIXED.get(name, NOBODYS)

        return _PLACE.sub(fill, plain)


def routes(patterns: list[Any] | None = None, before: str = "/") -> Iterator[tuple[str, Any]]:
    """Each address with its view."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        where = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, where)
        else:
            assert isinstance(pattern, URLPattern)
            yield where, pattern.callback


def reads() -> list[Read]:
    """Every address once; photos' bytes in each of their sizes."""
    found = dict.fromkeys(where for where, _view in routes() if not where.startswith("/media/"))
    return [Read(where, SHOWS.get(where, {})) for where in found] + list(pictures())


def pictures() -> Iterator[Read]:
    """The bytes of the two photos, in each size."""
    for size in ("thumb", "public", "reviewer"):
        yield Read(f"/media/case/<photo>/{size}/", picture="f3")
        yield Read(f"/media/sighting/<sighting_photo>/{size}/", picture="f9")
