"""Faces, for whole columns: the best pair of prints speaks for a case."""

import numpy as np

from searches.matching.batch.columns import Columns, Faces, Flags, Moment
from searches.matching.batch.picture import Cases, reposted
from searches.matching.compare.face import QUALITY_RANK, YOUNG, years_between
from searches.matching.faces import QUALITY_WEIGHT
from searches.matching.maths import Array
from searches.matching.spans import elapsed_years
from searches.matching.types import Context, FaceModel, FacePrint, SightingProfile

_QUALITY = np.array(
    [QUALITY_WEIGHT[quality] for quality in sorted(QUALITY_RANK, key=QUALITY_RANK.__getitem__)]
)


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    model = context.face_model
    if model is None or not sighting.faces or not columns.faces:
        return None
    copied = reposted(columns, sighting.pictures)
    best = np.full(columns.size, -np.inf)
    for theirs in sighting.faces:
        if theirs.engine != model.engine:
            continue
        left_out = _left_out(theirs, sighting, copied)
        for faces in columns.faces:
            if faces.engine == model.engine and faces.vectors.shape[1:] == theirs.vector.shape:
                bits = _bits(columns, faces, theirs, sighting, model)
                new = ~np.isnan(bits) & ~np.isin(faces.rows, left_out)
                np.maximum.at(best, faces.rows[new], bits[new])
    return np.where(np.isneginf(best), 0.0, best)


def _left_out(theirs: FacePrint, sighting: SightingProfile, copied: list[Cases]) -> Cases:
    """Cases for which the face is in a re-posted notice, or may be."""
    notices = [
        cases
        for picture, cases in zip(sighting.pictures, copied, strict=True)
        if theirs.picture is None or theirs.picture == picture
    ]
    return np.concatenate(notices) if notices else np.empty(0, np.int32)


def _bits(
    columns: Columns,
    faces: Faces,
    theirs: FacePrint,
    sighting: SightingProfile,
    model: FaceModel,
) -> Array:
    """Bits of every print on file; NaN where it cannot be compared."""
    distances = model.distances(faces.vectors, theirs.vector)
    taken = theirs.taken or sighting.seen
    years, age = np.full(len(distances), np.nan), faces.age
    if taken is not None:
        years = years_between(faces, Moment.of(taken))
        ages = columns.birth.spread(elapsed_years(columns.birth, Moment.of(taken))[0], np.nan)
        age = np.fmin(age, ages[faces.rows])
    grown: Flags = age >= YOUNG
    quality = np.minimum(faces.quality, QUALITY_RANK.get(theirs.quality, 0))
    finite = np.isfinite(distances)
    bits = np.full(len(distances), np.nan)
    bits[finite] = model.column_bits(
        distances[finite],
        years_apart=years[finite],
        grown=grown[finite],
        quality=_QUALITY[quality[finite]],
    )
    return bits
