"""What cannot be: born after the sighting, seen before going missing. Shown, never filtered.

A date may have been written down wrongly, so the weight is heavy but finite, and reviewers see it.
"""

from math import inf
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.maths import N, where
from searches.matching.phrases import lapse
from searches.matching.spans import elapsed_days, written, years_written
from searches.matching.types import CaseProfile, Context, Evidence, Interval, SightingProfile

NOT_BORN: Final = -16.0
"""Bits where the child was born more than BIRTH_SLACK days after the sighting. One pair in 60,000
with such dates is the same child all the same (expert prior on wrong dates)."""
BIRTH_SLACK: Final = 40.0
"""Days by which birth dates differ harmlessly: a lunar date taken for a solar one."""
ALMOST_BORN: Final = -6.0
NOT_MISSING: Final = ((2.0, -3.0), (60.0, -8.0), (inf, -14.0))
"""Days seen too early, up to which, and the bits. Expert prior: a day or two is a slip or a child
last seen by others; two months and more is another child or a wrong year."""

BORN_LATER: Final = N_("Born in %(born)s, seen in %(seen)s. That cannot be.")
BORN_JUST_LATER: Final = N_("Born %(gap)s after the sighting, going by the dates. Please check.")
SEEN_EARLIER: Final = N_(
    "Seen on %(seen)s, %(gap)s before the child went missing. Unless a date is wrong, that "
    "cannot be."
)


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: not_born, almost_born, not_missing. Nothing where the dates can be true together."""
    if sighting.seen is None:
        return None
    return _not_born(case.birth, sighting.seen) or _not_missing(case.missing, sighting.seen)


def _not_born(birth: Interval | None, seen: Interval) -> Evidence | None:
    if birth is None:
        return None
    too_early = -elapsed_days(birth, seen)[1]
    bits = not_born_bits(too_early)
    if bits == 0:
        return None
    plain = bits == NOT_BORN
    return Evidence(
        comparison="impossible",
        level="not_born" if plain else "almost_born",
        weight_bits=bits,
        case_value=written(birth),
        sighting_value=written(seen),
        reason=BORN_LATER if plain else BORN_JUST_LATER,
        params={
            "born": years_written(birth),
            "seen": years_written(seen),
            "gap": lapse(too_early),
        },
    )


def _not_missing(missing: Interval | None, seen: Interval) -> Evidence | None:
    if missing is None:
        return None
    too_early = -elapsed_days(missing, seen)[1]
    bits = not_missing_bits(too_early)
    if bits == 0:
        return None
    return Evidence(
        comparison="impossible",
        level="not_missing",
        weight_bits=bits,
        case_value=written(missing),
        sighting_value=written(seen),
        reason=SEEN_EARLIER,
        params={"seen": written(seen), "gap": lapse(too_early)},
    )


def not_born_bits(days_early: N) -> N:
    """Bits for being seen that long before birth; 0 for no days or fewer."""
    bits: N = where(days_early > BIRTH_SLACK, NOT_BORN, where(days_early > 0, ALMOST_BORN, 0.0))
    return bits


def not_missing_bits(days_early: N) -> N:
    """Bits for being seen that long before going missing; 0 for no days or fewer."""
    bits: N = where(days_early > 0, NOT_MISSING[-1][1], 0.0)
    for days, weight in reversed(NOT_MISSING[:-1]):
        bits = where((days_early > 0) & (days_early <= days), weight, bits)
    return bits
