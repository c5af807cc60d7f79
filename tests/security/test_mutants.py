"""A handful of broken access tables is noticed over HTTP; `make mutate-access` breaks sixty."""

import pytest

from casemgr.platform.access import Group
from tests.security.grid.world import build
from tests.security.mutants import Mutant, caught

BROKEN = (
    Mutant(Group.MATCHES, "RV", "R"),
    Mutant(Group.MATCHES, "DP", "R"),
    Mutant(Group.FAMILY_CONTACT, "FV", "CU:o"),
    Mutant(Group.MATCHES, "RV", ""),
    Mutant(Group.REPORTER, "RV", "RU:s"),
)


@pytest.mark.django_db
def test_a_handful_of_broken_cells_is_noticed_twice() -> None:
    worlds = [build("open")]

    found = {str(mutant): caught(mutant, worlds) for mutant in BROKEN}

    unnoticed = [name for name, (compared, seen) in found.items() if not (compared and seen)]
    assert unnoticed == []
