"""The permission grid, a part of it; `make grid` drives all of it.

What no route reaches is listed by name in `grid/unreached.txt`, so that a new route has to move it.
"""

from pathlib import Path

import pytest

from casemgr.platform.access import Group
from tests.security.grid import drive, matrix
from tests.security.grid.probes import WRITES
from tests.security.grid.reads import SHOWS, reads, routes

LISTED = Path(__file__).parent / "grid" / "unreached.txt"
ONE_IN = 12


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_sample_of_the_grid_is_as_the_matrix_says(state: str) -> None:
    driven = drive.drive(state, one_in=ONE_IN)

    assert driven.cells > 200
    assert driven.mismatches == []


def unreached() -> list[str]:
    """Cells that no request of the grid belongs to, and addresses that no probe writes to."""
    written = {(probe.group, probe.action) for probe in WRITES}
    read = {(group, "R") for shown in SHOWS.values() for group in shown}
    read |= {(route.picture, "R") for route in reads() if route.picture} | {("f14", "R")}
    cells = [
        f"{group.value} {action}"
        for group in Group
        for action in matrix.ACTIONS
        if (group.value, action) not in written | read
    ]
    return cells + [f"{method.upper()} {where}" for method, where in sorted(_unwritten())]


def _unwritten() -> set[tuple[str, str]]:
    driven = {(probe.method, _shape(probe.path)) for probe in WRITES}
    open_ = set()
    for where, view in routes():
        actions = getattr(view, "actions", None)
        if actions is None:
            open_ |= {("post", where)} if not where.startswith("/api/") else set()
        else:
            open_ |= {(method, where) for method in actions if method not in ("get", "head")}
    return {(method, where) for method, where in open_ if (method, _shape(where)) not in driven}


def _shape(address: str) -> str:
    """An address with its places left blank."""
    parts = address.split("/")
    return "/".join("*" if part[:1] in ("{", "<") else part for part in parts)


def test_what_no_route_reaches_is_listed_by_name() -> None:
    listed = [line for line in LISTED.read_text("utf-8").splitlines() if not line.startswith("#")]

    assert listed == unreached()
