"""Turn an accepted file into plain pixels: upright, 8 bits, sRGB, no transparency."""

import io
from typing import Final

import numpy as np
from PIL import ExifTags, Image, ImageCms

from casemgr.platform.images.inspection import inspect, open_image
from casemgr.platform.images.refusal import ImageRefused

_WHITE: Final = (255, 255, 255)
_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# A camera's colour profile has a few kilobytes, a printer's up to two megabytes.
_MAX_PROFILE_BYTES: Final = 4 * 1024 * 1024


def decode(data: bytes, *, long_edge: int | None = None) -> Image.Image:
    """Decode to an upright 8-bit sRGB image whose longer side is at most `long_edge` pixels.

    Inspects first, so nothing is decoded that `inspect` would refuse. With `long_edge` a JPEG is
    scaled while it is decoded, and colours are converted after shrinking: far less time and memory
    than decoding in full. The result carries no metadata. Raises `ImageRefused`.
    """
    facts = inspect(data)
    with open_image(data, facts.format) as image:
        try:
            if long_edge is not None:
                image.draft(None, _fitted(image.size, long_edge))
            image.load()
            return _plain(image, long_edge)
        except MemoryError:
            raise  # met by the darkroom's limit: too costly, not broken
        except Exception as error:
            # Decoders raise whatever broken data leads them to (OS, value, struct, EOF errors).
            raise ImageRefused("unreadable", repr(error)) from error


def shrink(image: Image.Image, long_edge: int) -> Image.Image:
    """A copy whose longer side is at most `long_edge` pixels; never enlarges."""
    size = _fitted(image.size, long_edge)
    if size == image.size:
        return image.copy()
    # Boxes first, then Lanczos from at least three times the size: as good to the eye, and quick.
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _fitted(size: tuple[int, int], long_edge: int) -> tuple[int, int]:
    longest = max(size)
    if longest <= long_edge:
        return size
    width, height = (max(1, round(side * long_edge / longest)) for side in size)
    return width, height


def _plain(image: Image.Image, long_edge: int | None) -> Image.Image:
    profile = image.info.get("icc_profile")
    turn = _turn(image)
    pixels = _workable(image)
    if long_edge is not None:
        pixels = shrink(pixels, long_edge)
    if pixels.mode == "RGBA":
        pixels = _on_white(pixels)
    pixels = _to_srgb(pixels, profile)
    return _upright(pixels, turn)


def _turn(image: Image.Image) -> int:
    """The EXIF orientation; 1 (upright) where there is none, or none that can be read.

    A HEIC has been turned by its container's own word, and pillow-heif says 1 of it.
    """
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        # A broken EXIF block must not cost the picture.
        return 1


def _workable(image: Image.Image) -> Image.Image:
    """The same pixels as L, RGB, RGBA or CMYK, which can be scaled without changing colours."""
    if image.mode in ("L", "RGB", "RGBA", "CMYK"):
        if "transparency" in image.info:
            return image.convert("RGBA")
        return image
    if image.mode.startswith("I"):
        # 16-bit grey: Pillow's own conversion would clip to white instead of scaling.
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "P" and "transparency" not in image.info:
        return image.convert("RGB")
    return image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    flat = Image.new("RGB", image.size, _WHITE)
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by the file's own colour profile; a broken or unfitting one is passed over."""
    if profile and len(profile) <= _MAX_PROFILE_BYTES:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(image: Image.Image, turn: int) -> Image.Image:
    """Apply an EXIF orientation (1 to 8, anything else means upright) and shed what clings."""
    method = _TURNS.get(turn)
    upright = image.transpose(method) if method is not None else image
    upright.info = {}
    return upright
