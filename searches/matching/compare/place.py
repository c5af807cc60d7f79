"""Where the child was seen, by what was reachable in the time since; never a filter."""

from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.compare.places import FOUND_AFTER_DAYS, found_bits
from searches.matching.maths import N, Truth
from searches.matching.phrases import distance, lapse
from searches.matching.spans import elapsed_days
from searches.matching.spots import apart, shown
from searches.matching.types import CaseProfile, Context, Evidence, Param, SightingProfile

HEAD_START_KM: Final = 80.0
FASTEST_KM_H: Final = 300.0
"""Nobody takes a child further than this in the first days: the speed of the fastest trains, and a
start for places told loosely. A flight with a stolen child is left to the finite weight."""
WATCHED_HOURS: Final = 48.0
UNREACHABLE: Final = -10.0
"""Bits beyond that reach. Expert prior: one time or place in a thousand is told that wrongly."""
UNDATED_DAYS: Final = FOUND_AFTER_DAYS[3]
"""Where a date is missing, places are weighed as after five years: they say little."""

REASONS: Final = {
    "near": N_("About %(km)s apart, %(span)s later. That is near."),
    "reachable": N_("About %(km)s apart, %(span)s later. That can well be."),
    "little": N_("About %(km)s apart after %(span)s. That says little."),
    "far": N_("About %(km)s apart after only %(span)s. That is far."),
    "unreachable": N_(
        "About %(km)s apart within %(span)s. Nobody gets that far so fast, unless a time or a "
        "place is wrong."
    ),
}
UNDATED: Final = {
    "near": N_("About %(km)s apart, with no dates to go by. That is near."),
    "reachable": N_("About %(km)s apart, with no dates to go by. That can well be."),
    "little": N_("About %(km)s apart, with no dates to go by. That says little."),
    "far": N_("About %(km)s apart, with no dates to go by. That is far."),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: near, reachable, little, far, unreachable."""
    if case.missing_from is None or sighting.place is None:
        return None
    gap = apart(case.missing_from, sighting.place)
    if gap is None:
        return None
    _, likely, least = gap
    days, hours_at_most = UNDATED_DAYS, float("inf")
    dated = case.missing is not None and sighting.seen is not None
    if case.missing is not None and sighting.seen is not None:
        shortest, longest = elapsed_days(case.missing, sighting.seen)
        if longest < 0:
            return None
        days, hours_at_most = (max(0.0, shortest) + longest) / 2, longest * 24
    if out_of_reach(least, hours_at_most):
        level, bits = "unreachable", UNREACHABLE
    else:
        bits = found_bits(likely, days)
        level = level_of(bits)
    params: dict[str, Param] = {"km": distance(max(1.0, likely))}
    if dated:
        params["span"] = lapse(days)
    return Evidence(
        comparison="place",
        level=level,
        weight_bits=bits,
        case_value=shown(case.missing_from),
        sighting_value=shown(sighting.place),
        reason=(REASONS if dated else UNDATED)[level],
        params=params,
    )


def out_of_reach(least_km: N, hours_at_most: N) -> Truth:
    """Whether nobody gets that far in that time; only asked of the first two days."""
    soon = hours_at_most < WATCHED_HOURS
    return soon & (least_km > HEAD_START_KM + FASTEST_KM_H * hours_at_most)


def level_of(bits: float) -> str:
    """The level whose words fit the weight."""
    if bits >= 2.5:
        return "near"
    if bits >= 0.7:
        return "reachable"
    return "little" if bits > -1 else "far"
