"""Fit what a face distance is worth among the drawn portraits: the figures of `dlib-drawn`.

    python -m bench.fit_face_distances

draws FIT_SEEDS (people that no demo shows) anew, measures distances between redraws of one
person, between people, and between one person at two ages, and prints the fitted spreads, to be
copied into searches/matching/faces.py, with the quantiles they stand for.
"""

import argparse
import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from casemgr.demo.portrait_seeds import FIT_SEEDS
from casemgr.demo.portraits import draw, identity
from casemgr.platform.faces import engine
from searches.matching.faces import Spread

REDRAWS = range(100, 106)
"""Not the variations that the selection looked at: those were chosen for being found."""

AGES = (4.0, 8.0, 13.0)
AGE_REDRAWS = range(200, 202)
QUANTILES = (0, 1, 5, 50, 95, 99, 100)
FREEDOMS = (4.0, 6.0, 8.0, 12.0, 20.0, 40.0)

Prints = dict[tuple[int, float | None], list[NDArray[np.float32]]]


def embeddings(people: Sequence[int]) -> tuple[Prints, float]:
    """Prints by seed and age (None: their own), and the share of drawings with a face found."""
    prints: Prints = {}
    found = drawn = 0
    jobs: list[tuple[int, float | None, int]] = [
        (seed, None, v) for seed in people for v in REDRAWS
    ]
    jobs += [(seed, age, v) for seed in people for age in AGES for v in AGE_REDRAWS]
    for seed, age, variation in jobs:
        picture = np.asarray(draw(identity(seed), variation, age_years=age))
        boxes = engine().detect(picture)
        drawn += 1
        if boxes:
            found += 1
            prints.setdefault((seed, age), []).append(engine().embed(picture, boxes[0]))
    return prints, found / drawn


def apart(
    first: list[NDArray[np.float32]], second: list[NDArray[np.float32]]
) -> NDArray[np.float64]:
    """All distances between two lists of prints."""
    return np.array([engine().distance(a, b) for a in first for b in second], dtype=np.float64)


def fit(distances: NDArray[np.float64]) -> Spread:
    """The likeliest Student bell about the median."""
    middle = float(np.median(distances))
    wide = float(np.std(distances))
    candidates = (
        Spread(middle=middle, scale=scale * wide, freedom=freedom)
        for scale in np.linspace(0.5, 1.2, 71)
        for freedom in FREEDOMS
    )
    return max(candidates, key=lambda spread: float(spread.log2_density(distances).sum()))


def say(label: str, distances: NDArray[np.float64]) -> None:
    values = ", ".join(
        f"p{q} {value:.3f}"
        for q, value in zip(QUANTILES, np.percentile(distances, QUANTILES), strict=True)
    )
    print(f"{label}: {values} ({len(distances)} pairs)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=len(FIT_SEEDS))
    options = parser.parse_args()
    people = FIT_SEEDS[: options.people]
    prints, share = embeddings(people)
    print(f"{len(people)} people, face found in {share:.1%} of drawings")
    own = [prints[seed, None] for seed in people if (seed, None) in prints]
    same = np.array(
        [engine().distance(a, b) for redraws in own for a, b in itertools.combinations(redraws, 2)]
    )
    other = np.concatenate([apart(a[:2], b[:2]) for a, b in itertools.combinations(own, 2)])
    say("same person", same)
    say("other people", other)
    print("same  =", fit(same))
    print("other =", fit(other))
    for young, old in itertools.combinations(AGES, 2):
        pairs = [
            apart(prints[seed, young], prints[seed, old])
            for seed in people
            if (seed, young) in prints and (seed, old) in prints
        ]
        say(
            f"same person, {old - young:.0f} years apart ({young:.0f}-{old:.0f})",
            np.concatenate(pairs),
        )


if __name__ == "__main__":
    main()
