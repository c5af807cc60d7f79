"""Where the true case ends up in a ranking, and how sure one can be of a difference."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RESAMPLES = 4_000


@dataclass(frozen=True, slots=True)
class Ranking:
    """One value per sighting: the chance of the true case in the first ten, and 1 / its rank.

    Cases of equal score are taken to be in random order.
    """

    found: Floats
    reciprocal: Floats


def rank(scores: NDArray[np.floating], truth: NDArray[np.intp]) -> Ranking:
    """Of scores of sightings (rows) against cases (columns); `truth` is each sighting's column.

    A true case with a score of minus infinity was not found at all.
    """
    own = scores[np.arange(len(truth)), truth][:, None]
    better = (scores > own).sum(axis=1)
    tied = (scores == own).sum(axis=1) - 1
    known = np.isfinite(own[:, 0])
    found = np.clip((10 - better) / (tied + 1), 0, 1) * known
    reciprocal = np.array(
        [(1 / np.arange(b + 1, b + t + 2)).mean() for b, t in zip(better, tied, strict=True)]
    )
    return Ranking(found, reciprocal * known)


def interval(values: Floats, seed: int = 1) -> tuple[float, float]:
    """95 % interval of the mean, by drawing sightings anew with replacement."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)
