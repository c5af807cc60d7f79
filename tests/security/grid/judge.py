"""Driving one request as one principal, and holding answer and rows against the matrix.

Every request is undone afterwards, so that each begins in the same world.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse

from tests.security.grid import matrix
from tests.security.grid.people import UNKNOWN_RECEIPT, Principal
from tests.security.grid.probes import Probe
from tests.security.grid.reads import Read
from tests.security.grid.rows import rows
from tests.security.grid.world import World

ONE_CASE: Final = "/api/v1/cases/<uuid:pk>/"
UNTOLD: Final = ("located", "closed")
AWAY: Final = ("/sign-in/", "/account/factor/")


def _changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def refused(answer: HttpResponse) -> bool:
    """Whether an answer turns somebody away."""
    if answer.status_code == 302:
        return answer.headers["Location"].startswith(AWAY)
    return answer.status_code in (401, 403, 404)


def may(who: Principal, probe: Probe) -> bool:
    """Whether the matrix, or a rule beside its letters, grants a probe."""
    if who.header and probe.surface == "html":
        who = Principal(who.name if probe.needs_code else "nobody", ("AN",))
    if probe.instead is not None:
        return probe.instead(who)
    granted = matrix.granted(who.columns, probe.action, probe.group, who.relations(probe.on))
    return granted and (probe.also is None or probe.also(who))


def write(world: World, who: Principal, probe: Probe) -> Iterator[str]:
    """Try to change something; yields what is not as the matrix says."""
    with transaction.atomic():
        if probe.prepare is not None:
            probe.prepare(world)
        before = rows() if probe.prepare is not None else world.untouched()
        answer = _send(world, who, probe)
        changed = _changed(before, rows())
        transaction.set_rollback(True)
    at = f"{world.state}: {who.name} · {probe.name} ({probe.cell})"
    works = may(who, probe) and world.state in probe.states
    if works and not (answer.status_code in (200, 201, 204, 302) and not refused(answer)):
        yield f"{at}: granted, but answered {answer.status_code} {_words(answer)}"
    if works and not changed.issuperset(probe.writes):
        yield f"{at}: granted, but {sorted(set(probe.writes) - changed)} did not change"
    if not works and changed:
        yield f"{at}: refused with {answer.status_code}, but {sorted(changed)} changed"
    told = probe.told if may(who, probe) or probe.loose else ()
    if not works and not refused(answer) and answer.status_code not in told:
        yield f"{at}: not granted, but answered {answer.status_code}"
    yield from _leaks(world, who, answer, at)


def _send(world: World, who: Principal, probe: Probe) -> HttpResponse:
    body: Any = dict(probe.body(world))
    headers = dict(probe.headers(world)) if probe.headers else {}
    if probe.needs_code:
        code = world.receipt if who.name == "receipt" else UNKNOWN_RECEIPT.removeprefix("Receipt ")
        body["code"] = code
    path = probe.path.format_map(world.ids)
    client = who.client(probe.surface)
    more = {} if probe.surface == "html" else {"format": "json"}
    if "image" in body or "file" in body:
        more = {"format": "multipart"}
    answer: HttpResponse = getattr(client, probe.method)(path, body, headers=headers, **more)
    return answer


def _words(answer: HttpResponse) -> str:
    return answer.content[:160].decode("utf-8", "replace")


def read(world: World, who: Principal, route: Read) -> Iterator[str]:
    """Read one address; yields words that may not, or should, stand in the answer."""
    with transaction.atomic():
        answer: Any = who.client(route.surface).get(route.path(world))
        transaction.set_rollback(True)
    at = f"{world.state}: {who.name} · GET {route.where}"
    text = _text(answer)
    asker = who
    if who.header and route.surface == "html":
        asker = Principal("nobody", ("AN",))
    for group, on in route.shows.items():
        granted = matrix.granted(asker.columns, "R", group, asker.relations(on))
        here = granted and _is_there(world, group) and route.opens(asker)
        known = world.rows_known_by if "/photos/" in route.where else world.words
        if here and known[group][0] not in text:
            yield f"{at}: {group} is granted, but not in the answer ({answer.status_code})"
    yield from _leaks(world, who, answer, at)
    if route.picture:
        yield from _picture(world, asker, route, answer.status_code, at)
    if route.where == ONE_CASE and answer.status_code == 200 and world.state in UNTOLD:
        yield from _outcome_status(world, who, answer.json().get("status"), at)


def _picture(world: World, who: Principal, route: Read, status: int, at: str) -> Iterator[str]:
    """The bytes of a photo; the size that reviewers work with is theirs alone."""
    on = OF_WHAT.get(route.picture, "case")
    granted = matrix.granted(who.columns, "R", route.picture, who.relations(on))
    granted = granted and _is_there(world, route.picture)
    if route.where.endswith("/reviewer/"):
        granted = granted and "RV" in who.columns
    if status != (200 if granted else 404):
        yield f"{at}: {route.picture} {'is' if granted else 'is not'} granted, but {status}"


def _outcome_status(world: World, who: Principal, status: str, at: str) -> Iterator[str]:
    """f14: that a child was found, once the family has been told (in a closed case, here)."""
    relations = who.relations("case")
    seen = matrix.granted(who.columns, "R", "f14", relations) and world.state == "closed"
    expected = world.state if seen or "s" in relations else "open"
    if status != expected:
        yield f"{at}: f14 reads {status}, not {expected}"


def _is_there(world: World, group: str) -> bool:
    if group == "f1":
        return world.public
    return world.state != "erased" or group in ("f9", "f18", "f21")


def _leaks(world: World, who: Principal, answer: HttpResponse, at: str) -> Iterator[str]:
    """Words of groups that the asker may not read."""
    text = _text(answer)
    # The audit names ids, to officers, and no content.
    ids = {} if at.endswith("GET /audit/") else world.rows_known_by
    for group in {*world.words, *ids}:
        words = world.words.get(group, []) + ids.get(group, [])
        if any(word in text for word in words) and not _may_read(world, who, group):
            yield f"{at}: shows {group}"


def _may_read(world: World, who: Principal, group: str) -> bool:
    on = OF_WHAT.get(group, "case")
    if matrix.granted(who.columns, "R", group, who.relations(on)):
        return group != "f1" or world.public or _may_read(world, who, "f2")
    return False


OF_WHAT: Final = {
    "f9": "sighting",
    "f10": "sighting",
    "f11": "match",
    "f12": "match",
    "f18": "staff",
    "f21": "partner",
}


def _text(answer: HttpResponse) -> str:
    if answer.headers.get("Content-Type", "").startswith("image/"):
        return ""
    return b"".join(_parts(answer)).decode("utf-8", "replace")


def _parts(answer: Any) -> Iterable[bytes]:
    return answer.streaming_content if answer.streaming else [answer.content]
