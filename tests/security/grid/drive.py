"""Driving the grid, whole or in part."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.security.grid import judge
from tests.security.grid.people import Principal
from tests.security.grid.probes import WRITES, Probe
from tests.security.grid.reads import Read, reads
from tests.security.grid.world import World, build

FIRST = "open"
"""The state in which all is driven that has nothing to do with a case's state."""


@dataclass(slots=True)
class Driven:
    """How many cells were driven, and what was not as the matrix says."""

    cells: int = 0
    mismatches: list[str] = field(default_factory=list)


def asked(world: World) -> Iterator[tuple[Principal, Probe | Read]]:
    """Everybody with every request that may depend on the world's state."""
    everywhere = world.state == FIRST
    for who in world.people:
        for probe in WRITES:
            if everywhere or probe.on in ("case", "card", "sighting", "match", "operations"):
                yield who, probe
        for route in reads():
            if everywhere or route.of_a_case:
                yield who, route


def judged(world: World, who: Principal, what: Probe | Read) -> list[str]:
    """One request, against the matrix."""
    if isinstance(what, Probe):
        return list(judge.write(world, who, what))
    return list(judge.read(world, who, what))


def drive(state: str, *, one_in: int = 1) -> Driven:
    """All requests in the world of `state`, or a share of them that never changes."""
    world, driven = build(state), Driven()
    for who, what in asked(world):
        name = what.name if isinstance(what, Probe) else what.where
        if zlib.crc32(f"{who.name}|{name}".encode()) % one_in:
            continue
        driven.cells += 1
        found = judged(world, who, what)
        driven.mismatches += found
        for line in found:
            print(line, flush=True)  # at once: the whole takes long
    return driven
