"""Sex, for whole columns."""

import numpy as np

from searches.matching.batch.columns import Columns
from searches.matching.batch.pack import SEX
from searches.matching.compare import sex
from searches.matching.maths import Array
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    if sighting.sex not in sex.KNOWN:
        return None
    worth = np.zeros(len(SEX) + 1)
    for filed, code in SEX.items():
        worth[code] = sex.weigh(filed, sighting.sex, sighting.kind)
    return worth[columns.sex]
