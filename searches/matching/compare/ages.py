"""What age and birth date have in common: how old children on file are, and honest error."""

from math import isfinite
from typing import Final

from searches.matching.maths import N, interpolate, log2
from searches.matching.spans import YEAR, Span, agreement_of_wide, widened

OLDEST: Final = 120.0

_AGES: Final = (0.0, 16.0, 25.0, 45.0, 70.0, OLDEST)
_AGE_DENSITY: Final = (0.040, 0.040, 0.010, 0.004, 0.001, 0.0005)
"""u: share of children on file per year of age at any one time. Expert prior: nearly two thirds
are still children, and those lost decades ago are looked for as grown people."""


def density_of_age(age: N) -> N:
    """Share of children on file who are `age` years old, per year of age."""
    return interpolate(age, _AGES, _AGE_DENSITY)


def likelihood_ratio(
    truth: tuple[N, N], told: tuple[N, N], *, spread: N | float, chance: N | float, wrong: float
) -> N:
    """log2 of m/u for a range of years told against the range that is true.

    m mixes honest errors (normal, `spread` years), 15 % gross ones three times as wide, and a
    share `wrong` of statements that have nothing to do with the truth; u is `chance` per year.
    The 15 % is an expert prior.
    """
    truth, told = widened(truth), widened(told)
    honest = 0.85 * agreement_of_wide(truth, told, spread)
    honest = honest + 0.15 * agreement_of_wide(truth, told, 3 * spread)
    return log2((1 - wrong) * honest / chance + wrong)


def date_ratio(
    filed: Span[N], told: Span[N], *, spread: N | float, chance: float, wrong: float
) -> N:
    """`likelihood_ratio` of one event's date on file, and as told here."""
    zero = filed.start

    def years(moment: N) -> N:
        return (moment - zero) / YEAR

    return likelihood_ratio(
        (years(filed.start), years(filed.end)),
        (years(told.start), years(told.end)),
        spread=spread,
        chance=chance,
        wrong=wrong,
    )


def sensible(low: float | None, high: float | None) -> tuple[float, float] | None:
    """An age range in years with its ends in order; None where nothing usable was told."""
    ends = [age for age in (low, high) if age is not None and isfinite(age) and 0 <= age <= OLDEST]
    return (min(ends), max(ends)) if ends else None


def level_of(bits: float) -> str:
    """fits, near, little, off or far, so that the words always agree with the sign."""
    if bits >= 1:
        return "fits"
    if bits >= 0.25:
        return "near"
    if bits > -0.5:
        return "little"
    return "off" if bits > -2.5 else "far"
