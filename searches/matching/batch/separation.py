"""When and where it began, for whole columns."""

import numpy as np

from searches.matching.batch.columns import Columns, Moment
from searches.matching.batch.spots import apart
from searches.matching.compare import separation
from searches.matching.compare.places import remembered_bits
from searches.matching.maths import Array
from searches.matching.types import Context, SightingProfile


def weights_when(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    if sighting.separated is None:
        return None
    spread = separation.SPREAD.get(sighting.kind, separation.REMEMBERED_SPREAD)
    told = Moment.of(sighting.separated)
    return columns.missing.spread(separation.weigh(columns.missing, told, spread))


def weights_where(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    found = apart(columns.spot, sighting.separated_from)
    if found is None:
        return None
    likely, _ = found
    return np.concatenate(([0.0], remembered_bits(likely)))[columns.spot.codes]
