"""Whether two cases are of one child, of two children lost together, or have nothing in common.

Three answers are weighed against each other. Each line adds its bits for one child, and its bits
for two, over priors of their own; that they may be two is one more line in the sum for one. Which
case is named first makes no difference.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import log2
from typing import Final
from uuid import UUID

from casemgr.platform.i18n import N_
from searches.matching.duplicates.lines import LINES, Line, counted_once, same_family
from searches.matching.score import FEWEST_CASES, band_of, probability_of
from searches.matching.types import CaseProfile, Context, Evidence
from searches.matching.weighing import LARGE_SUM, correction

VERSION: Final = "d1"
"""Raised whenever a weight can change."""

DUPLICATES: Final = 0.05
TOGETHER: Final = 0.03
"""Priors: the share of new cases of whose child another case is on file (two parents, an alliance
and an import), and the share with whose child another one on file was lost."""
TOGETHER_AT: Final = frozenset({"separated", "separated_from"})
"""What has to speak for it before two children are taken to be lost together."""

PERHAPS_TWO: Final = N_("They could as well be two children who were lost together.")
_FURTHEST: Final = 60.0


class Likely(StrEnum):
    """What a pair most likely is; the codes are those of the links between cases."""

    DUPLICATE = "duplicate"
    SIBLING = "sibling"
    SAME_INCIDENT = "same_incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The judged pair. `weight_bits` and `evidence` are about one child, `probability` is that of
    `kind`, and `chance_of_one` that both are one child; the three answers add up to 1.
    """

    one_id: UUID
    other_id: UUID
    kind: Likely
    band: str
    probability: float
    chance_of_one: float
    weight_bits: float
    prior_bits: float
    evidence: tuple[Evidence, ...]


def hold_together(one: CaseProfile, other: CaseProfile, context: Context) -> Judged:
    """Hold two cases against each other; evidence is listed strongest first, whichever its sign."""
    found = counted_once(
        [line for weigh in LINES if (line := weigh(one, other, context)) is not None]
    )
    two = _odds_of_two(found, context)
    lines = sorted(
        (line.evidence for line in found),
        key=lambda each: (-abs(each.weight_bits), each.comparison),
    )
    weight = sum(each.weight_bits for each in lines)
    if corrected := correction(float(weight)):
        lines.append(Evidence("together", "large_sum", corrected, "", "", LARGE_SUM))
    alternative = -log2(1 + 2.0**two)
    if alternative <= -0.05:
        lines.append(Evidence("two_children", "possible", alternative, "", "", PERHAPS_TWO))
    weight += corrected + alternative
    prior = _prior(DUPLICATES, context)
    chance = probability_of(weight + prior)
    # Given that they are not one, they are two lost together with these odds.
    chance_of_two = (1 - chance) * probability_of(two)
    if chance >= chance_of_two:
        kind = Likely.DUPLICATE
    else:
        kind = Likely.SIBLING if same_family(one, other) else Likely.SAME_INCIDENT
    probability = max(chance, chance_of_two)
    return Judged(
        one_id=one.id,
        other_id=other.id,
        kind=kind,
        band=band_of(probability),
        probability=probability,
        chance_of_one=chance,
        weight_bits=weight,
        prior_bits=prior,
        evidence=tuple(lines),
    )


def _odds_of_two(found: list[Line], context: Context) -> float:
    """log2 of the odds that two children were lost together, against having nothing in common.

    Only where day and place both speak for it; 0 bits are even odds.
    """
    lost = {line.evidence.comparison: line.two_bits for line in found}
    if any(lost.get(comparison, 0.0) <= 0 for comparison in TOGETHER_AT):
        return -_FURTHEST
    bits = sum(line.two_bits for line in found)
    bits += correction(float(bits)) + _prior(TOGETHER, context)
    return max(-_FURTHEST, min(_FURTHEST, bits))


def _prior(share: float, context: Context) -> float:
    """log2 of the chance that one given case of those on file is the one, knowing nothing else."""
    return log2(share / max(FEWEST_CASES, context.live_cases))
