"""Clothes, for whole columns: looked at one outfit after the other, because two months after the
loss they say nothing, so that few cases are left."""

import numpy as np

from searches.matching.batch.columns import Columns, Moment
from searches.matching.batch.pack import outfit_of
from searches.matching.compare import clothing
from searches.matching.maths import Array, most
from searches.matching.spans import elapsed_days
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    worn = clothing.garments(sighting.clothing, sighting.description)
    if sighting.seen is None or not worn:
        return None
    shortest, longest = elapsed_days(columns.missing, Moment.of(sighting.seen))
    days = (most(shortest, 0.0) + longest) / 2
    kept = columns.missing.spread(np.where(longest < 0, 0.0, clothing.freshness(days)))
    fresh = np.flatnonzero(kept)
    outfits, which = np.unique(columns.outfit.codes[fresh], return_inverse=True)
    worth = np.zeros(len(outfits))
    for number, code in enumerate(outfits.tolist()):
        filed = outfit_of(columns.outfit.labels[code])
        if filed:
            worth[number] = clothing.weigh(filed, worn, context)[1]
    weights = np.zeros(columns.size)
    weights[fresh] = worth[which] * kept[fresh]
    return weights
