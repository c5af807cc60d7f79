"""How far a sum of bits may be believed, on the tuning half of the set.

Attributes only, every sighting against every case, weighted as in bench_calibration.py, which see.
For each point up to which a sum is taken at its word, and each share of the bits beyond that
counts, prints the log loss over all seeds, least first. It reads nothing of the reporting half and
changes nothing.
"""

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.matching.bench_calibration import Floats, Pairs, log_loss, pairs_of  # noqa: E402
from bench.population import Population, Split  # noqa: E402
from searches.matching.weighing import BELIEVED, BEYOND  # noqa: E402

SEEDS = (11, 12, 13, 14, 21, 22, 23)
CASES, ON_FILE, OTHERS = 5_000, 600, 6_000
SHOWN = 12


def before(weight: Floats) -> Floats:
    """The sum that was, of one that has had its repetition taken off."""
    return np.where(weight > BELIEVED, BELIEVED + (weight - BELIEVED) / BEYOND, weight)


def together(drawn: list[Pairs]) -> Pairs:
    """The pairs of all seeds."""
    return Pairs(
        np.concatenate([pairs.given for pairs in drawn]),
        np.concatenate([pairs.bits for pairs in drawn]),
        np.concatenate([pairs.true for pairs in drawn]),
        np.concatenate([pairs.weight for pairs in drawn]),
        np.concatenate([pairs.sighting for pairs in drawn]),
    )


def main() -> int:
    drawn = []
    for seed in SEEDS:
        population = Population(seed, Split.TUNING, CASES)
        drawn.append(pairs_of(population, ON_FILE, OTHERS))
        print(f"seed {seed}: {len(drawn[-1].given):,} pairs", file=sys.stderr, flush=True)
    pairs = together(drawn)
    bits = np.log2(pairs.given / (1 - pairs.given))
    prior = bits - pairs.bits
    summed = before(pairs.bits)
    found = []
    for believed in np.arange(0.0, 16.0):
        for beyond in np.arange(0.6, 1.01, 0.05):
            beyond_it = np.maximum(summed - believed, 0.0)
            given = 1 / (1 + 2.0 ** -(summed - (1 - beyond) * beyond_it + prior))
            found.append((log_loss(pairs, given), believed, beyond))
    for loss, believed, beyond in sorted(found)[:SHOWN]:
        print(f"believed up to {believed:4.0f} bits, {beyond:.2f} of those beyond: {loss:.6f}")
    print(f"all of them: {log_loss(pairs, 1 / (1 + 2.0 ** -(summed + prior))):.6f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
