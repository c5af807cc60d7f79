"""What decided pairs tell of the weights: how far each comparison's log2(m/u) bears out.

Counting m and u among decided pairs would mislead, because pairs come to be decided on by their
bits. What selection by bits leaves untouched is how a pair's odds rise with each of its lines, so
that is what is estimated: for every comparison, for and against, the factor by which its log2(m/u)
has to be taken so that the decisions are likeliest. The written numbers come in as pseudo-counts:
for every level seen, PSEUDO invented decisions on pairs that its written m/u brings to even odds,
half of them yes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searches.matching.maths import Array
from searches.matching.score import band_of, probability_of
from searches.matching.weighing import WRITTEN, Weighing, correction

PSEUDO: Final = 20.0
"""How many decisions the written m and u of a level stand for. Expert prior."""
LEAST_SHARE: Final = 0.1
MOST_SHARE: Final = 2.0
"""What a factor is kept within, whatever the decisions say: nothing is turned round or cut off."""
FOLDS: Final = 5
BANDS: Final = ("strong", "possible", "weak")
_STEPS: Final = 60
_LONGEST_STEP: Final = 0.5


class Said(NamedTuple):
    """One line of evidence: what its comparison says in bits, before any factor."""

    comparison: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Decided:
    """One pair that people decided on: its lines, the written prior, and what they decided."""

    lines: tuple[Said, ...]
    prior_bits: float
    same: bool


@dataclass(frozen=True, slots=True)
class Level:
    """A comparison's level among the decisions: how many of either kind had it, and its bits."""

    comparison: str
    level: str
    accepted: int
    rejected: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class BandFigures:
    """A band in a replay: pairs in it, the share that people accepted, and the share of all
    accepted pairs that are in it or better; None where there are none to count.
    """

    band: str
    pairs: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Replay:
    """All decided pairs judged again: probabilities, log loss and bands."""

    given: Array
    log_loss: float
    bands: tuple[BandFigures, ...]


def estimate(decided: Sequence[Decided], version: str) -> Weighing:
    """The weighing that the decisions and the written numbers bear out together."""
    columns = sorted({key for pair in decided for key in _sums(pair)})
    if not columns:
        return Weighing(version)
    rows, answers, offsets = _observed(decided, columns)
    invented = _invented(decided, columns)
    start = np.array([WRITTEN.share(name, sign) for name, sign in columns] + [0.0])
    found = _likeliest(
        np.vstack([rows, invented]) * log(2),
        np.concatenate([answers, np.full(len(invented), 0.5)]),
        np.concatenate([offsets, -(invented @ start)]) * log(2),
        np.concatenate([np.ones(len(rows)), np.full(len(invented), PSEUDO)]),
        start,
    )
    shares = np.clip(found[:-1], LEAST_SHARE, MOST_SHARE).round(3).tolist()
    fitted = dict(zip(columns, shares, strict=True))
    return Weighing(
        version,
        {
            **WRITTEN.speaking_for,
            **{name: share for (name, sign), share in fitted.items() if sign > 0},
        },
        {name: share for (name, sign), share in fitted.items() if sign < 0},
        round(float(found[-1]), 3),
    )


def total_bits(pair: Decided, weighing: Weighing) -> float:
    """All bits of a pair, its prior among them, as `judge` adds them."""
    told = sum(line.bits * weighing.share(line.comparison, line.bits) for line in pair.lines)
    return told + correction(float(told)) + pair.prior_bits + weighing.prior_bits


def replay(decided: Sequence[Decided], weighing: Weighing) -> Replay:
    """Every pair judged by one weighing."""
    return _figures(decided, [total_bits(pair, weighing) for pair in decided])


def replay_unseen(decided: Sequence[Decided]) -> Replay:
    """Every pair judged by what the other pairs taught, a fifth at a time.

    Judged by what it taught itself, any weighing would look better than it is.
    """
    bits = [0.0] * len(decided)
    for fold in range(FOLDS):
        taught = estimate([pair for n, pair in enumerate(decided) if n % FOLDS != fold], "")
        for number in range(fold, len(decided), FOLDS):
            bits[number] = total_bits(decided[number], taught)
    return _figures(decided, bits)


def levels(decided: Sequence[Decided], before: Weighing, after: Weighing) -> list[Level]:
    """Each level that was decided on, by comparison."""
    found: dict[tuple[str, str], list[tuple[bool, float]]] = defaultdict(list)
    for pair in decided:
        for line in pair.lines:
            found[line.comparison, line.level].append((pair.same, line.bits))
    return [
        Level(
            comparison,
            level,
            sum(same for same, _ in lines),
            sum(not same for same, _ in lines),
            _mean(bits * before.share(comparison, bits) for _, bits in lines),
            _mean(bits * after.share(comparison, bits) for _, bits in lines),
        )
        for (comparison, level), lines in sorted(found.items())
    ]


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _sums(pair: Decided) -> dict[tuple[str, int], float]:
    """What each comparison says for (1) and against (-1)."""
    sums: dict[tuple[str, int], float] = defaultdict(float)
    for line in pair.lines:
        if line.bits:
            sums[line.comparison, 1 if line.bits > 0 else -1] += line.bits
    return sums


def _observed(
    decided: Sequence[Decided], columns: Sequence[tuple[str, int]]
) -> tuple[Array, Array, Array]:
    """Inputs (with a column for the prior), answers and fixed bits of the decisions."""
    numbers = {key: number for number, key in enumerate(columns)}
    rows = np.zeros((len(decided), len(columns) + 1))
    rows[:, -1] = 1.0
    offsets = np.zeros(len(decided))
    for number, pair in enumerate(decided):
        for key, bits in _sums(pair).items():
            rows[number, numbers[key]] = bits
        told = sum(line.bits * WRITTEN.share(line.comparison, line.bits) for line in pair.lines)
        offsets[number] = pair.prior_bits + correction(float(told))
    answers = np.array([float(pair.same) for pair in decided])
    return rows, answers, offsets


def _invented(decided: Sequence[Decided], columns: Sequence[tuple[str, int]]) -> Array:
    """One input for every level that was seen, and one for the prior."""
    numbers = {key: number for number, key in enumerate(columns)}
    said: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for pair in decided:
        for line in pair.lines:
            if line.bits:
                sign = 1 if line.bits > 0 else -1
                said[line.comparison, line.level, sign].append(line.bits)
    rows = np.zeros((len(said) + 1, len(columns) + 1))
    rows[-1, -1] = 1.0
    for row, ((comparison, _level, sign), values) in zip(rows, sorted(said.items()), strict=False):
        row[numbers[comparison, sign]] = _mean(values)
    return rows


def _likeliest(inputs: Array, answers: Array, offsets: Array, counts: Array, start: Array) -> Array:
    """Coefficients of a logistic regression, by Newton's method."""
    found = start.copy()
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ found + offsets, -40, 40)))
        slope = inputs.T @ (counts * (answers - chance))
        bend = (inputs * (counts * chance * (1 - chance))[:, None]).T @ inputs
        bend += np.eye(len(found)) * 1e-9
        step = np.linalg.solve(bend, slope)
        found = found + step / max(1.0, float(np.abs(step).max()) / _LONGEST_STEP)
        if float(np.abs(step).max()) < 1e-8:
            break
    return found


def _figures(decided: Sequence[Decided], bits: Sequence[float]) -> Replay:
    given = np.array([probability_of(each) for each in bits], dtype=np.float64)
    same = np.array([pair.same for pair in decided], dtype=np.bool_)
    right = np.clip(np.where(same, given, 1 - given), 1e-12, 1)
    loss = float(-np.log(right).mean()) if len(right) else 0.0
    band = np.array([band_of(float(each)) for each in given], dtype=object)
    return Replay(given, loss, tuple(_bands(band, same)))


def _bands(band: NDArray[np.object_], same: NDArray[np.bool_]) -> Iterable[BandFigures]:
    accepted, reached = int(same.sum()), 0
    for name in BANDS:
        there = band == name
        pairs, yes = int(there.sum()), int((there & same).sum())
        reached += yes
        yield BandFigures(
            name,
            pairs,
            yes / pairs if pairs else None,
            reached / accepted if accepted else None,
        )
