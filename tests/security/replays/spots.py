"""Every place of the site that takes an id: in addresses, by the URL resolver; in what is sent.

A kind of id that nobody has planted stops the run (`Unplanted`): whoever adds a route with an id
adds the thing to things.py, or the route's secret to `SECRETS`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from casemgr import media
from tests.security.grid.probes import WRITES, Probe
from tests.security.grid.reads import NAMES, routes
from tests.security.grid.world import World
from tests.security.replays.things import KINDS

VERBS: Final = ("get", "head", "options", "post", "put", "patch", "delete")
_KINDS: Final[Mapping[str, str]] = {
    **NAMES,
    "follow-ups:pk": "follow_up",
    "operations:pk": "operation",
    "webhooks:pk": "webhook",
    "account:pk": "passkey",
    "imports:pk": "import",
    "exports:pk": "export",
    "person_id": "appointment",
    "member_id": "membership",
    "link_id": "link",
    "pair_id": "pair",
    "follow_up_id": "follow_up",
    "operation_id": "operation",
    "webhook_id": "webhook",
    "delivery_id": "delivery",
    "proposal_id": "proposal",
    "import_id": "list",
    "sheet_id": "sheet",
}
"""What a place of an address holds; the address's first word may tell which."""
SECRETS: Final = ("secret", "key", "uidb36")
"""Places of one-time secrets: each is itself the right, so it is nobody else's to try."""
_WORDS: Final = {
    **{"name": "child", "year": "2024", "kind": "report"},
    **{"language": "en", "page": "phone"},
}
_PLACE: Final = re.compile(r"<(?:[\w]+:)?(\w+)>")
_NAMED: Final = re.compile(r"\(\?P<(\w+)>[^)]*\)")

Bodies = tuple[Mapping[str, Any], ...]


class Unplanted(AssertionError):
    """An address takes an id of a kind that no world has."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One verb at one address, with `{kind}` where an id belongs, and what is sent along.

    A place is `{kind}`, in the path or in a value of `body`; `probe` makes the body instead.
    """

    route: str
    verb: str
    path: str
    kinds: tuple[str, ...]
    body: Mapping[str, Any] = field(default_factory=dict)
    probe: Probe | None = None

    @property
    def surface(self) -> str:
        """The API or a page."""
        return "rest" if self.path.startswith("/api/") else "html"

    @property
    def name(self) -> str:
        """What tells this spot from all others."""
        sent = (
            f" as {self.probe.name}" if self.probe else f" {dict(self.body)}" if self.body else ""
        )
        return f"{self.verb.upper()} {self.route}{sent}"


def spots() -> list[Spot]:
    """All of them, in the resolver's order, then what takes ids in its body or query."""
    found = [spot for where, _view in routes() for spot in _of_route(where)]
    return found + list(_in_bodies())


def _of_route(where: str) -> Iterator[Spot]:
    for path in paths(where):
        kinds = tuple(re.findall(r"{(\w+)}", path))
        if not kinds:
            continue
        for verb in VERBS:
            yield Spot(where, verb, path, kinds)
            for probe in WRITES:
                if probe.method == verb and _shape(probe.path) == _shape(path):
                    yield Spot(where, verb, path, kinds, probe=probe)


def paths(where: str) -> Iterator[str]:
    """The address with its places named by kind; photos' bytes by whose they are and how large."""
    plain = _NAMED.sub(r"<\1>", where).replace("^", "").replace("$", "")
    if plain.startswith("/media/"):
        for size in media.FILES:
            yield f"/media/case/{{photo}}/{size}/"
            yield f"/media/sighting/{{sighting_photo}}/{size}/"
        return
    first = plain.removeprefix("/api/v1/").strip("/").split("/")[0]
    places = _PLACE.findall(plain)
    if any(place in SECRETS for place in places):
        return

    def fill(place: re.Match[str]) -> str:
        word = place[1]
        kind = _KINDS.get(f"{first}:{word}") or _KINDS.get(word)
        if kind in KINDS:
            return f"{{{kind}}}"
        if word in _WORDS:
            return _WORDS[word]
        raise Unplanted(f"{where}: nothing is planted for <{word}>")

    yield _PLACE.sub(fill, plain)


def _shape(address: str) -> str:
    parts = address.split("/")
    return "/".join("*" if part[:1] == "{" else part for part in parts)


def sent_with(world: World, spot: Spot) -> tuple[dict[str, Any], dict[str, str]]:
    """Body and headers of a spot in a world, ids aside."""
    if spot.probe is None:
        return dict(spot.body), {}
    asked: Callable[[World], Mapping[str, Any]] | None = spot.probe.headers
    return dict(_body(world, spot.probe)), {k: str(v) for k, v in (asked or _none)(world).items()}


def _none(world: World) -> Mapping[str, Any]:
    return {}


def _body(world: World, probe: Probe) -> Mapping[str, Any]:
    try:
        return probe.body(world)
    except KeyError:  # what only `prepare` would have made
        return {}


def _in_bodies() -> Iterator[Spot]:
    """Ids that are sent within a body or a query, at an address of the asker's own."""
    for path, kind in (
        ("/api/v1/matches/?case={case}", "case"),
        ("/api/v1/matches/?sighting={sighting}", "sighting"),
        ("/api/v1/cases/?reference={reference}", "reference"),
    ):
        yield Spot(path, "get", path, (kind,))
    for path, body in (
        ("/api/v1/cases/{case}/links/", {"case": "{case}", "kind": "sibling"}),
        ("/api/v1/operations/{operation}/cases/", {"case": "{case}"}),
        ("/api/v1/cases/{case}/consents/", {"purpose": "publish", "guardian": "{guardian}"}),
        ("/api/v1/alliances/{alliance}/owner/", {"user": "{member}"}),
        ("/review/take/", {"reference": "{reference}", "why": "new"}),
        ("/review/reports/", {"act": "hide", "item": "{report}", "words": "so"}),
        ("/review/reports/", {"act": "keep", "item": "{report}", "words": "so"}),
        *(
            (
                "/review/cases/{reference}/",
                {"act": act, "item": f"{{{kind}}}", "words": "so", "basis": "papers"},
            )
            for act, kind in (
                ("approve_photo", "photo"),
                ("harmful", "photo"),
                ("clear_flag", "flag"),
                ("verify", "guardian"),
                ("end_verification", "guardian"),
            )
        ),
        (
            "/review/claims/{claim}/",
            {"act": "answer", "item": "{fact}", "agrees": "on", "words": "so"},
        ),
    ):
        kinds = re.findall(r"{(\w+)}", path + " " + " ".join(body.values()))
        yield Spot(path, "post", path, tuple(kinds), body)
