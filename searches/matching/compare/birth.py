"""A birth date on file against one that an institution or a grown child gives."""

from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.compare.ages import level_of, likelihood_ratio
from searches.matching.phrases import lapse
from searches.matching.spans import YEAR, gap_days, seconds, vaguer, width_days, written
from searches.matching.types import CaseProfile, Context, Evidence, Interval, SightingProfile

SPREAD: Final = 1.2
"""Standard deviation of a registered birth date, in years. Expert prior: a child who was sold is
often registered a year or two off, on a day that was made up."""
CHANCE: Final = 1 / 40
"""u: births of children on file per year; they spread over some forty years. Expert prior."""
WRONG: Final = 0.02
"""Share of registered dates that have nothing to do with the true one. Expert prior."""
SAME_DAY: Final = 8.0
SAME_MONTH: Final = 5.5
"""Bits where both give the same day, the same month. The plain ratio would be 12 and 8 bits; it is
capped because notices give birth dates away and registrars favour round ones. Expert prior."""

REASONS: Final = {
    "same_day": N_("Both give the same day of birth, %(born)s."),
    "same_month": N_("Both give the same month of birth, %(born)s."),
    "fits": N_("Born %(born)s on file and %(told)s here. That fits."),
    "near": N_("Born %(born)s on file and %(told)s here. Near enough."),
    "little": N_("Born %(born)s on file and %(told)s here. That says little."),
    "off": N_(
        "Born %(born)s on file and %(told)s here, %(gap)s apart. Such dates are often wrong, yet "
        "it counts against."
    ),
    "far": N_("Born %(born)s on file but %(told)s here, %(gap)s apart. That does not fit."),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: same_day, same_month, fits, near, little, off, far."""
    if case.birth is None or sighting.birth is None:
        return None
    level, bits = _weigh(case.birth, sighting.birth)
    return Evidence(
        comparison="birth",
        level=level,
        weight_bits=bits,
        case_value=written(case.birth),
        sighting_value=written(sighting.birth),
        reason=REASONS[level],
        params={
            "born": written(
                vaguer(case.birth, sighting.birth) if level == "same_month" else case.birth
            ),
            "told": written(sighting.birth),
            "gap": lapse(gap_days(case.birth, sighting.birth)),
        },
    )


def _weigh(filed: Interval, told: Interval) -> tuple[str, float]:
    if gap_days(filed, told) == 0:
        widest = max(width_days(filed), width_days(told))
        if widest <= 1:
            return "same_day", SAME_DAY
        if widest <= 31:
            return "same_month", SAME_MONTH
    bits = likelihood_ratio(
        (0.0, seconds(filed.latest, filed.earliest) / YEAR),
        (
            seconds(told.earliest, filed.earliest) / YEAR,
            seconds(told.latest, filed.earliest) / YEAR,
        ),
        spread=SPREAD,
        chance=CHANCE,
        wrong=WRONG,
    )
    return level_of(bits), bits
