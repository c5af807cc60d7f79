"""Statistics on 100,000 invented cases, beside bare SQL for the same figures (docs/statistics.md).

Every table over one facet, some over two and three, at both levels that differ, and the time until
recovery. Exits with 1 when the 95th percentile of ours is over LIMIT times that of the bare SQL
(with --small, SMALL_LIMIT).
"""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import empty_house  # noqa: E402

LIMIT = 3.0
# Of 5,000 cases most time goes to the cells of a table, which are as many as of 100,000.
SMALL_LIMIT = 25.0
ROUNDS = 2
# Every so-manieth pair and triple of facets, in the order of combinations.
PAIR_STEP, TRIPLE_STEP = 15, 120


def took(work: Callable[[], Any]) -> float:
    """Seconds of one run."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(count: int, limit: float) -> bool:
    """Print the figures of a register of `count` cases; whether they are within the limit."""
    import numpy as np
    from django.db import connection

    from cases.statistics.facets import FACETS, Level
    from cases.statistics.selectors import figures, survival
    from tests.cases.test_statistics import invent, plain_count
    from tests.cast import Cast

    print(f"inventing {count:,} cases")
    invent(Cast(), count)
    tables = [
        *combinations(FACETS, 1),
        *list(combinations(FACETS, 2))[::PAIR_STEP],
        *list(combinations(FACETS, 3))[::TRIPLE_STEP],
    ]
    bare: list[float] = []
    ours: dict[Level, list[float]] = {level: [] for level in (Level.INTERNAL, Level.PUBLIC)}
    figures(Level.INTERNAL, ("province",), {})  # what a process reads once
    for _round in range(ROUNDS):
        for by in tables:
            bare.append(took(partial(plain_count, by)))
            for level, times in ours.items():
                times.append(took(partial(figures, level, by, {})))
    plain = float(np.percentile(bare, 95))
    print(f"{len(tables)} tables, {ROUNDS} rounds; median, 95th percentile (s), times bare SQL")
    print(f"  bare SQL  {np.median(bare):.3f}  {plain:.3f}")
    within = True
    for level, times in ours.items():
        most = float(np.percentile(times, 95))
        within = within and most <= limit * plain
        print(f"  {level.value:<9} {np.median(times):.3f}  {most:.3f}  {most / plain:.2f}")
    slowest = sorted(
        (times[number] / bare[number], level.value, tables[number % len(tables)])
        for level, times in ours.items()
        for number in range(len(bare))
    )[-5:]
    for ratio, level_name, by in slowest:
        print(f"  most over bare SQL: {ratio:.1f} times, {level_name}, {', '.join(by)}")
    for level in ours:
        waited = [took(partial(survival, level, {})) for _round in range(ROUNDS)]
        print(f"  time until recovery, {level.value}: {np.median(waited):.3f}")
    connection.close()
    return within


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="5,000 cases")
    count, limit = (5_000, SMALL_LIMIT) if parser.parse_args().small else (100_000, LIMIT)
    with empty_house():
        within = measure(count, limit)
    if not within:
        print(f"OVER THE LIMIT of {limit} times", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
