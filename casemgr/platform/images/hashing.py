"""Recognise the same picture posted again, whatever was done to its file."""

from typing import Final

import numpy as np
from PIL import Image

_SIDE: Final = 16
HASH_BITS: Final = _SIDE * _SIDE
# Pairs at most this many bits apart are the same picture. Measured: see docs/photos.md.
SAME_PICTURE_BITS: Final = 32
# Standard deviation of the grey values, of 255, under which a picture shows nothing to compare.
_PLAIN_BELOW: Final = 4.0


def perceptual_hash(image: Image.Image) -> int | None:
    """A hash of what an upright picture looks like: a number of `HASH_BITS` bits, not negative.

    The usual 64 bits tell scenes apart, but not portraits, which share one layout. None for a
    picture too plain to be told from another (a covered lens, a blank wall). Survives
    re-compression, resizing and a small mark, not cropping.
    """
    # Imported here: it brings SciPy, which only photo workers need in memory.
    import imagehash

    # Small first, so the hash of a photo and of its smaller copies are taken from the same pixels.
    grey = image.convert("L").resize((256, 256), Image.Resampling.BOX)
    if float(np.asarray(grey).std()) < _PLAIN_BELOW:
        return None
    bits = imagehash.phash(grey, hash_size=_SIDE).hash.flatten()
    return int.from_bytes(np.packbits(bits).tobytes())


def hamming(a: int, b: int) -> int:
    """In how many bits two hashes differ."""
    return (a ^ b).bit_count()
