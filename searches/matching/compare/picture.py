"""The same picture on both sides, told by a perceptual hash; and notices posted back at us."""

from collections.abc import Sequence
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.types import (
    CaseProfile,
    Context,
    Evidence,
    PicturePrint,
    SightingProfile,
)

HASH_BITS: Final = 256
WORTH: Final = ((16, 16.0), (32, 10.0))
"""Differing bits of 256, up to which, and what that is worth. Measured on drawn portraits
(docs/photos.md): of re-compressed, shrunk and marked copies 99.5 % are within 32, and of 19,900
pairs of different people none within 41. Held down to what a slip in handling photos allows."""
SAME_WITHIN: Final = WORTH[-1][0]
REPOSTED_WITHIN: Final = 38
"""A copy of a notice is recognised a little more freely than evidence is granted."""
FEWEST_BITS: Final = 24
"""A hash with fewer ones (or zeroes) comes from a blank picture and meets any other blank one."""

REASONS: Final = {
    "same": N_("The same photo is on both sides, and it was never public."),
    "near": N_("Nearly the same photo is on both sides, and it was never public."),
    "reposted": N_(
        "Re-posted notice: this photo of the child is or was public, so that anybody could have "
        "sent it. It counts for nothing."
    ),
}


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: same, near (both only between photos never public), reposted (0 bits).

    Different pictures say nothing: a child has many photos.
    """
    if not case.pictures or not sighting.pictures:
        return None
    copies = reposted(case.pictures, sighting.pictures)
    apart = min(
        (
            difference(mine, theirs)
            for theirs in sighting.pictures
            if not theirs.was_public and theirs not in copies
            for mine in case.pictures
            if not mine.was_public
        ),
        default=HASH_BITS,
    )
    if apart <= SAME_WITHIN:
        level = "same" if apart <= WORTH[0][0] else "near"
        return _evidence(level, next(bits for within, bits in WORTH if apart <= within), apart)
    if copies:
        return _evidence("reposted", 0.0, None)
    return None


def reposted(
    filed: Sequence[PicturePrint], seen: Sequence[PicturePrint]
) -> tuple[PicturePrint, ...]:
    """Those pictures of a sighting that copy one of the case's public pictures."""
    public = [picture for picture in filed if picture.was_public]
    return tuple(
        theirs
        for theirs in seen
        if any(difference(mine, theirs) <= REPOSTED_WITHIN for mine in public)
    )


def difference(first: PicturePrint, second: PicturePrint) -> int:
    """Differing bits of two hashes; all of them where either picture is blank."""
    if is_blank(first.phash) or is_blank(second.phash):
        return HASH_BITS
    return ((first.phash ^ second.phash) & _MASK).bit_count()


_MASK: Final = (1 << HASH_BITS) - 1


def is_blank(phash: int) -> bool:
    """Whether a hash comes from a picture without anything in it."""
    return not FEWEST_BITS <= (phash & _MASK).bit_count() <= HASH_BITS - FEWEST_BITS


def _evidence(level: str, bits: float, apart: int | None) -> Evidence:
    return Evidence(
        comparison="picture",
        level=level,
        weight_bits=bits,
        case_value="",
        sighting_value="" if apart is None else f"{apart}/{HASH_BITS}",
        reason=REASONS[level],
    )
