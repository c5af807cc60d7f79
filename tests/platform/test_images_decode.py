"""Every accepted photo becomes upright 8-bit sRGB pixels."""

import io
import os
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from casemgr.platform.images import ImageRefused, decode, develop, shrink
from tests.platform import hostile

Make = Callable[[], bytes]
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quarters(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours at the middle of the four quarters, each channel rounded to 0 or 255."""
    width, height = image.size
    places = ((1, 1), (3, 1), (1, 3), (3, 3))
    seen = (colour(image, width * x // 4, height * y // 4) for x, y in places)
    return [tuple(255 * (channel > 127) for channel in each) for each in seen]


def colour(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    seen = image.getpixel((x, y))
    assert isinstance(seen, tuple)
    return seen


def close(image: Image.Image, other: Image.Image, tolerance: float) -> bool:
    first, second = (np.asarray(each, dtype=np.float32) for each in (image, other))
    return first.shape == second.shape and float(np.abs(first - second).mean()) <= tolerance


STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", STORED_AS)
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("long_edge", [None, 48])
def test_a_photo_is_turned_upright(
    orientation: int, image_format: str, long_edge: int | None
) -> None:
    turn = STORED_AS[orientation]
    stored = hostile.corners().transpose(turn) if turn is not None else hostile.corners()
    exif = hostile.exif_block(orientation=orientation)
    data = hostile.saved(stored, image_format, exif=b"Exif\0\0" + exif, quality=95)
    upright = decode(data, long_edge=long_edge)
    assert upright.size == ((96, 64) if long_edge is None else (48, 32))
    assert quarters(upright) == [RED, GREEN, BLUE, WHITE]


def test_a_heic_is_turned_once_and_not_twice() -> None:
    exif = hostile.exif_block(orientation=6)
    stored = hostile.corners().transpose(Image.Transpose.ROTATE_90)
    upright = decode(hostile.heic(stored, exif=exif, quality=90))
    assert upright.size == (96, 64)
    assert quarters(upright) == [RED, GREEN, BLUE, WHITE]


def test_an_orientation_that_does_not_exist_is_passed_over() -> None:
    data = hostile.saved(hostile.corners(), "PNG", exif=hostile.exif_block(orientation=77))
    assert quarters(decode(data)) == [RED, GREEN, BLUE, WHITE]


SCENE = hostile.scene()
KINDS = {
    "JPEG": (lambda: hostile.jpeg(quality=95), 4),
    "WebP": (lambda: hostile.saved(SCENE, "WEBP", quality=95), 4),
    "HEIC": (lambda: hostile.heic(SCENE, quality=90), 6),
    "PNG": (lambda: hostile.saved(SCENE, "PNG"), 0),
    "CMYK JPEG": (lambda: hostile.saved(SCENE.convert("CMYK"), "JPEG", quality=95), 4),
    "opaque RGBA": (lambda: hostile.saved(SCENE.convert("RGBA"), "PNG"), 0),
    "palette": (lambda: hostile.saved(SCENE.quantize(256), "PNG"), 8),
}


@pytest.mark.parametrize(("make", "tolerance"), KINDS.values(), ids=KINDS)
def test_every_kind_becomes_the_same_rgb_picture(make: Make, tolerance: float) -> None:
    image = decode(make())
    assert image.mode == "RGB"
    assert image.info == {}
    assert close(image, SCENE, tolerance)


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16"])
def test_grey_photos_keep_their_greys(mode: str) -> None:
    ramp = np.tile(np.linspace(0, 255, 256).astype(np.uint8), (64, 1))
    if mode == "I;16":
        grey = Image.fromarray(ramp.astype(np.uint16) * 257)
        assert grey.mode == "I;16"
    else:
        grey = Image.fromarray(ramp).convert(mode)
    image = decode(hostile.saved(grey, "PNG"))
    assert image.mode == "RGB"
    expected = Image.fromarray(ramp).convert("1" if mode == "1" else "L").convert("RGB")
    assert close(image, expected, 1)


def test_a_16_bit_colour_png_is_read_as_8_bits() -> None:
    import struct
    import zlib

    row = b"\0" + b"".join(struct.pack(">HHH", 65_535, 32_896, 0) for _ in range(8))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 8)),
        (b"IEND", b""),
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(hostile.png_chunk(*part) for part in parts)
    assert decode(data).getpixel((4, 4)) == (255, 128, 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_transparent_parts_become_white(mode: str) -> None:
    image = Image.new("RGBA", (80, 40), (200, 0, 0, 255))
    image.paste((0, 0, 0, 0), (40, 0, 80, 40))
    options = {}
    if mode == "RGB":
        image = Image.new("RGB", (80, 40), (200, 0, 0))
        image.paste((1, 2, 3), (40, 0, 80, 40))
        options = {"transparency": (1, 2, 3)}
    elif mode != "RGBA":
        image = image.convert(mode)
    flat = decode(hostile.saved(image, "PNG", **options), long_edge=40)
    assert flat.getpixel((30, 10)) == WHITE
    assert flat.getpixel((10, 10)) != WHITE


def test_a_colour_profile_is_applied() -> None:
    """Profile whose red and blue are swapped: honoured, red pixels show as blue."""
    lab = hostile.saved(
        Image.new("RGB", (64, 64), (200, 60, 60)), "PNG", icc_profile=swapped_profile()
    )
    red, _, blue = colour(decode(lab), 9, 9)
    assert blue > red


def swapped_profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The tag table names where each primary lies; exchanging two names exchanges the colours.
    return (
        profile.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ")
    )


@pytest.mark.parametrize("profile", [b"junk", b"", os.urandom(3_000), b"\0" * 5_000_000])
def test_a_broken_colour_profile_is_passed_over(profile: bytes) -> None:
    data = hostile.saved(SCENE, "JPEG", quality=95, icc_profile=profile)
    assert close(decode(data), SCENE, 4)


def test_a_profile_for_another_kind_of_pixels_is_passed_over() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = hostile.saved(SCENE.convert("CMYK"), "JPEG", quality=95, icc_profile=srgb)
    assert close(decode(data), SCENE, 4)


def test_pixels_that_do_not_decode_are_refused_as_unreadable() -> None:
    data = bytearray(hostile.saved(SCENE, "PNG"))
    data[200:400] = bytes(200)
    with pytest.raises(ImageRefused) as refused:
        decode(bytes(data))
    assert refused.value.code == "unreadable"


def test_a_truncated_photo_whose_end_was_forged_is_refused_or_shown_as_far_as_it_goes() -> None:
    whole = hostile.saved(SCENE, "PNG")
    forged = whole[: len(whole) // 2] + hostile.png_chunk(b"IEND", b"")
    with pytest.raises(ImageRefused):
        decode(forged)


@pytest.mark.parametrize("size", [(3_000, 40), (40, 3_000), (5_000, 1), (1, 1), (9, 700)])
def test_odd_shapes_are_shrunk_within_bounds_and_never_enlarged(size: tuple[int, int]) -> None:
    image = decode(hostile.saved(Image.new("RGB", size), "PNG"), long_edge=1_024)
    assert max(image.size) == min(max(size), 1_024)
    assert min(image.size) >= 1


def test_shrinking_while_decoding_gives_the_picture_that_shrinking_afterwards_gives() -> None:
    data = hostile.jpeg((2_400, 1_800))
    quick = decode(data, long_edge=600)
    assert quick.size == (600, 450)
    assert close(quick, shrink(decode(data), 600), 2)


def test_develop_makes_all_derivatives_and_the_working_copy_at_once() -> None:
    developed = develop(hostile.jpeg((2_000, 1_500)))
    assert developed.working.size == (1_024, 768)
    sizes = {
        kind: Image.open(io.BytesIO(data)).size for kind, data in developed.derivatives.items()
    }
    assert sizes == {"reviewer": (1_024, 768), "public": (640, 480), "thumb": (240, 180)}
    assert developed.perceptual_hash is not None
