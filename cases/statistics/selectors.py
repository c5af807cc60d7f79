"""Reading figures: counts by facets, and the time until recovery, at the reader's level."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import Invalid
from cases.statistics.facets import FACETS, UNKNOWN, WAITS, Level, counted, ended_on
from cases.statistics.suppression import (
    MOST_FACETS,
    Cell,
    Published,
    margin,
    publish,
)
from cases.statistics.survival import Step, kaplan_meier

DAYS_A_YEAR = 365.2425


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a code for each facet of `by`, and the count, None where withheld."""

    codes: tuple[str, ...]
    words: tuple[str, ...]
    count: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by `by` among the cases that `where` leaves, as of a moment; `total` of the same."""

    level: Level
    by: tuple[str, ...]
    where: Mapping[str, str]
    rows: tuple[Row, ...]
    total: int | None
    as_of: datetime

    @property
    def withheld(self) -> int:
        """How many rows are not shown."""
        return sum(1 for row in self.rows if row.count is None)


def figures(level: Level, by: Sequence[str], where: Mapping[str, str]) -> Figures:
    """Count cases by facets, among those with given codes of others; up to three facets in all.

    Raises Invalid for facets that there are not, or too many.
    """
    names = _checked(by, where)
    table = _counts(level, names)
    show = _reader(level, table, len(names))
    among = margin(table, range(len(names)))
    values = [
        sorted({cell[names.index(name)] for cell in among}, key=FACETS[name].rank) for name in by
    ]
    rows = []
    for codes in product(*values):
        code_of = {**where, **dict(zip(by, codes, strict=True))}
        cell = tuple(code_of[name] for name in names)
        words = tuple(FACETS[name].words(code) for name, code in zip(by, codes, strict=True))
        rows.append(Row(codes, words, show(tuple(range(len(names))), cell)))
    fixed = tuple(index for index, name in enumerate(names) if name in where)
    total = show(fixed, tuple(where[names[index]] for index in fixed))
    return Figures(level, tuple(by), dict(where), tuple(rows), total, timezone.now())


def survival(level: Level, where: Mapping[str, str]) -> list[Step]:
    """The share of children estimated to be missing still, by years since they went missing.

    Internally by the day. For others by the bands of the facet `waited`, from what may be shown of
    that table alone; nothing where that is not enough. Whoever was not found counts as censored.
    """
    _checked((), where)
    if level is Level.INTERNAL:
        return kaplan_meier(_waits(where))
    if len(where) > MOST_FACETS - 2:
        raise Invalid({"": ("too_many_facets", _("Choose fewer at once."))})
    return kaplan_meier(_shown_waits(figures(level, ("waited", "state"), where)))


def _shown_waits(shown: Figures) -> list[tuple[float, bool]]:
    """Years and whether found, up to the first band of which something is withheld.

    Whoever waited for longer counts as missing until then, which the total tells; nothing where it
    does not.
    """
    counts = {row.codes: row.count for row in shown.rows}
    states = {state for _band, state in counts}
    undated = [counts.get((UNKNOWN, state), 0) for state in states]
    if shown.total is None or None in undated:
        return []
    left = shown.total - sum(count or 0 for count in undated)
    pairs: list[tuple[float, bool]] = []
    for band in WAITS:
        line = {state: counts.get((band, state), 0) for state in states}
        if None in line.values():
            break
        start = float(band.split("-")[0].rstrip("+"))
        for state, count in line.items():
            pairs += [(start, state == "found")] * (count or 0)
            left -= count or 0
    return pairs + [(float("inf"), False)] * left


def _checked(by: Sequence[str], where: Mapping[str, str]) -> tuple[str, ...]:
    """The facets in the order in which tables are always made, so that all reads agree."""
    wanted = [*by, *where]
    for name in wanted:
        if name not in FACETS:
            raise Invalid({name: ("unknown_facet", _("There is no such facet."))})
    if len(set(wanted)) != len(wanted):
        raise Invalid({"by": ("duplicate", _("Name each facet once."))})
    if len(wanted) > MOST_FACETS:
        raise Invalid({"": ("too_many_facets", _("Choose three facets at most."))})
    return tuple(name for name in FACETS if name in wanted)


def _counts(level: Level, names: Sequence[str]) -> Counter[Cell]:
    cases = counted(level)
    for name in names:
        cases = FACETS[name].annotated(cases, level)
    keys = [f"facet_{name}" for name in names]
    if not keys:
        return Counter({(): cases.count()})
    rows = cases.order_by().values_list(*keys).annotate(cases=Count("pk", distinct=True))
    return Counter({tuple(row[:-1]): row[-1] for row in rows})


class _Whole:
    """Everything, for those who may read everything."""

    def __init__(self, table: Counter[Cell]) -> None:
        self.table = table

    def __call__(self, positions: tuple[int, ...], cell: Cell) -> int | None:
        return margin(self.table, positions)[cell]


class _LetOut:
    """What may leave the house."""

    def __init__(self, table: Counter[Cell], facets: int) -> None:
        self.parts: dict[tuple[int, ...], Published] = publish(table, facets)

    def __call__(self, positions: tuple[int, ...], cell: Cell) -> int | None:
        return self.parts[positions].count(cell)


def _reader(level: Level, table: Counter[Cell], facets: int) -> "_Whole | _LetOut":
    return _Whole(table) if level is Level.INTERNAL else _LetOut(table, facets)


def _waits(where: Mapping[str, str]) -> list[tuple[float, bool]]:
    """Years that each child was missing, and whether they were found, by the day."""
    cases = counted(Level.INTERNAL)
    for name in {"state", *where}:
        cases = FACETS[name].annotated(cases, Level.INTERNAL)
    cases = cases.filter(
        missing_at_earliest__isnull=False, **{f"facet_{name}": code for name, code in where.items()}
    ).annotate(until=ended_on(Level.INTERNAL))
    return [
        (max((until - since).days, 0) / DAYS_A_YEAR, state == "found")
        for since, until, state in cases.values_list("missing_at_earliest", "until", "facet_state")
    ]
