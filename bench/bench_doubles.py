"""How well doubles are found among invented cases: `python -m bench.bench_doubles`.

Of some children on file a second account is written from the same facts by another hand, and of
others a brother or sister is filed who was lost with them. Each new account is held against every
case on file. Counted are those that are proposed, and how many others are proposed beside them.
"""

import argparse
import statistics
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Final
from uuid import UUID

from bench.population import NOW, Population, Split, children, families
from searches.matching.doubles import Judged, Likely, hold_together
from searches.matching.types import CaseProfile, Context

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


def main() -> None:
    """Print how many doubles and siblings are proposed, as what, and how many others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--planted", type=int, default=100)
    parser.add_argument("--seed", type=int, default=21)
    asked = parser.parse_args()
    population = Population(asked.seed, Split.REPORTING, asked.cases)
    on_file = list(population.cases())
    context = Context(live_cases=len(on_file), now=NOW)
    for sort in ("double", "sibling", "stranger"):
        found = Found()
        for number in range(asked.planted):
            account = _account(population, sort, number)
            truth = population.case_id(number) if sort != "stranger" else None
            _hold(account, truth, population, on_file, context, found)
        _tell(sort, asked.planted, found)


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
    print(f"  others proposed: {sum(found.others.values())} {dict(found.others)}")


def _spread(bits: list[float]) -> str:
    tenths = statistics.quantiles(bits, n=10)
    return f"10% {tenths[0]:.1f}, 50% {tenths[4]:.1f}, 90% {tenths[8]:.1f}"


if __name__ == "__main__":
    main()
