"""Nothing but pixels reaches a derivative; time and place are read apart; the hash knows copies."""

import io
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image, ImageDraw, ImageFont

from casemgr.demo.portraits import draw, identity
from casemgr.platform.images import (
    HASH_BITS,
    LONG_EDGES,
    SAME_PICTURE_BITS,
    PhotoMetadata,
    decode,
    develop,
    hamming,
    metadata,
    perceptual_hash,
    rebuild,
)
from tests.platform import hostile

Make = Callable[[], bytes]

CARRIERS: dict[str, Make] = {
    "JPEG": hostile.jpeg_full_of_canaries,
    "PNG": hostile.png_full_of_canaries,
    "WebP": hostile.webp_full_of_canaries,
    "HEIC": hostile.heic_full_of_canaries,
    "JPEG and ZIP in one": lambda: hostile.zip_behind_jpeg() + hostile.CANARY,
}


WORDS = (hostile.CANARY, b"Exif", b"http", b"<html", b"ICC_PROFILE", b"8BIM", b"PK\x03\x04")


@pytest.mark.parametrize("make", CARRIERS.values(), ids=CARRIERS)
def test_no_word_of_the_original_is_in_any_derivative(make: Make) -> None:
    data = make()
    assert hostile.CANARY in data
    derivatives = develop(data).derivatives
    assert set(derivatives) == set(LONG_EDGES)
    for derivative in derivatives.values():
        assert [word for word in WORDS if word in derivative] == []


@pytest.mark.parametrize("make", CARRIERS.values(), ids=CARRIERS)
def test_a_derivative_is_a_plain_jpeg_and_nothing_else(make: Make) -> None:
    for derivative in develop(make()).derivatives.values():
        markers = list(jpeg_markers(derivative))
        assert markers[0] == 0xE0
        assert set(markers) <= {0xE0, 0xDB, 0xC2, 0xC4, 0xDA, 0xD9}
        assert derivative.endswith(b"\xff\xd9")
        assert derivative.count(b"\xff\xd9") == 1


def jpeg_markers(data: bytes) -> Iterator[int]:
    """The markers of a JPEG in order, the pixels between them left out."""
    at = 2
    while True:
        while data[at] != 0xFF or data[at + 1] in (0, *range(0xD0, 0xD8)):
            at += 1
        marker = data[at + 1]
        yield marker
        if marker == 0xD9:
            return
        at += 2 + int.from_bytes(data[at + 2 : at + 4])


def test_a_plain_resave_would_have_kept_the_comment() -> None:
    """Why rebuild exists. If this fails, Pillow has changed and the docs may say less."""
    again = io.BytesIO()
    Image.open(io.BytesIO(hostile.jpeg(comment=hostile.CANARY))).save(again, "JPEG")
    assert hostile.CANARY in again.getvalue()


def test_rebuild_takes_the_picture_and_not_what_clings_to_it() -> None:
    image = Image.open(io.BytesIO(hostile.jpeg_full_of_canaries()))
    assert hostile.CANARY not in rebuild(image, 240)


def test_rebuild_refuses_other_pixels_than_rgb() -> None:
    with pytest.raises(ValueError, match="RGBA"):
        rebuild(hostile.scene().convert("RGBA"), 240)


TAKEN = "2026:10:01 09:30:15"


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_time_and_place_are_read(image_format: str) -> None:
    exif = hostile.exif_block(
        taken=TAKEN, offset="+08:00", place=(hostile.LATITUDE, -hostile.LONGITUDE)
    )
    prefix = b"" if image_format == "HEIF" else b"Exif\0\0"
    found = metadata(hostile.saved(hostile.scene(), image_format, exif=prefix + exif))
    china = timezone(timedelta(hours=8))
    assert found.taken_at == datetime(2026, 10, 1, 9, 30, 15, tzinfo=china)
    assert found.taken_at.utcoffset() == timedelta(hours=8)
    assert found.latitude == pytest.approx(hostile.LATITUDE, abs=1e-5)
    assert found.longitude == pytest.approx(-hostile.LONGITUDE, abs=1e-5)


def test_a_time_without_an_offset_stays_naive() -> None:
    data = hostile.jpeg(exif=b"Exif\0\0" + hostile.exif_block(taken=TAKEN))
    assert metadata(data) == PhotoMetadata(taken_at=datetime(2026, 10, 1, 9, 30, 15))


@pytest.mark.parametrize(
    "taken", ["0000:00:00 00:00:00", "2026:02:31 10:00:00", "yesterday", "", "2026:10:01"]
)
def test_a_time_that_is_none_is_left_out(taken: str) -> None:
    data = hostile.jpeg(exif=b"Exif\0\0" + hostile.exif_block(taken=taken))
    assert metadata(data) == PhotoMetadata()


@pytest.mark.parametrize("place", [(0.0, 0.0), (95.0, 10.0), (10.0, 181.0)])
def test_a_place_that_is_none_is_left_out(place: tuple[float, float]) -> None:
    data = hostile.jpeg(exif=b"Exif\0\0" + hostile.exif_block(place=place))
    assert metadata(data) == PhotoMetadata()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_garbage_never_stops_a_photo() -> None:
    chance = random.Random(9)
    block = hostile.exif_block(taken=TAKEN, place=(25.0, 102.0), canary=hostile.CANARY)
    for _ in range(400):
        broken = bytearray(block)
        for _ in range(chance.choice([1, 4, 40])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        data = hostile.jpeg((64, 48), exif=b"Exif\0\0" + bytes(broken))
        found = metadata(data)
        assert (found.latitude is None) == (found.longitude is None)
        assert decode(data).mode == "RGB"
    assert metadata(b"") == metadata(b"\xff\xd8\xff") == PhotoMetadata()


def copies(image: Image.Image) -> Iterator[Image.Image]:
    """The same picture as it comes back from messengers, forums and search walls."""
    yield decode(hostile.saved(image, "JPEG", quality=30))
    yield decode(hostile.saved(image.resize((image.width // 3, image.height // 3)), "WEBP"))
    marked = image.copy()
    font = ImageFont.load_default(size=image.height // 12)
    pen = ImageDraw.Draw(marked)
    at = (image.width // 2, image.height * 9 // 10)
    pen.text(at, "please share", font=font, fill="white", stroke_width=1, stroke_fill="black")
    yield marked
    yield image.point(lambda value: min(255, int(value * 1.15) + 8))


def hashed(image: Image.Image) -> int:
    """The hash of a picture that has one."""
    value = perceptual_hash(image)
    assert value is not None
    return value


PORTRAITS = [draw(identity(seed), 0) for seed in range(4_000, 4_012)]


@pytest.mark.parametrize("image", PORTRAITS)
def test_the_hash_knows_a_picture_whatever_was_done_to_its_file(image: Image.Image) -> None:
    original = hashed(image)
    for copy in copies(image):
        assert hamming(original, hashed(copy)) <= SAME_PICTURE_BITS


@pytest.mark.parametrize(
    "pictures", [PORTRAITS, [hostile.scene(seed) for seed in range(40)]], ids=["faces", "scenes"]
)
def test_the_hash_tells_different_pictures_apart(pictures: list[Image.Image]) -> None:
    hashes = [hashed(picture) for picture in pictures]
    for at, one in enumerate(hashes):
        assert all(hamming(one, other) > SAME_PICTURE_BITS for other in hashes[:at])


def test_a_hash_fits_its_column() -> None:
    for seed in range(20):
        assert 0 <= hashed(hostile.scene(seed)) < 2**HASH_BITS
    assert hamming(2**HASH_BITS - 1, 0) == HASH_BITS
    assert hamming(5, 5) == 0


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_plain_picture_has_no_hash(grey: int) -> None:
    assert perceptual_hash(Image.new("RGB", (640, 480), (grey, grey, grey))) is None
