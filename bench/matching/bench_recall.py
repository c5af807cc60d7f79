"""How often the true case is among the first ten: ours against Splink and a boosted text query.

Attributes only, no faces. All of them rank every case on file for every sighting of a child on
file, on the reporting half of the benchmark set (docs/benchmark-set.md). Ours is also cut to the
cases that its indexed candidate searches bring up. Exits with 1 unless ours, so cut, is ahead of
every rival in recall at 10 and in mean reciprocal rank with 95 % confidence (with --small, too few
sightings for that, simply ahead).
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.matching import scoring  # noqa: E402
from bench.matching.ranking import Ranking, interval, rank  # noqa: E402
from bench.matching.register import Register  # noqa: E402
from bench.population import NOW, Population, Split, Told, token_rarity  # noqa: E402
from bench.rivals import records, splink_rival  # noqa: E402
from bench.rivals.records import Record  # noqa: E402
from bench.rivals.tantivy_rival import TextSearch  # noqa: E402
from searches.matching.types import CaseProfile, Context  # noqa: E402

SEED = 2026
CASES, SIGHTINGS, LESSONS = 10_000, 400, 2_000
SMALL_CASES, SMALL_SIGHTINGS, SMALL_LESSONS = 600, 80, 200
EVERY_CASE = "ours, every case judged"
OURS = "ours, candidates judged"
TAUGHT = "Splink, taught with known pairs"

Scores = NDArray[np.floating]


def timed(name: str, make: Callable[[], Scores], sightings: int) -> Scores:
    started = time.perf_counter()
    scores = make()
    spent = (time.perf_counter() - started) / sightings
    print(f"  {name}: {spent * 1000:,.0f} ms a sighting", file=sys.stderr, flush=True)
    return scores


def rivals(
    cases: list[Record], sightings: list[Record], lessons: int, size: int
) -> dict[str, Callable[[], Scores]]:
    """Each rival's scores, worked out when called."""

    def taught() -> Scores:
        """A model that was shown the truth about the tuning half."""
        tuning = Population(SEED, Split.TUNING, size)
        told = [tuning.sighting(number, known=True) for number in range(lessons)]
        model = splink_rival.train(
            [records.of_case(case) for case in tuning.cases()],
            [records.of_sighting(one.profile) for one in told],
            1.0,
            columns(tuning, told).tolist(),
        )
        return splink_rival.scores(model, cases, sightings)

    def untaught() -> Scores:
        return splink_rival.scores(splink_rival.train(cases, sightings, 1.0), cases, sightings)

    return {
        "Splink, trained by itself": untaught,
        TAUGHT: taught,
        "boosted text query": lambda: TextSearch(cases).scores(sightings),
        "boosted text query, our tokens": lambda: TextSearch(cases, with_our_tokens=True).scores(
            sightings
        ),
    }


def columns(population: Population, told: list[Told]) -> NDArray[np.intp]:
    """The number of the case that each sighting is of."""
    numbers = {population.case_id(number): number for number in range(population.size)}
    return np.array([numbers[one.truth] for one in told if one.truth is not None], dtype=np.intp)


def cut_to_candidates(
    scores: Scores, cases: list[CaseProfile], told: list[Told], context: Context
) -> Scores:
    """The scores, minus infinity for what the product's own searches do not bring up."""
    numbers = {case.id: number for number, case in enumerate(cases)}
    cut = np.full_like(scores, -np.inf)
    with Register(cases) as register:
        for row, one in enumerate(told):
            found = [numbers[key] for key in register.candidates(one.profile, context)]
            cut[row, found] = scores[row, found]
    return cut


def report(rankings: dict[str, Ranking], *, surely: bool) -> bool:
    """Print the table; returns whether ours is ahead of every rival, `surely` as in 95 of 100."""
    print(f"{'':34} recall at 10   ours is ahead by      MRR     ours is ahead by")
    ours, ahead = rankings[OURS], True
    for name, ranking in rankings.items():
        line = f"{name:34} {ranking.found.mean():12.3f}"
        if name in (OURS, EVERY_CASE):
            print(f"{line}{'':22}{ranking.reciprocal.mean():9.3f}")
            continue
        for mine, theirs in (
            (ours.found, ranking.found),
            (ours.reciprocal, ranking.reciprocal),
        ):
            low, high = interval(mine - theirs)
            ahead &= (low if surely else (mine - theirs).mean()) > 0
            if theirs is ranking.reciprocal:
                line += f" {theirs.mean():8.3f}"
            line += f"   {(mine - theirs).mean():.3f} ({low:.3f} to {high:.3f})"
        print(line)
    return ahead


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a quick look, in under a minute")
    small = parser.parse_args().small
    size, count = (SMALL_CASES, SMALL_SIGHTINGS) if small else (CASES, SIGHTINGS)
    population = Population(SEED, Split.REPORTING, size)
    cases = list(population.cases())
    told = [population.sighting(number, known=True) for number in range(count)]
    truth = columns(population, told)
    context = Context(live_cases=size, now=NOW, token_rarity=token_rarity(cases))
    print(f"{size:,} cases, {count} sightings of children among them, seed {SEED}")

    every = timed(
        EVERY_CASE, lambda: scoring.weights(cases, [one.profile for one in told], context), count
    )
    found = cut_to_candidates(every, cases, told, context)
    rankings = {EVERY_CASE: rank(every, truth), OURS: rank(found, truth)}
    filed = [records.of_case(case) for case in cases]
    seen = [records.of_sighting(one.profile) for one in told]
    lessons = SMALL_LESSONS if small else LESSONS
    for name, make in rivals(filed, seen, lessons, size).items():
        rankings[name] = rank(timed(name, make, count), truth)
    return 0 if report(rankings, surely=not small) else 1


if __name__ == "__main__":
    sys.exit(main())
