"""The age a child would have had when seen, against the age they seemed to have."""

from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.compare.ages import density_of_age, level_of, likelihood_ratio, sensible
from searches.matching.maths import N, least
from searches.matching.phrases import quantity
from searches.matching.spans import elapsed_years
from searches.matching.types import CaseProfile, Context, Evidence, Param, SightingProfile

ERROR_AT_BIRTH: Final = 0.4
ERROR_A_YEAR: Final = 0.13
LARGEST_ERROR: Final = 5.0
"""Standard deviation of a stranger's guess, in years: about 1 at five, 2 at thirteen, at most 5.
Expert prior: guesses get coarser with age, and hardship makes children look younger or older."""
CLOSER: Final = {"institution": 0.6, "seeker": 0.5}
"""How much smaller the error is for those who live with the child, or are the child."""
WRONG: Final = 0.008
"""Share of ages that are slips (another child meant, a wrong digit). Expert prior."""

REASONS: Final = {
    "fits": N_("Would have been about %(age)s then, and was seen as %(seen)s. That fits."),
    "near": N_("Would have been about %(age)s then, and was seen as %(seen)s. Near enough."),
    "little": N_("Would have been about %(age)s then, and was seen as %(seen)s. That says little."),
    "off": N_(
        "Would have been about %(age)s then, and was seen as %(seen)s. That is rather far off."
    ),
    "far": N_("Would have been about %(age)s then, but was seen as %(seen)s. That does not fit."),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: fits, near, little, off, far.

    Silent where the sighting gives a birth date (that comparison speaks instead), and where the
    child was not born yet (that is said under 'impossible').
    """
    if case.birth is None or sighting.seen is None or sighting.birth is not None:
        return None
    told = sensible(sighting.apparent_age_min, sighting.apparent_age_max)
    if told is None:
        return None
    youngest, oldest = elapsed_years(case.birth, sighting.seen)
    if oldest < 0:
        return None
    truth = (max(0.0, youngest), oldest)
    bits = weigh(truth, told, CLOSER.get(sighting.kind, 1.0))
    level = level_of(bits)
    return Evidence(
        comparison="age",
        level=level,
        weight_bits=bits,
        case_value=_shown(truth),
        sighting_value=_shown(told),
        reason=REASONS[level],
        params={"age": spoken(sum(truth) / 2), "seen": _shown(told)},
    )


def weigh(truth: tuple[N, N], told: tuple[N, N], closer: N) -> N:
    """Bits for an age told as a range, by somebody whose error is `closer` times a stranger's."""
    return likelihood_ratio(
        truth,
        told,
        spread=error((truth[0] + truth[1]) / 2, closer),
        chance=density_of_age((told[0] + told[1]) / 2),
        wrong=WRONG,
    )


def error(age: N, closer: N) -> N:
    """Standard deviation, in years, of the age told for a child who is `age` years old."""
    return least(ERROR_AT_BIRTH + ERROR_A_YEAR * age, LARGEST_ERROR) * closer


def spoken(age: float) -> Param:
    """An age as people say it: months below two years, then whole years."""
    return quantity("month_old", age * 12) if age < 2 else quantity("year_old", int(age))


def _shown(years: tuple[float, float]) -> str:
    low, high = (f"{age:.1f}".removesuffix(".0") for age in years)
    return low if low == high else f"{low}–{high}"
