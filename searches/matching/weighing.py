"""How far the comparisons are believed, each by itself and all of them together.

Written numbers are fitted on the benchmark set's tuning half (bench/matching/fit_levels.py). What
reviewers decide re-estimates the factors of the comparisons (`searches.matching.learning`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.maths import N, most

TRUST: Final[Mapping[str, float]] = {"marks": 0.66, "place": 0.61, "separated": 0.59}
"""How much of a comparison's bits for counts; all where it isn't named, and all bits against. Each
is the slope of a logistic regression of 'the same child' on the bits of all comparisons, over 2,000
sightings of the benchmark set's tuning half (bench/matching/fit_levels.py): these said more than
they knew, by themselves or by repeating another."""

BELIEVED: Final = 10.0
BEYOND: Final = 0.9
"""A sum is taken at its word up to so many bits; of those beyond, this share counts. Comparisons
that agree by chance are not as independent of each other as adding them takes them to be, which
tells where many of them agree. Least log loss over seven seeds of the tuning half
(bench/matching/fit_together.py); the order of the cases stays what it was."""

LARGE_SUM: Final = N_("Sums as large as this have been worth a little less than they say.")


@dataclass(frozen=True, slots=True)
class Weighing:
    """The share of each comparison's bits that counts, for and against; 1 where it is not named.

    `version` is '' for what is written here, and otherwise names the calibration it comes from.
    `prior_bits` is what decisions add to the written prior.
    """

    version: str = ""
    speaking_for: Mapping[str, float] = field(default_factory=lambda: TRUST)
    speaking_against: Mapping[str, float] = field(default_factory=dict)
    prior_bits: float = 0.0

    def share(self, comparison: str, bits: float) -> float:
        """How much of these bits counts."""
        shares = self.speaking_for if bits > 0 else self.speaking_against
        return shares.get(comparison, 1.0)


WRITTEN: Final = Weighing()


def correction(total: N) -> N:
    """What a sum of that many bits says too much: 0 or below."""
    return (BEYOND - 1.0) * most(total - BELIEVED, 0.0)
