"""The whole permission grid: everybody, every request, every state. `make grid` runs it."""

import pytest

from tests.security.grid import drive
from tests.security.grid.world import STATES


@pytest.mark.django_db
@pytest.mark.parametrize("state", STATES)
def test_every_cell_is_as_the_matrix_says(state: str) -> None:
    driven = drive.drive(state)

    print(f"\n{state}: {driven.cells} cells driven, {len(driven.mismatches)} mismatches")
    assert driven.mismatches == []
