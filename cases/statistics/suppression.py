"""Which counts may leave the house, so that no difference of them gives a count of 1 to 4 away.

A table counts over up to three facets. Values of a facet that are small on their own are merged in
every table alike, with as many others as it takes to make the group's count safe and its members
two. A table of two or three facets is then cut along one of them: slices in which every count is 0
or at least `LEAST` are let out, the others are merged into one group of at least two slices, whose
counts have to be safe too; where that can't be, the whole table is withheld. A table of three is
cut only along a facet that its tables of two are cut along (or are whole), and merges at least what
they merge.

Why no sum or difference of published counts equals a small one: to single a small cell out takes
its slice apart from the slices that it is merged with. Every table that tells its facets' values
apart in combination is constant over at least that group, so no sum of them does.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

LEAST = 5
MOST_FACETS = 3
ALL = "*"
Cell = tuple[str, ...]
Table = Mapping[Cell, int]


def is_small(count: int) -> bool:
    """Whether this count would tell too much; that there is nobody tells of nobody."""
    return 0 < count < LEAST


@dataclass(frozen=True, slots=True)
class Published:
    """What of one table may be shown. `merged` are the values that are not told apart, by position;
    `whole` is False where nothing of the table is let out.
    """

    table: Table
    merged: tuple[frozenset[str], ...]
    whole: bool

    def count(self, cell: Cell) -> int | None:
        """The count of a cell; None where it is withheld."""
        if not self.whole or any(
            value in group for value, group in zip(cell, self.merged, strict=True)
        ):
            return None
        return self.table.get(cell, 0)


def publish(table: Table, facets: int) -> dict[tuple[int, ...], Published]:
    """What may be shown of a full cross table over `facets` facets and of all its margins.

    The keys are positions of facets: `()` is the total, `(0, 2)` the table of the first and third.
    """
    coarse = [_merged_values(margin(table, (position,))) for position in range(facets)]
    base = _relabelled(table, coarse)
    found: dict[tuple[int, ...], Published] = {}
    cuts: dict[tuple[int, ...], tuple[int | None, frozenset[str]] | None] = {}
    for size in range(facets + 1):
        for positions in combinations(range(facets), size):
            part = margin(base, positions)
            if size < 2:
                safe = not any(is_small(count) for count in part.values())
                cuts[positions] = (None, frozenset()) if safe else None
            else:
                cuts[positions] = _best_cut(part, positions, cuts)
            found[positions] = _published(table, positions, coarse, cuts[positions])
    return found


def margin(table: Table, positions: Sequence[int]) -> Counter[Cell]:
    """The table summed over all facets but those at `positions`."""
    found: Counter[Cell] = Counter()
    for cell, count in table.items():
        found[tuple(cell[position] for position in positions)] += count
    return found


def _merged_values(counts: Table) -> frozenset[str]:
    """The values of one facet that are never told apart."""
    sizes = {cell[0]: count for cell, count in counts.items() if count}
    return _grown({value for value, count in sizes.items() if is_small(count)}, sizes, counts)


def _grown(
    group: Collection[str], sizes: Mapping[str, int], table: Table, position: int = 0
) -> frozenset[str]:
    """The group with the smallest others added, until its counts are safe: at least one other, as
    each that it begins with has a small count. With every value in it, nothing is told apart.
    """
    found = set(group)
    if not found:
        return frozenset()
    waiting = sorted((value for value in sizes if value not in found), key=lambda v: (sizes[v], v))
    while waiting and not _is_safe_together(found, table, position):
        found.add(waiting.pop(0))
    if not _is_safe_together(found, table, position):
        return frozenset(sizes) | found
    return frozenset(found)


def _is_safe_together(group: Collection[str], table: Table, position: int) -> bool:
    together: Counter[Cell] = Counter()
    for cell, count in table.items():
        if cell[position] in group:
            together[cell[:position] + cell[position + 1 :]] += count
    return not any(is_small(count) for count in together.values())


def _relabelled(table: Table, merged: Sequence[frozenset[str]]) -> Counter[Cell]:
    """The table with each merged group as one value, named after all that it holds."""
    names = ["\0".join(sorted(group)) for group in merged]
    found: Counter[Cell] = Counter()
    for cell, count in table.items():
        found[
            tuple(
                name if value in group else value
                for value, group, name in zip(cell, merged, names, strict=True)
            )
        ] += count
    return found


Cut = tuple[int | None, frozenset[str]] | None


def _best_cut(table: Table, positions: tuple[int, ...], cuts: Mapping[tuple[int, ...], Cut]) -> Cut:
    """Along which facet (a position of the full table) a table is cut, and what is merged there.

    (None, {}) where nothing has to be; None where nothing may be let out.
    """
    lower = [cuts[part] for part in combinations(positions, len(positions) - 1)]
    if any(cut is None for cut in lower):
        return None
    if not any(is_small(count) for count in table.values()):
        return None if any(cut and cut[0] is not None for cut in lower) else (None, frozenset())
    options = []
    for index, position in enumerate(positions):
        along = [
            cuts[part]
            for part in combinations(positions, len(positions) - 1)
            if position in part and len(part) > 1
        ]
        if any(cut is None or cut[0] not in {None, position} for cut in along):
            continue
        must = frozenset[str]().union(*(cut[1] for cut in along if cut is not None))
        bad = {cell[index] for cell, count in table.items() if is_small(count)} | must
        sizes = {cell[0]: count for cell, count in margin(table, (index,)).items() if count}
        group = _grown(bad, sizes, table, index)
        if group >= sizes.keys():
            continue
        shown = sum(1 for cell in table if cell[index] not in group)
        options.append((-shown, index, position, group))
    if not options:
        return None
    _shown, _index, position, group = min(options, key=lambda option: option[:2])
    return position, group


def _published(
    table: Table, positions: tuple[int, ...], coarse: Sequence[frozenset[str]], cut: Cut
) -> Published:
    merged = [coarse[position] for position in positions]
    if cut is not None and cut[0] is not None:
        values = frozenset(value for name in cut[1] for value in name.split("\0"))
        index = positions.index(cut[0])
        merged[index] = merged[index] | values
    return Published(margin(table, positions), tuple(merged), cut is not None)
