"""How well duplicates are found among invented cases (docs/duplicates.md).

Of some children on file a second account is written from the same facts by another hand, and of
others a brother or sister is filed who was lost with them. Each new account is held against every
case on file. Counted are those that are proposed, and how many others are proposed beside them.
Exits with 1 when under LEAST of the duplicates are proposed as such, or over MOST others for each
new account.
"""

import argparse
import statistics
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.population import NOW, Population, Split, children, families  # noqa: E402
from searches.matching.duplicates import Judged, Likely, hold_together  # noqa: E402
from searches.matching.types import CaseProfile, Context  # noqa: E402

LEAST, MOST = 0.9, 0.25
SEED: Final = 21
OFFERED: Final = ("strong", "possible")
NEW: Final = 1 << 120
"""Ids of new accounts begin here."""


@dataclass(slots=True)
class Found:
    """What became of new accounts of one sort."""

    proposed_as: Counter[str] = field(default_factory=Counter)
    sums: list[float] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    nearest_other: list[float] = field(default_factory=list)


def main() -> int:
    """Print how many duplicates and siblings are proposed, as what, and how many others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="500 cases, 25 planted of each sort")
    cases, planted = (500, 25) if parser.parse_args().small else (2_000, 100)
    population = Population(SEED, Split.REPORTING, cases)
    on_file = list(population.cases())
    context = Context(live_cases=len(on_file), now=NOW)
    good = True
    for sort in ("duplicate", "sibling", "stranger"):
        found = Found()
        for number in range(planted):
            account = _account(population, sort, number)
            truth = population.case_id(number) if sort != "stranger" else None
            _hold(account, truth, population, on_file, context, found)
        _tell(sort, planted, found)
        good = good and found.others.total() <= MOST * planted
        if sort == "duplicate":
            good = good and found.proposed_as[Likely.DUPLICATE] >= LEAST * planted
    print(f"limits: {LEAST:.0%} of duplicates; {MOST} others for each new account")
    return 0 if good else 1


def _account(population: Population, sort: str, number: int) -> CaseProfile:
    rng = Random(f"{population.seed} {sort} {number}")
    child = population.child(number)
    if sort == "sibling":
        child = children.sibling_of(rng, child, population.split)
    elif sort == "stranger":
        child = children.invent(rng, population.split)
    return families.file_case(rng, child, UUID(int=NEW + number), population.split)


def _hold(
    account: CaseProfile,
    truth: UUID | None,
    population: Population,
    on_file: list[CaseProfile],
    context: Context,
    found: Found,
) -> None:
    nearest = -99.0
    for case in on_file:
        judged = hold_together(account, case, context)
        if case.id == truth:
            found.proposed_as[judged.kind if judged.band in OFFERED else "not"] += 1
            found.sums.append(_sum(judged))
            continue
        nearest = max(nearest, _sum(judged))
        if judged.band in OFFERED and not _is_twin(population, truth, case.id):
            found.others[judged.kind] += 1
    found.nearest_other.append(nearest)


def _is_twin(population: Population, truth: UUID | None, other: UUID) -> bool:
    """Whether two cases on file are of twins, so that an account of one may well meet both."""
    if truth is None:
        return False
    one, two = (each.int - population.case_id(0).int for each in (truth, other))
    return one ^ 1 == two and population.child(one).birth == population.child(two).birth


def _sum(judged: Judged) -> float:
    return judged.weight_bits + judged.prior_bits


def _tell(sort: str, planted: int, found: Found) -> None:
    print(f"{sort}: {planted} held against every case")
    if found.sums:
        kinds = ", ".join(f"{found.proposed_as[kind]} as {kind}" for kind in (*Likely, "not"))
        print(f"  the case it belongs to was proposed: {kinds}")
        print(f"  sums in bits, ninths and middle: {_spread(found.sums)}")
    print(f"  heaviest other case, bits: {_spread(found.nearest_other)}")
    kinds = ", ".join(f"{many} as {kind}" for kind, many in found.others.items())
    print(f"  others proposed: {found.others.total()} ({kinds or 'none'})")


def _spread(bits: list[float]) -> str:
    tenths = statistics.quantiles(bits, n=10)
    return f"10% {tenths[0]:.1f}, 50% {tenths[4]:.1f}, 90% {tenths[8]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
