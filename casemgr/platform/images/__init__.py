"""Photos from strangers, made safe: check, decode, rebuild from pixels, hash.

`inspect` at the door (cheap, decodes nothing), `develop` in the worker. docs/photos.md tells the
whole way of a photo.
"""

from dataclasses import dataclass

from PIL import Image

from casemgr.platform.images import darkroom
from casemgr.platform.images.darkroom import DarkroomLost
from casemgr.platform.images.decoding import decode, shrink
from casemgr.platform.images.hashing import HASH_BITS, SAME_PICTURE_BITS, hamming, perceptual_hash
from casemgr.platform.images.inspection import ImageFacts, inspect
from casemgr.platform.images.metadata import PhotoMetadata, metadata
from casemgr.platform.images.rebuilding import LONG_EDGES, Derivative, rebuild
from casemgr.platform.images.refusal import CODES, MAX_BYTES, MAX_PIXELS, Code, ImageRefused

__all__ = [
    "CODES",
    "HASH_BITS",
    "LONG_EDGES",
    "MAX_BYTES",
    "MAX_PIXELS",
    "SAME_PICTURE_BITS",
    "Code",
    "DarkroomLost",
    "Derivative",
    "Developed",
    "ImageFacts",
    "ImageRefused",
    "PhotoMetadata",
    "decode",
    "develop",
    "hamming",
    "inspect",
    "metadata",
    "perceptual_hash",
    "rebuild",
    "shrink",
]


@dataclass(frozen=True, slots=True)
class Developed:
    """All that a worker needs of one photo.

    `working` is the upright RGB image of at most 1,024 pixels in which faces are looked for.
    """

    working: Image.Image
    derivatives: dict[Derivative, bytes]
    perceptual_hash: int | None
    metadata: PhotoMetadata


def develop(data: bytes) -> Developed:
    """Decode a photo once, in a process apart, and make everything else from its 1,024-pixel copy.

    Raises `ImageRefused`, also for what `inspect` let through and the decoder could not read;
    `DarkroomLost` where nothing is said of the photo, and another try may do.
    """
    working, claims = darkroom.decode(data)
    return Developed(
        working=working,
        derivatives={kind: rebuild(working, edge) for kind, edge in LONG_EDGES.items()},
        perceptual_hash=perceptual_hash(working),
        metadata=claims,
    )
