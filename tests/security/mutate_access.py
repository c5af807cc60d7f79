"""Sixty broken access tables, one cell each: every one is noticed. `make mutate-access` runs it."""

import pytest
from django.db import transaction

from casemgr.platform.access import Group
from tests.security.grid.world import build
from tests.security.mutants import caught, mutants

MANY = 60


@pytest.mark.django_db
def test_every_broken_cell_is_noticed() -> None:
    survivors, over_http = [], 0
    print()
    # f14 speaks only of cases that have ended.
    for state in ("open", "closed"):
        with transaction.atomic():
            worlds = [build(state)]
            for mutant in mutants(MANY):
                if (mutant.group is Group.OUTCOME_STATUS) != (state == "closed"):
                    continue
                compared, seen = caught(mutant, worlds)
                over_http += bool(seen)
                how = seen or ("the comparison with the matrix alone" if compared else "NOBODY")
                survivors += [] if compared or seen else [str(mutant)]
                print(f"{mutant}\n    noticed by {how}", flush=True)
            transaction.set_rollback(True)
    print(f"{MANY} mutants, {over_http} noticed over HTTP, {len(survivors)} survived")
    assert survivors == []
