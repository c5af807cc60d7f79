"""Judge one case against one sighting: a sum of signed evidence in bits, over a prior.

The arithmetic is Fellegi and Sunter's: every comparison adds log2(m/u), where m is how often its
finding occurs when the two are the same child, and u how often when they are not. What is unknown
on either side adds nothing. The numbers are written down beside each comparison, as expert priors
where no figures are published, to be re-estimated from reviewed pairs.

So that no fact counts twice:
- within each of OVERLAPPING only the strongest line in each direction counts, the others are shown
  with 0 bits: a face in the same picture is the same picture; where a child was seen and where
  they say they come from is often one place;
- 'age' is silent where 'birth' speaks, and height is weighed against children of the same apparent
  age, because people judge age by height;
- 'words' leaves out what 'name', 'marks', 'clothing', 'place' and 'sex' already weigh, and is
  capped;
- a re-posted public photo counts for nothing, as picture and as face;
- what many agreeing lines still repeat of each other is taken off their sum, in a line of its own.
Faces take the best pair of photos, names the best pair of names, never a sum over them.
"""

from dataclasses import replace
from math import log2
from typing import Final, Protocol

from casemgr.platform.i18n import N_
from searches.matching.compare import (
    age,
    birth,
    blood,
    clothing,
    ethnicity,
    face,
    height,
    impossible,
    language,
    marks,
    name,
    picture,
    place,
    separation,
    sex,
    words,
)
from searches.matching.types import CaseProfile, Context, Evidence, Scored, SightingProfile
from searches.matching.weighing import LARGE_SUM, Weighing, correction

ENGINE_VERSION: Final = "1.3"
"""Raised whenever any weight can change; each match says which version judged it last."""


class Comparison(Protocol):
    """One unit of judgement: None where either side is silent."""

    def __call__(
        self, case: CaseProfile, sighting: SightingProfile, context: Context
    ) -> Evidence | None: ...


COMPARISONS: Final[tuple[Comparison, ...]] = (
    face.compare,
    picture.compare,
    marks.compare,
    name.compare,
    words.compare,
    sex.compare,
    age.compare,
    birth.compare,
    height.compare,
    place.compare,
    separation.compare_when,
    separation.compare_where,
    clothing.compare,
    language.compare,
    ethnicity.compare,
    blood.compare,
    impossible.compare,
)

OVERLAPPING: Final = (("face", "picture"), ("place", "separated_from"))
COUNTED: Final = N_("Already counted with another line, because the two repeat each other.")

STRONG: Final = 0.5
POSSIBLE: Final = 0.1
WEAK: Final = 0.0001
"""Least probability of each band: more likely than not; one in ten, worth a reviewer's look; one in
ten thousand, worth keeping in case more comes in. Below that nothing is kept. Where the weights are
right, a sighting of no child on file reaches 'possible' in less than 2 in 10 cases at worst, by the
base rate: its false probabilities add up to 0.02."""

FEWEST_CASES: Final = 1_000
"""The register size that the base rate is meant for (expert prior)."""

_FURTHEST: Final = 200.0
"""Bits beyond which a probability is 0 or 1 to any reader (and 2 ** bits would overflow)."""


def judge(case: CaseProfile, sighting: SightingProfile, context: Context) -> Scored:
    """Hold `sighting` against `case`; evidence is listed strongest first, whichever its sign,
    and last what is taken off a large sum."""
    found = [
        _trusted(evidence, context.weighing)
        for compare in COMPARISONS
        if (evidence := compare(case, sighting, context)) is not None
    ]
    for group in OVERLAPPING:
        found = _counted_once(found, group)
    found.sort(key=lambda evidence: -abs(evidence.weight_bits))
    weight = sum(evidence.weight_bits for evidence in found)
    if corrected := correction(float(weight)):
        found.append(Evidence("together", "large_sum", corrected, "", "", LARGE_SUM))
    weight += corrected
    prior = prior_bits(context)
    probability = probability_of(weight + prior)
    return Scored(
        case_id=case.id,
        sighting_id=sighting.id,
        weight_bits=weight,
        prior_bits=prior,
        probability=probability,
        band=band_of(probability),
        engine_version=version_of(context.weighing),
        evidence=tuple(found),
    )


def prior_bits(context: Context) -> float:
    """log2 of the chance that a sighting is of one given case, before anything is compared.

    A sighting is of a child on file with `base_rate`, and of any of `live_cases` alike. Where few
    cases are on file, fewer sightings are of one of them: the rate is that of FEWEST_CASES or more.
    """
    share = min(1.0, max(1e-9, context.base_rate))
    return log2(share / max(FEWEST_CASES, context.live_cases)) + context.weighing.prior_bits


def probability_of(bits: float) -> float:
    """1 / (1 + 2 ** -bits)."""
    return float(1 / (1 + 2.0 ** -max(-_FURTHEST, min(_FURTHEST, bits))))


def band_of(probability: float) -> str:
    """strong, possible, weak, or '' for what is not worth keeping."""
    if probability >= STRONG:
        return "strong"
    if probability >= POSSIBLE:
        return "possible"
    return "weak" if probability >= WEAK else ""


def version_of(weighing: Weighing) -> str:
    """What judges: the version of the comparisons, and that of the calibration after a plus."""
    return f"{ENGINE_VERSION}+{weighing.version}" if weighing.version else ENGINE_VERSION


def _trusted(evidence: Evidence, weighing: Weighing) -> Evidence:
    """The line with as many of its bits as its comparison has been worth."""
    share = weighing.share(evidence.comparison, evidence.weight_bits)
    return evidence if share == 1 else replace(evidence, weight_bits=evidence.weight_bits * share)


def _counted_once(found: list[Evidence], group: tuple[str, ...]) -> list[Evidence]:
    """Only the strongest of a group's lines for, and the strongest against, keep their bits."""
    lines = [evidence for evidence in found if evidence.comparison in group]
    if len(lines) < 2:
        return found
    highest = max(lines, key=lambda evidence: evidence.weight_bits)
    lowest = min(lines, key=lambda evidence: evidence.weight_bits)
    return [
        evidence
        if evidence.comparison not in group
        or evidence.weight_bits == 0
        or evidence is (highest if evidence.weight_bits > 0 else lowest)
        else replace(evidence, level="counted", weight_bits=0.0, reason=COUNTED, params={})
        for evidence in found
    ]
