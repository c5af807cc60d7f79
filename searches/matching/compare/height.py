"""The height told, against the height the child would have grown to by then."""

from math import log2, sqrt
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.compare.age import error, spoken
from searches.matching.compare.ages import sensible
from searches.matching.compare.growth import GROWN, height_at
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


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: fits, little, off. Needs a height and a date seen, and a birth date on file."""
    height = sighting.height_cm
    if height is None or not SHORTEST <= height <= TALLEST:
        return None
    if case.birth is None or sighting.seen is None:
        return None
    youngest, oldest = elapsed_years(case.birth, sighting.seen)
    if oldest < 0:
        return None
    age = (max(0.0, youngest) + oldest) / 2
    told_spread = TOLD_SPREAD.get(sighting.kind, GUESS_SPREAD)
    expected, spread = _expected(case, age)
    drift = _growth_rate(age, case.sex) * (oldest - max(0.0, youngest)) / 3.5
    m = normal(height - expected, sqrt(spread**2 + told_spread**2 + drift**2))
    u, apparent = _by_chance(sighting, height, told_spread)
    bits = log2(((1 - WRONG) * m + WRONG * FLAT) / ((1 - WRONG) * u + WRONG * FLAT))
    if apparent:
        bits *= SHARED_WITH_AGE
    level = "fits" if bits >= 0.4 else "little" if bits > -0.5 else "off"
    return Evidence(
        comparison="height",
        level=level,
        weight_bits=bits,
        case_value=f"{expected:.0f} ± {spread:.0f}",
        sighting_value=str(height),
        reason=REASONS[level],
        params={
            "height": quantity("cm", height),
            "age": spoken(age),
            "expected": quantity("cm", expected),
        },
    )


def _expected(case: CaseProfile, age: float) -> tuple[float, float]:
    """Height to expect at `age`, and its spread; an earlier height tells tall from short."""
    median, spread = height_at(age, case.sex)
    spread *= HARDSHIP
    as_of = case.height_as_of or case.missing
    earlier = case.height_cm
    if case.birth is None or as_of is None or earlier is None:
        return median, spread
    if not SHORTEST <= earlier <= TALLEST:
        return median, spread
    then = max(0.0, sum(elapsed_years(case.birth, as_of)) / 2)
    median_then, spread_then = height_at(then, case.sex)
    score = max(-3.0, min(3.0, (earlier - median_then) / spread_then))
    return median + TRACKING * score * spread, spread * sqrt(1 - TRACKING**2)


def _by_chance(sighting: SightingProfile, height: int, told_spread: float) -> tuple[float, bool]:
    """u: density of the height told among other children who look as old, or any at all."""
    told = sensible(sighting.apparent_age_min, sighting.apparent_age_max)
    if told is None:
        return FLAT, False
    age = sum(told) / 2
    median, spread = height_at(age, sighting.sex)
    drift = _growth_rate(age, sighting.sex) * error(age, sighting.kind)
    return normal(height - median, sqrt((HARDSHIP * spread) ** 2 + told_spread**2 + drift**2)), True


def _growth_rate(age: float, sex: str) -> float:
    """Centimetres a year at `age`."""
    if age >= GROWN:
        return 0.0
    return height_at(age + 0.5, sex)[0] - height_at(max(0.0, age - 0.5), sex)[0]
