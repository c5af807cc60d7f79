"""Recognise the same picture posted again, whatever was done to its file."""

from typing import Final

import numpy as np
from PIL import Image

# Pairs at most this many bits apart are the same picture. Measured: see docs/photos.md.
SAME_PICTURE_BITS: Final = 8
# Standard deviation of the grey values, of 255, under which a picture shows nothing to compare.
_PLAIN_BELOW: Final = 4.0


def perceptual_hash(image: Image.Image) -> int | None:
    """A 64-bit hash of what an upright picture looks like, as a signed number (fits a bigint).

    None for a picture too plain to be told from another (a covered lens, a blank wall): all such
    would seem the same picture. Survives re-compression, resizing and a small mark, not cropping.
    """
    # Imported here: it brings SciPy, which only photo workers need in memory.
    import imagehash

    # Small first, so the hash of a photo and of its smaller copies are taken from the same pixels.
    grey = image.convert("L").resize((256, 256), Image.Resampling.BOX)
    if float(np.asarray(grey).std()) < _PLAIN_BELOW:
        return None
    bits = imagehash.phash(grey).hash.flatten()
    return int.from_bytes(np.packbits(bits).tobytes(), signed=True)


def hamming(a: int, b: int) -> int:
    """In how many of 64 bits two hashes differ."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
