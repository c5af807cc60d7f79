"""Height, for whole columns."""

import numpy as np

from searches.matching.batch.columns import Columns, Moment
from searches.matching.batch.pack import SEX
from searches.matching.compare import height
from searches.matching.compare.growth import height_at
from searches.matching.maths import Array
from searches.matching.spans import elapsed_years
from searches.matching.types import Context, SightingProfile

_SEXES = ("", *SEX)


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    told = height.told_by(sighting)
    if told is None or sighting.seen is None:
        return None
    youngest, oldest = elapsed_years(columns.birth, Moment.of(sighting.seen))
    born = oldest >= 0
    oldest = np.where(born, oldest, 0.0)
    known = np.flatnonzero(columns.birth.spread(born.astype(np.float64)))
    birth, sex = columns.birth.codes[known] - 1, columns.sex[known]
    usual = np.empty((3, len(_SEXES), len(oldest)))
    for code, name in enumerate(_SEXES):
        age, usual[2, code] = height.grown(youngest, oldest, name)
        usual[:2, code] = height_at(age, name)
    median, spread, drift = usual[:, sex, birth]
    expected, spread = height.expect(median, spread, columns.score[known])
    weights = np.zeros(columns.size)
    weights[known] = height.weigh(told, expected, spread, drift)
    return weights
