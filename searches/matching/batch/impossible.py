"""What cannot be, for whole columns."""

import numpy as np

from searches.matching.batch.columns import Columns, Moment
from searches.matching.compare.impossible import not_born_bits, not_missing_bits
from searches.matching.maths import Array
from searches.matching.spans import elapsed_days
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    if sighting.seen is None:
        return None
    seen = Moment.of(sighting.seen)
    not_born = not_born_bits(-elapsed_days(columns.birth, seen)[1])
    not_missing = not_missing_bits(-elapsed_days(columns.missing, seen)[1])
    born = columns.birth.spread(not_born)
    return np.where(born != 0, born, columns.missing.spread(not_missing))
