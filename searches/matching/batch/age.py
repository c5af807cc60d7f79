"""Apparent age, for whole columns."""

import numpy as np

from searches.matching.batch.columns import Columns, Moment
from searches.matching.compare import age
from searches.matching.compare.ages import sensible
from searches.matching.maths import Array, most
from searches.matching.spans import elapsed_years
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    told = sensible(sighting.apparent_age_min, sighting.apparent_age_max)
    if told is None or sighting.seen is None or sighting.birth is not None:
        return None
    youngest, oldest = elapsed_years(columns.birth, Moment.of(sighting.seen))
    born = oldest >= 0
    truth: tuple[Array, Array] = most(youngest, 0.0), np.where(born, oldest, 0.0)
    seen_as = np.array([told[0]]), np.array([told[1]])
    bits = age.weigh(truth, seen_as, np.array([age.CLOSER.get(sighting.kind, 1.0)]))
    return columns.birth.spread(np.where(born, bits, 0.0))
