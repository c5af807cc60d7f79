"""Decide from a file's first bytes and structure whether it may be decoded at all."""

import io
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import Image

from casemgr.platform.images.containers import Format, read_header
from casemgr.platform.images.refusal import MAX_BYTES, MAX_PIXELS, MAX_WEBP_PIXELS, ImageRefused

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)

# Our own cap comes first (Pillow says nothing of 89 million pixels); this is the second line.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """A file that may be decoded; width and height as stored, before it is turned upright."""

    format: Format
    width: int
    height: int


def inspect(data: bytes) -> ImageFacts:
    """Check size, format, structure, pixels and frames of a whole file without decoding it.

    Raises `ImageRefused` with the first thing found wrong. Costs a few milliseconds and no more
    memory than the file itself.
    """
    if not data:
        raise ImageRefused("empty")
    if len(data) > MAX_BYTES:
        raise ImageRefused("too_large")
    header = read_header(data)
    limit = MAX_WEBP_PIXELS if header.format == "WEBP" else MAX_PIXELS
    if header.width * header.height > limit:
        raise ImageRefused("too_many_pixels", pixels=limit)
    with open_image(data, header.format) as image:
        if header.format == "HEIF":
            if getattr(image, "n_frames", 1) > 1:
                raise ImageRefused("animated")
            if image.width * image.height > MAX_PIXELS:
                raise ImageRefused("too_many_pixels")
        elif image.size != (header.width, header.height):
            # Two readers that disagree on the size: one of them is being lied to.
            raise ImageRefused("unreadable", "the decoder reads another size")
        return ImageFacts(header.format, *image.size)


def open_image(data: bytes, image_format: Format) -> Image.Image:
    """Open, without decoding, as that one format and no other; the caller closes it."""
    try:
        return Image.open(io.BytesIO(data), formats=[image_format])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused("too_many_pixels", str(error)) from error
    except Exception as error:
        # Plugins raise whatever a broken header leads them to (struct, index, value, OS errors).
        raise ImageRefused("unreadable", repr(error)) from error
