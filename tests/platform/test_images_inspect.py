"""What is taken as a photo at the door, and what is sent back with which code."""

import contextlib
import functools
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from casemgr.platform import images
from casemgr.platform.images import ImageRefused, inspect
from tests.platform import hostile

Make = Callable[[], bytes]

REFUSED: dict[str, tuple[Make, str]] = {
    "an empty file": (lambda: b"", "empty"),
    "a photo of 16 MB": (lambda: hostile.jpeg() + bytes(16 * 1024**2), "too_large"),
    "a text file named .jpg": (lambda: b"dear all, here is the photo\n", "not_a_photo"),
    "a single byte": (lambda: b"\xff", "not_a_photo"),
    "an SVG": (lambda: hostile.SVG, "not_a_photo"),
    "an EPS": (lambda: hostile.EPS, "not_a_photo"),
    "a PDF": (lambda: hostile.PDF, "not_a_photo"),
    "a GIF": (lambda: hostile.saved(hostile.scene(), "GIF"), "not_a_photo"),
    "a TIFF": (lambda: hostile.saved(hostile.scene(), "TIFF"), "not_a_photo"),
    "a BMP": (lambda: hostile.saved(hostile.scene(), "BMP"), "not_a_photo"),
    "an AVIF": (lambda: hostile.saved(hostile.scene(), "AVIF"), "not_a_photo"),
    "an HTML page behind a comment": (lambda: b"<!-- \xff\xd8\xff --><html>", "not_a_photo"),
    "a PNG bomb of 400 megapixels": (lambda: hostile.png_bomb(20_000, 20_000), "too_many_pixels"),
    "a PNG of 89 megapixels": (lambda: hostile.png_bomb(9_460, 9_460), "too_many_pixels"),
    "a PNG just over the limit": (lambda: hostile.png_bomb(8_000, 5_001), "too_many_pixels"),
    "a JPEG that claims to be huge": (
        lambda: hostile.jpeg_of_claimed_size(60_000, 60_000),
        "too_many_pixels",
    ),
    "a HEIC that claims to be huge": (
        lambda: hostile.heic_of_claimed_size((64, 64), (30_000, 30_000)),
        "too_many_pixels",
    ),
    "a WebP on too large a canvas": (
        lambda: hostile.webp_of_claimed_canvas(16_000, 16_000),
        "unreadable",
    ),
    "an animated WebP": (lambda: hostile.animated("WEBP"), "animated"),
    "an animated PNG": (lambda: hostile.animated("PNG"), "animated"),
    "a HEIC of three pictures": (lambda: hostile.animated("HEIF"), "animated"),
    "a JPEG of no area": (lambda: hostile.jpeg_of_claimed_size(0, 0), "unreadable"),
    "a JPEG without a picture": (lambda: b"\xff\xd8\xff\xfe\0\x02\xff\xd9", "unreadable"),
    "a PNG without pixels": (
        lambda: (
            b"\x89PNG\r\n\x1a\n"
            + hostile.png_chunk(b"IHDR", b"\0\0\0\x09\0\0\0\x09\x08\0\0\0\0")
            + hostile.png_chunk(b"IEND", b"")
        ),
        "unreadable",
    ),
    "a PNG with a second header of another size": (
        lambda: hostile.png_bomb(64, 48)[:33] + hostile.png_bomb(90, 70)[8:],
        "unreadable",
    ),
    "a PNG of nothing but tiny chunks": (
        lambda: (
            hostile.saved(hostile.scene(size=(9, 9)), "PNG")[:33]
            + hostile.png_chunk(b"juNk", b"") * 100_000
        ),
        "unreadable",
    ),
    "a JPEG of nothing but tiny segments": (
        lambda: b"\xff\xd8" + b"\xff\xfe\0\x02" * 1_000_000,
        "unreadable",
    ),
    "a JPEG of ten thousand scans": (
        lambda: hostile.jpeg((64, 48))[:-2] + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" * 10_000,
        "unreadable",
    ),
}


@pytest.mark.parametrize(("make", "code"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_at_the_door(make: Make, code: str) -> None:
    data = make()
    started = time.process_time()
    with pytest.raises(ImageRefused) as refused:
        inspect(data)
    assert refused.value.code == code
    assert time.process_time() - started < 0.2


# Each is made once: the tests cut and change copies of it.
WHOLE: dict[str, Make] = {
    "JPEG": lambda: hostile.jpeg(),
    "progressive JPEG": lambda: hostile.jpeg(progressive=True),
    "PNG": lambda: hostile.saved(hostile.scene(), "PNG"),
    "lossy WebP": lambda: hostile.saved(hostile.scene(), "WEBP"),
    "lossless WebP": lambda: hostile.saved(hostile.scene(), "WEBP", lossless=True),
    "WebP with transparency": lambda: hostile.saved(hostile.scene().convert("RGBA"), "WEBP"),
    "HEIC": lambda: hostile.heic(),
}
WHOLE = {name: functools.cache(make) for name, make in WHOLE.items()}


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE)
def test_a_whole_photo_is_taken_and_its_size_read(make: Make) -> None:
    facts = inspect(make())
    assert (facts.width, facts.height) == (640, 480)
    assert facts.format in ("JPEG", "PNG", "WEBP", "HEIF")


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_photo_cut_short_is_called_truncated(make: Make, kept: float) -> None:
    data = make()
    with pytest.raises(ImageRefused) as refused:
        inspect(data[: int(len(data) * kept)])
    assert refused.value.code == "truncated"


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE)
def test_no_cut_at_all_gets_through_or_breaks_the_reader(make: Make) -> None:
    data = make()
    for length in [*range(1, 700), *range(700, len(data) - 1, 1 + len(data) // 300)]:
        with pytest.raises(ImageRefused):
            inspect(data[:length])


def test_changed_bytes_are_taken_or_refused_and_never_break_the_reader() -> None:
    chance = random.Random(4)
    for make in WHOLE.values():
        whole = make()
        for _ in range(150):
            data = bytearray(whole)
            for _ in range(chance.choice([1, 3, 20])):
                # Mostly near the start, where the structure is.
                data[int(len(data) * chance.random() ** 4)] = chance.randrange(256)
            with contextlib.suppress(ImageRefused):
                assert images.decode(bytes(data), long_edge=64).mode == "RGB"


def test_a_photo_at_the_pixel_limit_is_taken() -> None:
    assert inspect(hostile.png_bomb(8_000, 5_000)).width == 8_000


def test_a_jpeg_followed_by_other_things_is_taken_as_phones_append_their_moving_part() -> None:
    assert inspect(hostile.zip_behind_jpeg()).format == "JPEG"
    assert inspect(hostile.jpeg() + b"<html><script>").format == "JPEG"
    assert inspect(hostile.jpeg() + bytes(512)).format == "JPEG"


def test_a_phone_jpeg_with_a_second_picture_is_one_photo() -> None:
    pair = hostile.saved(
        hostile.scene(), "MPO", save_all=True, append_images=[hostile.scene(2, (320, 240))]
    )
    assert inspect(pair) == images.ImageFacts("JPEG", 640, 480)
    assert images.decode(pair).size == (640, 480)


def test_a_picture_without_the_words_of_its_kind_is_still_told_by_its_content() -> None:
    """The name and the stated type never matter: there is no place to pass them."""
    assert inspect(hostile.saved(hostile.scene(), "PNG")).format == "PNG"


@pytest.mark.parametrize("code", images.CODES)
def test_every_refusal_says_what_to_do(code: images.Code) -> None:
    message = ImageRefused(code).message
    assert "Please" in message
    assert "%" not in message


def test_a_webp_may_have_fewer_pixels_than_others_and_says_so() -> None:
    wide = hostile.saved(Image.new("RGB", (6_001, 4_000)), "WEBP", method=0)
    with pytest.raises(ImageRefused) as refused:
        images.inspect(wide)

    assert refused.value.code == "too_many_pixels"
    assert "more than 24 million" in refused.value.message
    assert "more than 40 million" in ImageRefused("too_many_pixels").message


def test_bombs_cost_no_memory(tmp_path: Path) -> None:
    """In a process of its own, as the peak of this one is long past."""
    bombs = {
        "wide.png": hostile.png_bomb(20_000, 20_000),
        "quiet.png": hostile.png_bomb(9_460, 9_460),
        "claimed.jpg": hostile.jpeg_of_claimed_size(60_000, 60_000),
        "lying.heic": hostile.heic_of_claimed_size((3_000, 3_000), (100, 100)),
    }
    for name, data in bombs.items():
        (tmp_path / name).write_bytes(data)
    measure = r"""
import re, sys
from collections.abc import Callable
from pathlib import Path
from casemgr.platform.images import ImageRefused, decode
# Not ru_maxrss: a process inherits its parent's.
def peak(): return int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) // 1024
files = [path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir())]
before = peak()
for data in files:
    try:
        decode(data, long_edge=1024)
    except ImageRefused as refused:
        print(refused.code)
print(peak() - before)
"""
    ran = subprocess.run(
        [sys.executable, "-c", measure, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
    )
    *codes, grown = ran.stdout.split()
    assert codes == ["too_many_pixels", "unreadable", "too_many_pixels", "too_many_pixels"]
    assert int(grown) <= 64, "MB more than before"


def test_pillow_is_left_with_a_cap_of_its_own() -> None:
    assert Image.MAX_IMAGE_PIXELS == images.MAX_PIXELS
