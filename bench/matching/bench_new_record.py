"""How long one new sighting takes against 100,000 cases: ours and Splink's `predict_between`.

Ours: the indexed candidate searches, the candidates' rows read from PostgreSQL, every one judged.
Splink: the new record registered in DuckDB and linked with cases that stand ready, once with every
pair and once with its training's blocking rules; the faster counts. Medians of one sighting at a
time, after three to warm up. Exits with 1 unless ours is FASTER times as fast.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.matching.register import Register  # noqa: E402
from bench.population import NOW, Population, Split, token_rarity  # noqa: E402
from bench.rivals import records, splink_rival  # noqa: E402
from searches.matching.types import Context  # noqa: E402

SEED = 2027
FASTER = 10.0
CASES, SMALL_CASES = 100_000, 2_000
TRAINED_ON = 10_000, 400
"""Cases and sightings that Splink's model is trained on."""
TIMED, WARMING_UP = 20, 3


def median(ask: Callable[[int], object]) -> float:
    """Seconds of one call, by the number of the sighting."""
    spent = []
    for number in range(WARMING_UP + TIMED):
        started = time.perf_counter()
        ask(number)
        spent.append(time.perf_counter() - started)
    return statistics.median(spent[WARMING_UP:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="2,000 cases, without a limit")
    small = parser.parse_args().small
    population = Population(SEED, Split.REPORTING, SMALL_CASES if small else CASES)
    cases = list(population.cases())
    told = [population.sighting(number, known=True) for number in range(TRAINED_ON[1])]
    context = Context(live_cases=len(cases), now=NOW, token_rarity=token_rarity(cases))
    with Register(cases) as register:
        ours = median(lambda number: register.judged(told[number].profile, context))

    filed = [records.of_case(case) for case in cases]
    seen = [records.of_sighting(one.profile) for one in told]
    model = splink_rival.train(filed[: TRAINED_ON[0]], seen, 1.0)
    theirs = {}
    for name, rules in (
        ("every pair", [splink_rival.EVERY_PAIR]),
        ("blocked", list(splink_rival.BLOCKINGS)),
    ):
        ready = splink_rival.NewRecords(model, filed, rules)
        theirs[name] = median(lambda number, ready=ready: ready.link(seen[number]))  # type: ignore[misc]

    print(f"one sighting against {len(cases):,} cases, medians of {TIMED}")
    print(f"ours                {ours * 1000:8,.0f} ms")
    for name, spent in theirs.items():
        print(f"Splink, {name:12}{spent * 1000:8,.0f} ms   {spent / ours:.1f} times ours")
    return 0 if small or min(theirs.values()) >= FASTER * ours else 1


if __name__ == "__main__":
    sys.exit(main())
