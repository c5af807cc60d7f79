"""Reviewers who always agree with each other: an alarm that seldom sounds without a cause.

Of each decided match the first two who said yes or no count. A pair that works honestly agrees as
often as the others do (their *base rate*); one that has an understanding agrees always. For each
pair a betting score is kept: how many times likelier its row of agreements is if it agrees more
often than the base rate than if it does not, averaged over fifty rates in between. By Ville's
inequality such a score of an honest pair ever reaches n with a chance of at most 1/n, however often
one looks; so looking every night costs nothing. With m pairs the alarm sounds at m divided by
`FALSE_ALARM`, which bounds the chance that any honest pair is ever named.

The base rate is that of all other pairs, taken high (the upper end of Wilson's interval of 99 %,
one-sided), so that few decisions name nobody. See A. Ramdas and others, 'Game-theoretic statistics
and safe anytime-valid inference', 2023, for the score.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np

Pair = tuple[UUID, UUID]

FALSE_ALARM = 0.01
# Of how many decisions of others the base rate must be known before anybody is held against it.
BASE_LEAST = 100
_RATES = 50
_Z = 2.326  # the 99th percentile of the normal distribution


@dataclass(frozen=True, slots=True)
class Counted:
    """How many matches two people decided together, and in how many they said the same."""

    decided: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A pair beside the others. `base`: their rate, taken high, from 0 to 1; None: not known yet.

    `score`: the betting score, as a natural logarithm.
    """

    pair: Pair
    counted: Counted
    base: float | None
    score: float
    alarming: bool


def stand(counts: Mapping[Pair, Counted]) -> list[Standing]:
    """Every pair beside the others; those that agreed most suspiciously first."""
    decided = sum(each.decided for each in counts.values())
    agreed = sum(each.agreed for each in counts.values())
    limit = math.log(len(counts) / FALSE_ALARM) if counts else 0.0
    found = []
    for pair, each in counts.items():
        base = _upper(agreed - each.agreed, decided - each.decided)
        score = _score(each, base) if base is not None else 0.0
        found.append(Standing(pair, each, base, score, score >= limit))
    return sorted(found, key=lambda one: (-one.score, -one.counted.decided, one.pair))


def _upper(agreed: int, decided: int) -> float | None:
    """The upper end of the interval of a share; None below `BASE_LEAST`."""
    if decided < BASE_LEAST:
        return None
    share, z = agreed / decided, _Z * _Z / decided
    spread = _Z * math.sqrt(share * (1 - share) / decided + z / (4 * decided))
    return min((share + z / 2 + spread) / (1 + z), 1.0)


def _score(each: Counted, base: float) -> float:
    """The logarithm of the betting score against `base`."""
    if base >= 1:
        return 0.0
    rates = base + (1 - base) * np.arange(1, _RATES + 1) / _RATES
    apart = each.decided - each.agreed
    with np.errstate(divide="ignore"):
        against = np.log1p(-rates) - math.log1p(-base) if apart else np.zeros(_RATES)
    logs = each.agreed * (np.log(rates) - math.log(base)) + apart * against
    most = float(logs.max())
    return most + math.log(float(np.exp(logs - most).mean()))


def count(rows: Mapping[UUID, tuple[tuple[UUID, str], ...]]) -> dict[Pair, Counted]:
    """Count pairs from each match's yes and no in order: who said what."""
    decided: Counter[Pair] = Counter()
    agreed: Counter[Pair] = Counter()
    for said in rows.values():
        if len(said) < 2:
            continue
        (one, first), (other, second) = said[:2]
        pair = (min(one, other), max(one, other))
        decided[pair] += 1
        agreed[pair] += first == second
    return {pair: Counted(decided[pair], agreed[pair]) for pair in decided}
