"""The height told, against the height the child would have grown to by then."""

from math import nan
from typing import Final, NamedTuple

from casemgr.platform.i18n import N_
from searches.matching.compare.age import CLOSER, error, spoken
from searches.matching.compare.ages import sensible
from searches.matching.compare.growth import GROWN, height_at
from searches.matching.maths import N, log2, most, where
from searches.matching.phrases import quantity
from searches.matching.spans import elapsed_years, normal
from searches.matching.types import CaseProfile, Context, Evidence, SightingProfile

TRACKING: Final = 0.8
"""Correlation of a child's height with their own height years earlier, in standard scores. Expert
prior from growth studies, where it is 0.7 to 0.9 outside the growth spurt."""
TOLD_SPREAD: Final = {"institution": 1.5, "seeker": 2.5}
GUESS_SPREAD: Final = 6.0
"""Standard deviation of a height, in cm: measured, told by oneself, guessed in the street. Expert
prior."""
HARDSHIP: Final = 1.15
"""Spread is widened by this: poverty and region move heights away from the WHO's children."""
WRONG: Final = 0.03
"""Share of heights that are slips. Expert prior."""
FLAT: Final = 1 / 120
"""u where nothing is known of the age seen: heights of children on file lie over 120 cm."""
SHARED_WITH_AGE: Final = 0.6
"""Weight kept where an apparent age is given too: people judge age by height, so the two repeat
each other in part. Expert prior."""
SHORTEST: Final = 30
TALLEST: Final = 230

REASONS: Final = {
    "fits": N_("%(height)s tall. At about %(age)s, one would expect %(expected)s. That fits."),
    "little": N_(
        "%(height)s tall. At about %(age)s, one would expect %(expected)s. That says little."
    ),
    "off": N_(
        "%(height)s tall, but at about %(age)s, one would expect %(expected)s. That counts against."
    ),
}


class Told(NamedTuple):
    """A height in cm as a sighting gives it: its spread, its density among other children who look
    as old (or any at all), and the share of the bits that an apparent age beside it leaves."""

    height: int
    spread: float
    chance: float
    kept: float


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: fits, little, off. Needs a height and a date seen, and a birth date on file."""
    told = told_by(sighting)
    if told is None:
        return None
    if case.birth is None or sighting.seen is None:
        return None
    youngest, oldest = elapsed_years(case.birth, sighting.seen)
    if oldest < 0:
        return None
    age, drift = grown(youngest, oldest, case.sex)
    expected, spread = expect(*height_at(age, case.sex), score_of(case))
    bits = weigh(told, expected, spread, drift)
    level = "fits" if bits >= 0.4 else "little" if bits > -0.5 else "off"
    return Evidence(
        comparison="height",
        level=level,
        weight_bits=bits,
        case_value=f"{expected:.0f} ± {spread:.0f}",
        sighting_value=str(told.height),
        reason=REASONS[level],
        params={
            "height": quantity("cm", told.height),
            "age": spoken(age),
            "expected": quantity("cm", expected),
        },
    )


def told_by(sighting: SightingProfile) -> Told | None:
    """What the sighting says of height; None where it gives none that a person can have."""
    height = sighting.height_cm
    if height is None or not SHORTEST <= height <= TALLEST:
        return None
    spread = TOLD_SPREAD.get(sighting.kind, GUESS_SPREAD)
    told = sensible(sighting.apparent_age_min, sighting.apparent_age_max)
    if told is None:
        return Told(height, spread, FLAT, 1.0)
    age = sum(told) / 2
    median, usual = height_at(age, sighting.sex)
    drift = _growth_rate(age, sighting.sex) * error(age, CLOSER.get(sighting.kind, 1.0))
    chance = normal(height - median, _together(HARDSHIP * usual, spread, drift))
    return Told(height, spread, chance, SHARED_WITH_AGE)


def score_of(case: CaseProfile) -> float:
    """An earlier height in standard scores, which tells tall from short; NaN where unknown."""
    as_of = case.height_as_of or case.missing
    earlier = case.height_cm
    if case.birth is None or as_of is None or earlier is None:
        return nan
    if not SHORTEST <= earlier <= TALLEST:
        return nan
    then = max(0.0, sum(elapsed_years(case.birth, as_of)) / 2)
    median, spread = height_at(then, case.sex)
    return max(-3.0, min(3.0, (earlier - median) / spread))


def grown(youngest: N, oldest: N, sex: str) -> tuple[N, N]:
    """The age to reckon with, and by how many cm the height is unsure because the age is."""
    youngest = most(youngest, 0.0)
    age = (youngest + oldest) / 2
    return age, _growth_rate(age, sex) * (oldest - youngest) / 3.5


def expect(median: N, spread: N, score: N) -> tuple[N, N]:
    """Height to expect of one child, and its spread, from those of its age and sex."""
    known = score == score  # not NaN
    spread = HARDSHIP * spread
    tall: N = where(known, TRACKING * score * spread, 0.0)
    kept: N = where(known, (1 - TRACKING**2) ** 0.5, 1.0)
    return median + tall, spread * kept


def weigh(told: Told, expected: N, spread: N, drift: N) -> N:
    """Bits for the height told, `expected` being the child's own and `drift` from the dates."""
    m = normal(told.height - expected, _together(spread, told.spread, drift))
    ratio = ((1 - WRONG) * m + WRONG * FLAT) / ((1 - WRONG) * told.chance + WRONG * FLAT)
    return log2(ratio) * told.kept


def _together(spread: N, other: float, drift: N) -> N:
    together: N = (spread**2 + other**2 + drift**2) ** 0.5
    return together


def _growth_rate(age: N, sex: str) -> N:
    """Centimetres a year at `age`."""
    if isinstance(age, float) and age >= GROWN:  # spares the many who are grown two look-ups
        return 0.0
    rate = height_at(age + 0.5, sex)[0] - height_at(most(age - 0.5, 0.0), sex)[0]
    still: N = where(age >= GROWN, 0.0, rate)
    return still
