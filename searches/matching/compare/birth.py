"""A birth date on file against one that an institution or a grown child gives."""

from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.compare.ages import date_ratio, level_of
from searches.matching.maths import N, most, where
from searches.matching.phrases import lapse
from searches.matching.spans import Span, gap_days, vaguer, width_days, written
from searches.matching.types import CaseProfile, Context, Evidence, SightingProfile

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
    bits = _same(case.birth, sighting.birth)
    level = _LEVELS.get(bits)
    if level is None:
        bits = _by_years(case.birth, sighting.birth)
        level = level_of(bits)
    filed, told = written(case.birth), written(sighting.birth)
    both = written(vaguer(case.birth, sighting.birth)) if level == "same_month" else filed
    return Evidence(
        comparison="birth",
        level=level,
        weight_bits=bits,
        case_value=filed,
        sighting_value=told,
        reason=REASONS[level],
        params={
            "born": both,
            "told": told,
            "gap": lapse(gap_days(case.birth, sighting.birth)),
        },
    )


def weigh(filed: Span[N], told: Span[N]) -> N:
    """Bits for two dates of birth."""
    same = _same(filed, told)
    bits: N = where(same > 0, same, _by_years(filed, told))
    return bits


def _by_years(filed: Span[N], told: Span[N]) -> N:
    return date_ratio(filed, told, spread=SPREAD, chance=CHANCE, wrong=WRONG)


_LEVELS: Final = {SAME_DAY: "same_day", SAME_MONTH: "same_month"}


def _same(filed: Span[N], told: Span[N]) -> N:
    """Bits for the same day or month on both sides, 0 where it is neither."""
    touching = gap_days(filed, told) == 0
    widest = most(width_days(filed), width_days(told))
    bits: N = where(
        touching & (widest <= 1), SAME_DAY, where(touching & (widest <= 31), SAME_MONTH, 0.0)
    )
    return bits
