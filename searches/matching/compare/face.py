"""Faces: the best pair of photos, never the sum, because several photos show one face."""

from math import isfinite
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.compare.picture import reposted
from searches.matching.maths import N
from searches.matching.phrases import DAYS_A_YEAR, lapse
from searches.matching.spans import YEAR, Span, elapsed_years
from searches.matching.types import (
    CaseProfile,
    Context,
    Evidence,
    Interval,
    Param,
    SightingProfile,
)

QUALITY_RANK: Final = {"good": 2, "usable": 1, "poor": 0}
YOUNG: Final = 7.0
"""Years of age below which a face engine trained on grown people is weak."""

REASONS: Final = {
    "very_alike": N_("The faces are very much alike (distance %(distance)s)."),
    "alike": N_("The faces are alike (distance %(distance)s)."),
    "little": N_("The faces are neither alike nor unlike (distance %(distance)s)."),
    "unlike": N_("The faces are not much alike (distance %(distance)s)."),
    "very_unlike": N_("The faces are quite unlike (distance %(distance)s)."),
    "reposted": N_("The face is in a re-posted notice, so that it counts for nothing."),
}
REASONS_APART: Final = {
    "very_alike": N_(
        "The faces are very much alike (distance %(distance)s), with %(span)s between the photos."
    ),
    "alike": N_("The faces are alike (distance %(distance)s), with %(span)s between the photos."),
    "little": N_(
        "The faces are neither alike nor unlike (distance %(distance)s), with %(span)s between the "
        "photos."
    ),
    "unlike": N_(
        "The faces are not much alike (distance %(distance)s), with %(span)s between the photos."
    ),
    "very_unlike": N_(
        "The faces are quite unlike (distance %(distance)s), with %(span)s between the photos."
    ),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: very_alike, alike, little, unlike, very_unlike, reposted (0 bits).

    A face in a copy of one of the case's public photos is left out; where a face does not tell
    its photo, it is left out as soon as the sighting brings any such copy.
    """
    model = context.face_model
    if model is None or not case.faces or not sighting.faces:
        return None
    copies = reposted(case.pictures, sighting.pictures)
    best: tuple[float, float, float | None] | None = None
    left_out = False
    for theirs in sighting.faces:
        if copies and (theirs.picture is None or theirs.picture in copies):
            left_out = True
            continue
        for mine in case.faces:
            if mine.vector.shape != theirs.vector.shape:
                continue
            distance = model.distance(mine, theirs)
            if distance is None or not isfinite(distance):
                continue
            taken = mine.taken or case.missing, theirs.taken or sighting.seen
            years = _years_apart(*taken)
            bits = model.bits(
                distance,
                years_apart=years,
                child=_young(case.birth, *taken),
                quality=min(mine.quality, theirs.quality, key=_rank),
            )
            if best is None or bits > best[0]:
                best = bits, distance, years
    if best is not None:
        return _evidence(*best)
    return _reposted() if left_out else None


def _rank(quality: str) -> int:
    return QUALITY_RANK.get(quality, 0)


def _years_apart(mine: Interval | None, theirs: Interval | None) -> float | None:
    """Years between the middles of two spans; None where either is unknown."""
    return None if mine is None or theirs is None else years_between(mine, theirs)


def years_between(one: Span[N], other: Span[N]) -> N:
    """Years between the middles of two spans."""
    return abs(one.start - other.start + one.end - other.end) / 2 / YEAR


def _young(birth: Interval | None, *taken: Interval | None) -> bool | None:
    """Whether either photo shows a young child; None where no photo can be dated."""
    if birth is None:
        return None
    ages = [elapsed_years(birth, span)[0] for span in taken if span is not None]
    return min(ages) < YOUNG if ages else None


def level_of(bits: float) -> str:
    """The level whose words fit the weight."""
    if bits >= 2:
        return "very_alike" if bits >= 7 else "alike"
    if bits > -1:
        return "little"
    return "unlike" if bits > -4 else "very_unlike"


def _evidence(bits: float, distance: float, years: float | None) -> Evidence:
    level = level_of(bits)
    params: dict[str, Param] = {"distance": f"{distance:.2f}"}
    told_apart = years is not None and years >= 1
    if years is not None and told_apart:
        params["span"] = lapse(years * DAYS_A_YEAR)
    return Evidence(
        comparison="face",
        level=level,
        weight_bits=bits,
        case_value="",
        sighting_value=f"{distance:.2f}",
        reason=(REASONS_APART if told_apart else REASONS)[level],
        params=params,
    )


def _reposted() -> Evidence:
    return Evidence(
        comparison="face",
        level="reposted",
        weight_bits=0.0,
        case_value="",
        sighting_value="",
        reason=REASONS["reposted"],
    )
