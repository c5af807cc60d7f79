"""When and where a grown child or an institution says it began, against the family's account."""

from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.compare.ages import date_ratio, level_of
from searches.matching.compare.places import remembered_bits
from searches.matching.maths import N, most, where
from searches.matching.phrases import distance, lapse
from searches.matching.spans import Span, gap_days, vaguer, width_days, written
from searches.matching.spots import apart, shown
from searches.matching.types import CaseProfile, Context, Evidence, SightingProfile

SPREAD: Final = {"institution": 0.4}
REMEMBERED_SPREAD: Final = 1.3
"""Standard deviation, in years, of the date told: of admission, and out of a child's memory.
Expert prior."""
CHANCE: Final = 1 / 30
"""u: children on file lost per year; cases reach back some thirty years. Expert prior."""
WRONG: Final = 0.03
SAME_DAYS: Final = 7.0
SAME_DAYS_WITHIN: Final = 3.0
SAME_MONTH: Final = 4.5
"""Bits for dates within three days, and for the same month, both told that precisely. Expert
prior: the plain ratio of 10 and 6 bits, held down because notices give the date away."""

WHEN: Final = {
    "same_days": N_("Lost on %(case)s by the family's account, on %(told)s by this one."),
    "same_month": N_("Both say it was in %(case)s."),
    "fits": N_("Lost %(case)s by the family's account, %(told)s by this one. That fits."),
    "near": N_("Lost %(case)s by the family's account, %(told)s by this one. Near enough."),
    "little": N_(
        "Lost %(case)s by the family's account, %(told)s by this one. Memories of dates are weak; "
        "that says little."
    ),
    "off": N_(
        "Lost %(case)s by the family's account, %(told)s by this one: %(gap)s apart. That counts "
        "against."
    ),
    "far": N_(
        "Lost %(case)s by the family's account, %(told)s by this one: %(gap)s apart. That does "
        "not fit."
    ),
}
WHERE: Final = {
    "near": N_("The place remembered is about %(km)s from where the child was lost. That is near."),
    "region": N_(
        "The place remembered is about %(km)s from where the child was lost: the same region."
    ),
    "little": N_(
        "The place remembered is about %(km)s from where the child was lost. That says little."
    ),
    "far": N_("The place remembered is about %(km)s from where the child was lost. That is far."),
}


def compare_when(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: same_days, same_month, fits, near, little, off, far."""
    if case.missing is None or sighting.separated is None:
        return None
    spread = SPREAD.get(sighting.kind, REMEMBERED_SPREAD)
    bits = _same(case.missing, sighting.separated)
    level = _LEVELS.get(bits)
    if level is None:
        bits = _by_years(case.missing, sighting.separated, spread)
        level = level_of(bits)
    filed, told = written(case.missing), written(sighting.separated)
    both = written(vaguer(case.missing, sighting.separated)) if level == "same_month" else filed
    return Evidence(
        comparison="separated",
        level=level,
        weight_bits=bits,
        case_value=filed,
        sighting_value=told,
        reason=WHEN[level],
        params={
            "case": both,
            "told": told,
            "gap": lapse(gap_days(case.missing, sighting.separated)),
        },
    )


def compare_where(
    case: CaseProfile, sighting: SightingProfile, context: Context
) -> Evidence | None:
    """Levels: near, region, little, far."""
    if case.missing_from is None or sighting.separated_from is None:
        return None
    gap = apart(case.missing_from, sighting.separated_from)
    if gap is None:
        return None
    likely = gap[1]
    bits = remembered_bits(likely)
    level = "near" if bits >= 3 else "region" if bits >= 0.7 else "little" if bits > -1 else "far"
    return Evidence(
        comparison="separated_from",
        level=level,
        weight_bits=bits,
        case_value=shown(case.missing_from),
        sighting_value=shown(sighting.separated_from),
        reason=WHERE[level],
        params={"km": distance(max(1.0, likely))},
    )


def weigh(missing: Span[N], told: Span[N], spread: N | float) -> N:
    """Bits for two dates of the loss, the one told being off by `spread` years."""
    same = _same(missing, told)
    bits: N = where(same > 0, same, _by_years(missing, told, spread))
    return bits


def _by_years(missing: Span[N], told: Span[N], spread: N | float) -> N:
    return date_ratio(missing, told, spread=spread, chance=CHANCE, wrong=WRONG)


_LEVELS: Final = {SAME_DAYS: "same_days", SAME_MONTH: "same_month"}


def _same(missing: Span[N], told: Span[N]) -> N:
    """Bits for the same days or month on both sides, 0 where it is neither."""
    widest = most(width_days(missing), width_days(told))
    gap = gap_days(missing, told)
    bits: N = where(
        (widest <= 2) & (gap <= SAME_DAYS_WITHIN),
        SAME_DAYS,
        where((widest <= 31) & (gap == 0), SAME_MONTH, 0.0),
    )
    return bits
