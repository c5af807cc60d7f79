"""Whether one in ten means one in ten: the probabilities given, against the truth.

On the reporting half of the benchmark set (docs/benchmark-set.md), attributes only, every sighting
against every case; of these, the pairs in band 'weak' or better. Sightings of children on file and
of others are weighted so that the share of the first is the product's base rate. Prints the
expected calibration error over ten bins of equal mass with its interval, the log loss against that
of the best constant, and the worst bin of 30 pairs or more, both of these ten and of the ten tenths
of probability, which is where it shows: sightings of others are many, so that none of them weighs
much more than one of a child on file. Draws
docs/pictures/calibration.svg (not with --small). Exits with 1 when a limit is broken.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.matching import scoring  # noqa: E402
from bench.population import NOW, Population, Split, token_rarity  # noqa: E402
from searches.matching import picture  # noqa: E402
from searches.matching.score import WEAK, prior_bits  # noqa: E402
from searches.matching.types import Context  # noqa: E402

SEED = 2026
CASES, ON_FILE, OTHERS = 5_000, 1_500, 20_000
SMALL_CASES, SMALL_ON_FILE, SMALL_OTHERS = 500, 60, 90
PICTURE = ROOT / "docs" / "pictures" / "calibration.svg"
AT_ONCE = 4_000
"""Sightings whose bits are in memory together."""
BINS = 10
FEWEST = 30
RESAMPLES = 1_000
MOST_ERROR, MOST_OFF = 0.05, 0.15

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs in band 'weak' or better: probability, bits without the prior, truth, weight, and which
    sighting it is of."""

    given: Floats
    bits: Floats
    true: Floats
    weight: Floats
    sighting: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Bins:
    """Groups of pairs (last axis) in the data (first row) and in resamples of the sightings.

    `mass` is the weight in each, `given` and `true` the means; NaN where nothing was drawn.
    """

    pairs: list[int]
    mass: Floats
    given: Floats
    true: Floats


def pairs_of(population: Population, on_file: int, others: int) -> Pairs:
    """Score every sighting, those of children on file first, against every case."""
    cases = list(population.cases())
    numbers = {case.id: number for number, case in enumerate(cases)}
    context = Context(live_cases=len(cases), now=NOW, token_rarity=token_rarity(cases))
    rate = context.base_rate
    other_weight = (1 - rate) / rate * on_file / others
    told = [population.sighting(number, known=True) for number in range(on_file)]
    told += [population.sighting(number, known=False) for number in range(others)]
    found = []
    for first in range(0, len(told), AT_ONCE):
        part = told[first : first + AT_ONCE]
        bits = scoring.weights(cases, [one.profile for one in part], context)
        given = 1 / (1 + 2.0 ** -np.clip(bits + prior_bits(context), -200, 200))
        seen, case = np.nonzero(given >= WEAK)
        truth = np.array([-1 if one.truth is None else numbers[one.truth] for one in part])
        true = (truth[seen] == case).astype(float)
        weight = np.where(seen + first < on_file, 1.0, other_weight)
        found.append((given[seen, case], bits[seen, case], true, weight, seen + first))
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def equal_mass(pairs: Pairs) -> list[NDArray[np.intp]]:
    """Ten groups of pairs, by probability, of the same total weight."""
    order = np.argsort(pairs.given, kind="stable")
    reached = np.cumsum(pairs.weight[order])
    edges = np.searchsorted(reached, reached[-1] * np.arange(1, BINS) / BINS)
    return [group for group in np.split(order, edges) if len(group)]


def tenths(pairs: Pairs) -> list[NDArray[np.intp]]:
    """Ten groups of pairs by their probability."""
    place = np.minimum((pairs.given * BINS).astype(int), BINS - 1)
    groups = (np.nonzero(place == number)[0] for number in range(BINS))
    return [group for group in groups if len(group)]


def binned(pairs: Pairs, groups: list[NDArray[np.intp]], sightings: int) -> Bins:
    """Means of each group, as drawn and as RESAMPLES other draws of the sightings give them."""
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, sightings, (RESAMPLES, sightings))
    times = np.vstack(
        [np.ones(sightings), *(np.bincount(row, minlength=sightings) for row in drawn)]
    )

    def summed(values: Floats) -> Floats:
        columns = [
            np.bincount(pairs.sighting[group], values[group], minlength=sightings)
            for group in groups
        ]
        return times @ np.column_stack(columns)

    mass = summed(pairs.weight)
    with np.errstate(invalid="ignore"):
        given = summed(pairs.weight * pairs.given) / mass
        true = summed(pairs.weight * pairs.true) / mass
    return Bins([len(group) for group in groups], mass, given, true)


def calibration_errors(bins: Bins) -> Floats:
    """Mean distance of probability and truth over the bins, in the data and in each resample."""
    off = np.nan_to_num(np.abs(bins.given - bins.true))
    return np.average(off, axis=1, weights=bins.mass)


def log_loss(pairs: Pairs, given: Floats) -> float:
    """Mean of -ln of the probability given to what was true."""
    right = np.where(pairs.true == 1, given, 1 - given)
    return float(np.average(-np.log(np.clip(right, 1e-12, 1)), weights=pairs.weight))


def points(bins: Bins) -> list[picture.Point]:
    """Each bin with its interval."""
    low, high = np.nanpercentile(bins.true[1:], (2.5, 97.5), axis=0)
    return [
        picture.Point(float(bins.given[0, n]), float(bins.true[0, n]), low[n], high[n], pairs)
        for n, pairs in enumerate(bins.pairs)
    ]


def show(name: str, bins: list[picture.Point]) -> float:
    """Print the bins; returns how far the worst bin of FEWEST pairs or more is off."""
    print(f"\n{name:24} {'pairs':>8} {'given':>9} {'true':>9}   95 % interval")
    for one in bins:
        print(f"{'':24} {one.pairs:8,} {one.given:9.5f} {one.true:9.5f}   "
              f"{one.low:.5f} to {one.high:.5f}")  # fmt: skip
    return max((abs(one.given - one.true) for one in bins if one.pairs >= FEWEST), default=0.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a quick look, in under a minute")
    small = parser.parse_args().small
    size, on_file, others = (
        (SMALL_CASES, SMALL_ON_FILE, SMALL_OTHERS) if small else (CASES, ON_FILE, OTHERS)
    )
    population = Population(SEED, Split.REPORTING, size)
    pairs = pairs_of(population, on_file, others)
    print(f"{size:,} cases, {on_file} sightings of children among them, {others} of others, seed "
          f"{SEED}: {len(pairs.given):,} pairs in band 'weak' or better")  # fmt: skip

    mass_bins = binned(pairs, equal_mass(pairs), on_file + others)
    error, *others_drawn = calibration_errors(mass_bins)
    low, high = np.percentile(others_drawn, (2.5, 97.5))
    constant = np.full_like(pairs.given, np.average(pairs.true, weights=pairs.weight))
    loss, best = log_loss(pairs, pairs.given), log_loss(pairs, constant)
    print(f"expected calibration error {error:.5f} ({low:.5f} to {high:.5f}), limit {MOST_ERROR}")
    print(f"log loss {loss:.5f}, best constant {best:.5f}")
    by_mass = points(mass_bins)
    by_tenth = points(binned(pairs, tenths(pairs), on_file + others))
    worst = max(show("ten bins of equal mass", by_mass), show("tenths of probability", by_tenth))
    print(f"\nworst bin of {FEWEST} pairs or more is off by {worst:.3f}, limit {MOST_OFF}")
    if not small:
        PICTURE.parent.mkdir(exist_ok=True)
        title = f"{size:,} cases, {on_file + others:,} sightings, reporting half"
        mass = picture.Panel("ten bins of equal mass", by_mass, logarithmic=True)
        tenth = picture.Panel("tenths of probability", by_tenth)
        PICTURE.write_text(picture.draw(mass, tenth, title), encoding="utf-8")
    return 0 if error < MOST_ERROR and loss < best and worst <= MOST_OFF else 1


if __name__ == "__main__":
    sys.exit(main())
