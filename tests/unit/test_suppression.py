"""What may leave the house: nothing small, and no sum or difference that is."""

import random
from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest

from cases.statistics import suppression
from cases.statistics.suppression import Cell, Published, is_small, margin, publish

KUNMING: Counter[Cell] = Counter(
    {
        ("migrant", "fringe"): 317,
        ("migrant", "street"): 33,
        ("local", "fringe"): 2,
    }
)


def test_the_two_of_kunming_and_their_complement_are_withheld_and_the_rest_is_said() -> None:
    found = publish(KUNMING, 2)
    assert found[()].count(()) == 352
    assert found[(0,)].count(("local",)) is None
    assert found[(0,)].count(("migrant",)) is None
    assert found[(1,)].count(("fringe",)) == 319
    assert found[(1,)].count(("street",)) == 33
    assert found[(0, 1)].count(("migrant", "street")) is None


def test_small_values_are_merged_with_the_smallest_others_until_the_group_is_safe() -> None:
    table: Counter[Cell] = Counter({("a",): 3, ("b",): 1, ("c",): 6, ("d",): 90, ("e",): 0})
    found = publish(table, 1)[(0,)]
    assert {value: found.count((value,)) for value in "abcde"} == {
        "a": None,
        "b": None,
        "c": None,
        "d": 90,
        "e": 0,
    }


def test_a_table_is_cut_where_most_of_it_can_be_said() -> None:
    table: Counter[Cell] = Counter(
        {("x", "1"): 9, ("x", "2"): 9, ("y", "1"): 8, ("y", "2"): 2, ("z", "1"): 7, ("z", "2"): 7}
    )
    found = publish(table, 2)[(0, 1)]
    assert found.count(("x", "1")) == 9
    assert [found.count((a, b)) for a in "yz" for b in "12"] == [None] * 4


def test_fewer_than_five_in_all_are_nobody() -> None:
    found = publish(Counter({("a", "b"): 4}), 2)
    assert all(
        part.count(("a", "b")[: len(positions)]) is None for positions, part in found.items()
    )


# --- the attack ---------------------------------------------------------------------------------

Facets = tuple[int, ...]


def everything_published(records: list[Cell]) -> dict[Facets, tuple[Counter[Cell], Published]]:
    """Every table over up to three facets: as it is, and as it is let out."""
    width = len(records[0])
    full = Counter(records)
    tables: dict[Facets, tuple[Counter[Cell], Published]] = {}
    for facets in combinations(range(width), 3):
        part = margin(full, facets)
        for positions, published in publish(part, 3).items():
            names = tuple(facets[position] for position in positions)
            tables.setdefault(names, (margin(full, names), published))
    return tables


def published_cells(
    tables: dict[Facets, tuple[Counter[Cell], Published]], values: list[list[str]]
) -> dict[tuple[Facets, Cell], int]:
    return {
        (facets, cell): count
        for facets, (_true, published) in tables.items()
        for cell in product(*(values[facet] for facet in facets))
        if (count := published.count(cell)) is not None
    }


def recovered(records: list[Cell]) -> tuple[int, int]:
    """How many small cells any sum or difference of what is let out gives away, of how many.

    The attacker also knows which combinations are empty where a published 0 says so.
    """
    width = len(records[0])
    values = [sorted({record[facet] for record in records}) for facet in range(width)]
    tables = everything_published(records)
    known = published_cells(tables, values)
    atoms = [
        atom
        for atom in product(*values)
        if not any(
            count == 0 and tuple(atom[facet] for facet in facets) == cell
            for (facets, cell), count in known.items()
        )
    ]
    matrix = np.array(
        [
            [tuple(atom[facet] for facet in facets) == cell for atom in atoms]
            for (facets, cell), count in known.items()
            if count
        ],
        dtype=float,
    ).reshape(-1, len(atoms))
    small = [
        (facets, cell)
        for facets, (true, _published) in tables.items()
        for cell, count in true.items()
        if is_small(count)
    ]
    wanted = np.array(
        [
            [tuple(atom[facet] for facet in facets) == cell for atom in atoms]
            for facets, cell in small
        ],
        dtype=float,
    ).reshape(-1, len(atoms))
    if not small or not len(matrix):
        return 0, len(small)
    solution, *_rest = np.linalg.lstsq(matrix.T, wanted.T, rcond=None)
    off = np.abs(matrix.T @ solution - wanted.T).max(axis=0)
    return int((off < 1e-6).sum()), len(small)


def invented(seed: int, count: int) -> list[Cell]:
    """Records over four facets, some values rare, two facets that go together."""
    chance = random.Random(seed)
    records: list[Cell] = []
    for _number in range(count):
        first = chance.choices("abcd", weights=[60, 30, 8, 2])[0]
        second = first.upper() if chance.random() < 0.7 else chance.choice("ABCD")
        third = chance.choices("123", weights=[80, 15, 5])[0]
        fourth = chance.choices("xyz", weights=[50, 45, 5])[0]
        records.append((first, second, third, fourth))
    return records


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [40, 150, 600, 3000])
def test_no_sum_or_difference_over_up_to_three_facets_gives_a_small_count_away(
    seed: int, count: int
) -> None:
    given_away, small = recovered(invented(seed, count))
    assert small > 0
    assert given_away == 0


def test_the_attack_succeeds_where_only_the_small_counts_themselves_are_withheld(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bare(table: Counter[Cell], facets: int) -> dict[Facets, Published]:
        found: dict[Facets, Published] = {}
        for size in range(facets + 1):
            for positions in combinations(range(facets), size):
                part = margin(table, positions)
                kept = Counter({cell: n for cell, n in part.items() if not is_small(n)})
                found[positions] = Bare(kept, (frozenset(),) * size, True, part)
        return found

    monkeypatch.setattr(suppression, "publish", bare)
    monkeypatch.setitem(globals(), "publish", bare)
    assert recovered(invented(1, 600))[0] > 0


class Bare(Published):
    """Withholds small counts and nothing else."""

    def __init__(
        self, table: Counter[Cell], merged: tuple[frozenset[str], ...], whole: bool, true: object
    ) -> None:
        super().__init__(table, merged, whole)
        object.__setattr__(self, "true", true)

    def count(self, cell: Cell) -> int | None:
        true: int = self.true[cell]  # type: ignore[attr-defined]
        return None if is_small(true) else true


def test_much_is_still_said_of_many() -> None:
    records = invented(3, 3000)
    values = [sorted({record[facet] for record in records}) for facet in range(4)]
    tables = everything_published(records)
    cells = sum(len(list(product(*(values[facet] for facet in facets)))) for facets in tables)
    assert len(published_cells(tables, values)) / cells > 0.3
