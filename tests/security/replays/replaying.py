"""Trying ids of others, and holding each answer against that for an id of nothing.

What somebody may know of is worked out from the written matrix alone. Of all else they must be told
the same bytes as if it were not there, and change no row. Each request is undone.
"""

import itertools
import random
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from rest_framework.test import APIClient

from casemgr.platform import references
from tests.api.helpers import upload
from tests.factories import jpeg
from tests.security.grid.people import Principal
from tests.security.grid.rows import TRACES
from tests.security.grid.world import World
from tests.security.replays.spots import Spot, sent_with
from tests.security.replays.things import Things

PUBLIC: Final = (
    "/cases/<str:reference>/",
    "/api/v1/cases/<uuid:pk>/",
    "/api/v1/cases/?reference={reference}",
    "/cases/<str:reference>/tell/<str:kind>/",
)
"""Where a case is anybody's to know of while its card is up, and its page once it was."""
_RANDOM_EACH_TIME: Final = re.compile(
    rb'(?<=name="csrfmiddlewaretoken" value=")\w+'
    rb'|(?<=<input type="hidden" name="key" value=")[\w-]+'
)
_PLACE: Final = re.compile(r"{(\w+)}")
_PICTURE: Final = jpeg(9, size=(64, 80))


@dataclass(frozen=True, slots=True)
class Replay:
    """One request: who, where, and whose thing stands in each place."""

    who: Principal
    spot: Spot
    things: tuple[Things, ...]

    def unknown(self) -> tuple[bool, ...]:
        """Of each place, whether its thing is one that the asker may not know of."""
        return tuple(
            not (of.known(self.who, kind) or _in_public(of, kind, self.spot) or self._taken())
            for of, kind in zip(self.things, self.spot.kinds, strict=True)
        )

    def _taken(self) -> bool:
        """Any reviewer may take any case in hand by its reference, which is written down; and a
        second tap of who has just left an alliance is answered like the first.
        """
        if self.who.name == "left":
            return self.spot.route == "/alliances/<uuid:alliance_id>/leave/"
        return self.spot.route == "/review/take/" and "RV" in self.who.columns


SHARING: Final = "/my/cases/<str:reference>/sharing/<uuid:alliance_id>/"
"""Whom a case may be shared with is named to every family; whose case it is, is not."""


def _in_public(of: Things, kind: str, spot: Spot) -> bool:
    if kind == "alliance" and spot.route == SHARING:
        return True
    if kind not in ("case", "reference") or spot.route not in PUBLIC:
        return False
    return of.public or (of.ever_public and spot.route != PUBLIC[2])


@dataclass(slots=True)
class Found:
    """What was tried, and what came out that should not have."""

    requests: int = 0
    routes: set[str] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)
    differing_bytes: int = 0
    changed: list[str] = field(default_factory=list)
    echoed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.requests} replays at {len(self.routes)} verbs of addresses: {len(self.leaks)} "
            f"leaks, {self.differing_bytes} differing bytes, {len(self.changed)} changed a row, "
            f"{len(self.echoed)} repeated the id"
        )


class Replayer:
    """Sends replays in one world; remembers what ids of nothing were answered."""

    def __init__(self, world: World, both: tuple[Things, Things]) -> None:
        self.world, self.both = world, both
        self._clients: dict[tuple[str, str], Client] = {}
        self._nothing: dict[Any, tuple[Any, str]] = {}
        self._written = _written()

    def all(self, spots: Iterable[Spot]) -> Iterator[Replay]:
        """Everybody at every spot with every mixture of things, unless all may be known to them."""
        for spot in spots:
            ways = [[of for of in self.both if kind in of.ids] for kind in spot.kinds]
            for things in itertools.product(*ways):
                for who in self.world.people:
                    replay = Replay(who, spot, things)
                    if any(replay.unknown()):
                        yield replay

    def some(self, spots: Iterable[Spot], many: int) -> list[Replay]:
        """So many of them, of every spot before two of any, in an order that never changes.

        All that one person tries at one spot stays together, for the same bytes answer to all.
        """
        by_spot: dict[str, dict[str, list[Replay]]] = {}
        for replay in self.all(spots):
            at_spot = by_spot.setdefault(replay.spot.name, {})
            at_spot.setdefault(replay.who.name, []).append(replay)
        turns: list[list[list[Replay]]] = []
        for name, at_spot in by_spot.items():
            groups = list(at_spot.values())
            random.Random(zlib.crc32(f"{self.world.state} {name}".encode())).shuffle(groups)
            turns.append(groups)
        each = itertools.chain(*itertools.zip_longest(*turns, fillvalue=[]))
        return list(itertools.islice(itertools.chain.from_iterable(each), many))

    def replay(self, replay: Replay, found: Found) -> None:
        """One request, held against the same with ids of nothing."""
        unknown = replay.unknown()
        kinds = zip(replay.spot.kinds, replay.things, strict=True)
        ids = [of.ids[kind] for kind, of in kinds]
        key = (
            replay.who.name,
            replay.spot.name,
            tuple(None if new else id_ for id_, new in zip(ids, unknown, strict=True)),
        )
        if key not in self._nothing:
            pairs = zip(replay.spot.kinds, ids, unknown, strict=True)
            of_nothing = [nothing(kind) if new else id_ for kind, id_, new in pairs]
            self._nothing[key] = self._told(replay, of_nothing, unknown)
        expected, _changed = self._nothing[key]
        told, changed = self._told(replay, ids, unknown)
        found.requests += 1
        found.routes.add(f"{replay.spot.verb} {replay.spot.route}")
        whose = "/".join(of.name for of in replay.things)
        at = f"{self.world.state}: {replay.who.name} · {replay.spot.name} ({whose})"
        if told != expected:
            found.leaks.append(f"{at}: {_short(expected)} became {_short(told)}")
            print(found.leaks[-1], flush=True)  # at once: the whole takes long
            found.differing_bytes += differing(repr(expected).encode(), repr(told).encode())
        if changed:
            found.changed.append(f"{at}: {told[0]} changed {changed}")
            print(found.changed[-1], flush=True)
        secret = [id_ for id_, new in zip(ids, unknown, strict=True) if new]
        if any(id_.encode() in told[2] or id_ in told[1] for id_ in secret if len(id_) > 6):
            found.echoed.append(f"{at}: {told[0]} repeats the id")

    def opens(self, spot: Spot) -> bool:
        """Whether somebody who may know is told something else than they are of nothing."""
        for of in self.both:
            if any(kind not in of.ids for kind in spot.kinds):
                continue
            for who in self.world.people:
                replay = Replay(who, spot, (of,) * len(spot.kinds))
                if any(replay.unknown()):
                    continue
                all_ = (True,) * len(spot.kinds)
                here, _changed = self._told(replay, [of.ids[kind] for kind in spot.kinds], all_)
                away, _changed = self._told(replay, [nothing(kind) for kind in spot.kinds], all_)
                if here != away:
                    return True
        return False

    def _told(
        self, replay: Replay, ids: list[str], unknown: tuple[bool, ...]
    ) -> tuple[tuple[int, str, bytes], str]:
        """Status, headers and body as they are compared; and the tables that were written to."""
        spot, left = replay.spot, iter(ids)

        def fill(text: str) -> str:
            return _PLACE.sub(lambda _place: next(left), text)

        path = fill(spot.path)
        body, headers = sent_with(self.world, spot)
        if spot.probe is None:
            body = {name: fill(value) for name, value in body.items()}
        if "image" in body:
            body["image"] = upload(_PICTURE)
        with transaction.atomic():
            answer = self._send(replay.who, spot, path, body, headers)
            content = b"".join(answer) if answer.streaming else answer.content
            before, self._written = self._written, _written()
            transaction.set_rollback(True)
        more = self._written.items() - before.items()
        changed = " ".join(sorted(name for name, _many in more))
        hidden = [id_ for id_, new in zip(ids, unknown, strict=False) if new]
        if "?" in spot.path:  # a search repeats what was searched for
            content = _without(content.decode(), hidden).encode()
        return (answer.status_code, _headers(answer, hidden), _steady(content)), changed

    def _send(
        self, who: Principal, spot: Spot, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> Any:
        key = (who.name, spot.surface)
        if key not in self._clients:
            self._clients[key] = who.client(spot.surface)
        client = self._clients[key]
        client.cookies.clear()
        if who.session:
            client.cookies["sessionid"] = who.session
        send = getattr(client, spot.verb)
        if spot.verb in ("get", "head"):
            return send(path, headers=headers)
        if isinstance(client, APIClient):
            return send(
                path, body, headers=headers, format="multipart" if "image" in body else "json"
            )
        if spot.verb == "post":
            return send(path, body, headers=headers)
        return send(path, headers=headers)


def nothing(kind: str) -> str:
    """An id that no thing of this kind has."""
    if kind == "reference":
        return references.generate(random.Random(7))
    if kind == "passkey":
        return "987654321"
    return str(uuid.UUID("5f0c4b1e-7d3a-4a6e-9c2b-8e1d0f3a6b59"))


def differing(one: bytes, other: bytes) -> int:
    """How many bytes two answers differ in."""
    unlike = sum(a != b for a, b in zip(one, other, strict=False))
    return unlike + abs(len(one) - len(other))


def _headers(answer: HttpResponse, hidden: list[str]) -> str:
    """All headers and cookies but date, request id, and what is drawn anew for every answer."""
    lines = [
        f"{name}: {value}"
        for name, value in sorted(answer.headers.items())
        if name not in ("Date", "X-Request-Id")
    ]
    # To the sign-in, say, and from there to what was asked for: an address within an address.
    lines = [
        _without(unquote(line), hidden) if line.startswith("Location:") else line for line in lines
    ]
    for name, cookie in sorted(answer.cookies.items()):
        value = "" if name in ("csrftoken", "sessionid") else cookie.value
        lines.append(f"{name}={value} {cookie['path']} {cookie['samesite']} {cookie['httponly']}")
    return "\n".join(lines)


def _without(text: str, hidden: list[str]) -> str:
    for id_ in hidden:  # a passkey's is a number, which stands within others
        text = re.sub(rf"(?<!\w){re.escape(id_)}(?!\w)", "(id)", text)
    return text


def _steady(content: bytes) -> bytes:
    return _RANDOM_EACH_TIME.sub(b"", content)


def _written() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, undone ones among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return {name: many for name, many in cursor.fetchall() if not name.startswith(TRACES)}


def _short(told: tuple[int, str, bytes]) -> str:
    return f"{told[0]} {told[2][:80]!r}"
