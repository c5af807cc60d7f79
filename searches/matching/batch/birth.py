"""Birth dates, for whole columns."""

from searches.matching.batch.columns import Columns, Moment
from searches.matching.compare import birth
from searches.matching.maths import Array
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    if sighting.birth is None:
        return None
    return columns.birth.spread(birth.weigh(columns.birth, Moment.of(sighting.birth)))
