"""Ethnic groups, for whole columns."""

from searches.matching.batch.columns import Columns
from searches.matching.batch.pack import text_of
from searches.matching.compare import ethnicity
from searches.matching.maths import Array
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    seen = ethnicity.group_of(sighting.ethnicity)
    if not seen:
        return None
    return columns.ethnicity.spread(
        lambda label: ethnicity.weigh(text_of(label), seen)[1] if label else 0.0
    )
