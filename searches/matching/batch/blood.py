"""Blood types, for whole columns."""

from searches.matching.batch.columns import Columns
from searches.matching.batch.pack import blood_of
from searches.matching.compare import blood
from searches.matching.maths import Array
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    seen = blood.parse(sighting.blood_type)
    if seen is None:
        return None

    def worth(label: bytes) -> float:
        return blood.weigh(*blood_of(label), seen, sighting.kind)[1] if label else 0.0

    return columns.blood.spread(worth)
