"""Build the pictures that people see, from pixels alone."""

import io
from typing import Final, Literal

from PIL import Image

from casemgr.platform.images.decoding import shrink

Derivative = Literal["reviewer", "public", "thumb"]

# Longer sides in pixels. The public one is small on purpose (trust.md T3).
LONG_EDGES: Final[dict[Derivative, int]] = {"reviewer": 1024, "public": 640, "thumb": 240}
_QUALITY: Final = 85


def rebuild(image: Image.Image, long_edge: int) -> bytes:
    """A new JPEG of at most `long_edge` pixels, made of nothing but the pixels of an RGB image.

    The image passes through raw bytes, so no comment, EXIF, XMP, IPTC, colour profile or thumbnail
    of any input can survive; saving a Pillow image anew would keep a JPEG's comment.
    """
    if image.mode != "RGB":
        raise ValueError(f"rebuild takes RGB pixels, not {image.mode}")
    fitted = shrink(image, long_edge)
    bare = Image.frombytes("RGB", fitted.size, fitted.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY, subsampling="4:2:0", progressive=True)
    return out.getvalue()
