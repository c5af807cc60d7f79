"""What each comparison's levels are worth on the tuning half of the set, against what they claim.

For every comparison, kind of sighting and level: how often it occurs for pairs that are one child
(m), and for pairs that are not (u); log2 m/u, with its standard error; and the bits that the
product gives on average. Then, from a logistic regression of 'the same child' on the bits of all
comparisons: below 1, a comparison says more than it knows, by itself or by repeating another;
above 1, less. It reads nothing of the reporting half and changes nothing.
"""

import argparse
import sys
from collections import defaultdict
from math import log2, sqrt
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.population import NOW, Population, Split, Told, token_rarity  # noqa: E402
from searches.matching.score import judge  # noqa: E402
from searches.matching.types import CaseProfile, Context, Scored  # noqa: E402

SEED = 11
STRANGERS_EACH = 12
"""Cases of other children that each sighting is held against."""

LONGEST_STEP = 0.3
"""How far a coefficient moves at once, so that Newton's method does not overshoot."""

Pairs = list[tuple[str, Scored]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=4_000)
    parser.add_argument("--sightings", type=int, default=2_000)
    options = parser.parse_args()
    population = Population(SEED, Split.TUNING, options.cases)
    cases = list(population.cases())
    told = [population.sighting(number, known=True) for number in range(options.sightings)]
    context = Context(live_cases=len(cases), now=NOW, token_rarity=token_rarity(cases))
    same, other = held(cases, told, context)
    print_levels(same, other)
    print_slopes(same, other)
    return 0


def held(cases: list[CaseProfile], told: list[Told], context: Context) -> tuple[Pairs, Pairs]:
    """Every sighting judged against its own case, and against some of others."""
    rng = Random(SEED)
    by_id = {case.id: case for case in cases}
    same: Pairs = []
    other: Pairs = []
    for one in told:
        assert one.truth is not None
        sighting = one.profile
        same.append((sighting.kind, judge(by_id[one.truth], sighting, context)))
        for case in rng.sample(cases, STRANGERS_EACH):
            if case.id != one.truth:
                other.append((sighting.kind, judge(case, sighting, context)))
    return same, other


def print_levels(same: Pairs, other: Pairs) -> None:
    counts: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for which, pairs in enumerate((same, other)):
        for kind, scored in pairs:
            totals[kind][which] += 1
            for line in scored.evidence:
                found = counts[line.comparison, kind, line.level]
                found[which] += 1
                found[2] += line.weight_bits
    print(f"{'comparison':16}{'kind':13}{'level':14}{'n m':>6}{'n u':>7}{'m':>8}{'u':>8}"
          f"{'measured bits':>16}{'given':>8}")  # fmt: skip
    for (comparison, kind, level), (hits, misses, bits) in sorted(counts.items()):
        n_same, n_other = totals[kind]
        if hits + misses < 20:
            continue
        m, u = (hits + 0.5) / (n_same + 1), (misses + 0.5) / (n_other + 1)
        error = sqrt(1 / (hits + 0.5) + 1 / (misses + 0.5)) / np.log(2)
        print(f"{comparison:16}{kind:13}{level:14}{hits:6}{misses:7}{m:8.3f}{u:8.3f}"
              f"{log2(m / u):9.2f} ± {error:4.2f}{bits / (hits + misses):8.2f}")  # fmt: skip


def print_slopes(same: Pairs, other: Pairs) -> None:
    """Slopes of the bits of each comparison, by Newton's method with a little ridge."""
    names = sorted({line.comparison for _, scored in same + other for line in scored.evidence})
    rows = [
        [sum(line.weight_bits for line in scored.evidence if line.comparison == name)
         for name in names]
        for _, scored in same + other
    ]  # fmt: skip
    inputs = np.column_stack([np.array(rows) * np.log(2), np.ones(len(rows))])
    answers = np.array([1.0] * len(same) + [0.0] * len(other))
    slopes, errors = logistic(inputs, answers)
    print("\nSlope of the bits of each comparison, all kinds together:")
    for name, slope, error in zip(names, slopes, errors, strict=False):
        print(f"{name:16}{slope:8.2f} ± {error:.2f}")


def logistic(
    inputs: NDArray[np.float64], answers: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients and their standard errors; the ridge pulls towards 1, what the weights claim."""
    start = np.ones(inputs.shape[1])
    start[-1] = 0.0
    found = start.copy()
    ridge = np.full(len(found), 1.0)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ found, -40, 40)))
        slope = inputs.T @ (answers - chance) - ridge * (found - start)
        bend = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        found = found + step / max(1.0, float(np.abs(step).max()) / LONGEST_STEP)
        if np.abs(step).max() < 1e-8:
            break
    return found, np.sqrt(np.diag(np.linalg.inv(bend)))


if __name__ == "__main__":
    sys.exit(main())
