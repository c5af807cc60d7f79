"""Same pictures, for whole columns; and which cases' public pictures a sighting brings back."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from searches.matching.batch.columns import Columns
from searches.matching.batch.pack import picture_words
from searches.matching.compare import picture
from searches.matching.maths import Array
from searches.matching.types import Context, PicturePrint, SightingProfile

Cases: TypeAlias = NDArray[np.int32]


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    if not sighting.pictures or not len(columns.pictures.rows):
        return None
    bits = np.zeros(columns.size)
    for theirs, copied in zip(sighting.pictures, reposted(columns, sighting.pictures), strict=True):
        if theirs.was_public:
            continue
        away = _differences(columns, theirs)
        same = (away <= picture.SAME_WITHIN) & ~columns.pictures.public
        rows = columns.pictures.rows[same]
        new = ~np.isin(rows, copied)
        worth = np.full(len(rows), picture.WORTH[-1][1])
        for within, value in reversed(picture.WORTH):
            worth[away[same] <= within] = value
        np.maximum.at(bits, rows[new], worth[new])
    return bits


def reposted(columns: Columns, pictures: Sequence[PicturePrint]) -> list[Cases]:
    """For each picture of a sighting, the cases one of whose public pictures it copies."""
    return [
        np.unique(
            columns.pictures.rows[
                (_differences(columns, theirs) <= picture.REPOSTED_WITHIN) & columns.pictures.public
            ]
        )
        for theirs in pictures
    ]


def _differences(columns: Columns, theirs: PicturePrint) -> NDArray[np.int64]:
    """Differing bits of every picture on file, none of which is blank."""
    if picture.is_blank(theirs.phash):
        return np.full(len(columns.pictures.rows), picture.HASH_BITS)
    words = np.array(picture_words(theirs.phash), dtype=np.uint64)
    differing = np.bitwise_count(columns.pictures.hashes ^ words)
    away: NDArray[np.int64] = np.add.reduce(differing, axis=1, dtype=np.int64)
    return away
