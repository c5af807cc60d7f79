"""Where the child was seen, for whole columns."""

import numpy as np

from searches.matching.batch.columns import Columns, Moment
from searches.matching.batch.spots import apart
from searches.matching.compare import place
from searches.matching.compare.places import age_of, found_bits_by_age
from searches.matching.maths import Array, most
from searches.matching.spans import elapsed_days
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    found = apart(columns.spot, sighting.place)
    if found is None:
        return None
    likely, least = found
    days, hours, too_early = _lapses(columns, sighting)
    by_age = found_bits_by_age(likely)
    at = age_of(days)
    index = np.minimum(at.astype(np.intp), by_age.shape[1] - 2)
    part = at - index
    known = np.flatnonzero((columns.spot.codes > 0) & ~too_early[columns.missing.codes])
    spot, lapse = columns.spot.codes[known] - 1, columns.missing.codes[known]
    earlier, later = by_age[spot, index[lapse]], by_age[spot, index[lapse] + 1]
    bits = earlier + part[lapse] * (later - earlier)
    far = place.out_of_reach(least[spot], hours[lapse])
    weights = np.zeros(columns.size)
    weights[known] = np.where(far, place.UNREACHABLE, bits)
    return weights


def _lapses(
    columns: Columns, sighting: SightingProfile
) -> tuple[Array, Array, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """By code of `columns.missing`: days since, hours at most, and whether seen before that."""
    count = len(columns.missing.start) + 1
    days, hours = np.full(count, place.UNDATED_DAYS), np.full(count, np.inf)
    too_early = np.zeros(count, dtype=np.bool_)
    if sighting.seen is not None:
        shortest, longest = elapsed_days(columns.missing, Moment.of(sighting.seen))
        days[1:] = (most(shortest, 0.0) + longest) / 2
        hours[1:] = longest * 24
        too_early[1:] = longest < 0
    return days, hours, too_early
