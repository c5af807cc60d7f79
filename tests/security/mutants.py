"""Breaking the access table in one cell at a time, and looking who notices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from casemgr.platform import access
from casemgr.platform.access import TABLE, Group, Role
from tests.security.grid import drive
from tests.security.grid.people import Principal
from tests.security.grid.probes import Probe
from tests.security.grid.reads import Read
from tests.security.grid.world import World
from tests.security.test_matrix import differences

RELATIONS: Final = set("oapsg")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One cell of the table, and what it says instead."""

    group: Group
    role: str
    cell: str

    def __str__(self) -> str:
        was = TABLE[self.group].get(self.role, "") or "nothing"
        return f"{self.group.value} {self.role}: {was} becomes {self.cell or 'nothing'}"


def _taken_away(cell: str) -> Iterator[str]:
    """The cell without one of its letters."""
    parts = [part.partition(":") for part in cell.split()]
    for place, (actions, colon, scopes) in enumerate(parts):
        for letter in actions:
            left = actions.replace(letter, "")
            kept = [*parts[:place], (left, colon, scopes), *parts[place + 1 :]]
            yield " ".join("".join(part) for part in kept if part[0])


def _widened(cell: str) -> Iterator[str]:
    """The cell with one grant that asks for no relation any more."""
    parts = cell.split()
    for place, part in enumerate(parts):
        actions, _, scopes = part.partition(":")
        if set(scopes) & RELATIONS:
            yield " ".join([*parts[:place], actions, *parts[place + 1 :]])


def _every(wanted: int, found: list[Mutant]) -> list[Mutant]:
    """So many of them, evenly spread."""
    return [found[place * len(found) // wanted] for place in range(wanted)]


def mutants(many: int) -> list[Mutant]:
    """A third each of letters taken away, relations not asked for, and reads given away."""
    lost, wide, given = [], [], []
    for group, cells in TABLE.items():
        for role in Role:
            cell = cells.get(role.value, "")
            lost += [Mutant(group, role.value, changed) for changed in _taken_away(cell)]
            wide += [Mutant(group, role.value, changed) for changed in _widened(cell)]
            if not cell:
                given.append(Mutant(group, role.value, "R"))
    third = many // 3
    return _every(many - 2 * third, lost) + _every(third, wide) + _every(third, given)


@contextmanager
def alive(mutant: Mutant) -> Iterator[None]:
    """The product goes by the broken table within."""
    cells = TABLE[mutant.group]
    before = cells.get(mutant.role)
    cells[mutant.role] = mutant.cell
    access._grants.cache_clear()
    try:
        yield
    finally:
        if before is None:
            del cells[mutant.role]
        else:
            cells[mutant.role] = before
        access._grants.cache_clear()


def _touches(mutant: Mutant, what: Probe | Read) -> bool:
    group = mutant.group.value
    if isinstance(what, Probe):
        return what.group == group
    return group in what.shows or what.picture == group or group in ("f14", "f5", "f2")


def seen_over_http(mutant: Mutant, worlds: list[World]) -> str:
    """The first mismatch that the grid finds; '' where it finds none."""
    for world in worlds:
        for who, what in drive.asked(world):
            if not _is(mutant.role, who) or not _touches(mutant, what):
                continue
            if isinstance(what, Read) and not (what.shows or what.picture):
                continue
            for mismatch in drive.judged(world, who, what):
                return mismatch
    return ""


def _is(role: str, who: Principal) -> bool:
    return role in who.columns


def caught(mutant: Mutant, worlds: list[World]) -> tuple[bool, str]:
    """Whether the comparison with the matrix sees it, and what the grid sees of it over HTTP."""
    with alive(mutant):
        return (mutant.group.value, mutant.role) in differences(), seen_over_http(mutant, worlds)
