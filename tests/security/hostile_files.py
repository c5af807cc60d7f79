"""Files built to do harm, drawn from a seed: any number of them, the same ones every time.

Each carries CANARY wherever its kind can hold words. Nothing is stored: all of it is made by code.
"""

import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from tests.platform import hostile
from tests.platform.hostile import CANARY, jpeg_segment, png_chunk, saved, scene

SMALL = (96, 72)
Make = Callable[[random.Random], bytes]


@dataclass(frozen=True, slots=True)
class HostileFile:
    """One file, and what it is meant to do."""

    number: int
    kind: str
    data: bytes


def _marked_jpeg(rng: random.Random) -> bytes:
    """A small JPEG with canaries in some of the segments that can hold words."""
    words = b"<script>" + CANARY + b"</script>"
    exif = hostile.exif_block(
        orientation=rng.randint(0, 9),
        taken="2026:10:01 09:30:00",
        place=(hostile.LATITUDE, hostile.LONGITUDE),
        canary=CANARY,
    )
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x10\x1c\x02\x78\0\x0b" + CANARY
    thumbnail = hostile.jpeg((32, 24), comment=CANARY)
    segments = [
        jpeg_segment(0xE1, b"Exif\0\0" + exif + thumbnail),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + words),
        jpeg_segment(0xED, iptc),
        jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + hostile.profile_with_canary()),
        jpeg_segment(0xEC, b"Ducky" + words),
        jpeg_segment(0xFE, words),
    ]
    chosen = rng.sample(segments, rng.randint(1, len(segments)))
    whole = hostile.jpeg(SMALL, rng.randint(1, 99), progressive=rng.random() < 0.5)
    return whole[:2] + b"".join(chosen) + whole[2:]


def _marked_png(rng: random.Random) -> bytes:
    """A small PNG with canaries in text chunks of every kind, in an order of its own."""
    packed = zlib.compress(CANARY)
    chunks = [
        png_chunk(b"tEXt", b"Comment\0" + CANARY),
        png_chunk(b"zTXt", b"Comment\0\0" + packed),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x>" + CANARY + b"</x>"),
        png_chunk(b"eXIf", hostile.exif_block(canary=CANARY)),
        png_chunk(b"iCCP", b"p\0\0" + zlib.compress(hostile.profile_with_canary())),
        png_chunk(b"prVt", CANARY),
    ]
    mode = rng.choice(("RGB", "RGBA", "L", "P", "1"))
    whole = saved(scene(rng.randint(1, 99), SMALL).convert(mode), "PNG")
    chosen = rng.sample(chunks, rng.randint(1, len(chunks)))
    return whole[:33] + b"".join(chosen) + whole[33:] + CANARY * rng.randint(0, 2)


def _marked_webp(rng: random.Random) -> bytes:
    return saved(
        scene(rng.randint(1, 99), SMALL),
        "WEBP",
        lossless=rng.random() < 0.5,
        exif=hostile.exif_block(place=(hostile.LATITUDE, hostile.LONGITUDE), canary=CANARY),
        xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>",
        icc_profile=hostile.profile_with_canary(),
    )


def _marked_heic(rng: random.Random) -> bytes:
    return hostile.heic(
        scene(rng.randint(1, 99), SMALL),
        exif=hostile.exif_block(place=(hostile.LATITUDE, hostile.LONGITUDE), canary=CANARY),
        xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>",
    )


_TAILS = (
    b"<html><script>" + CANARY + b"</script></html>",
    b"PK\x03\x04" + CANARY,
    hostile.PDF + CANARY,
    hostile.SVG + CANARY,
    b"<?php echo '" + CANARY + b"'; ?>",
    b"\x7fELF" + CANARY,
    b"GIF89a" + CANARY,
)


def _two_in_one(rng: random.Random) -> bytes:
    """A photo that is also something else."""
    whole = rng.choice((_marked_jpeg, _marked_png, _marked_webp))(rng)
    return whole + rng.choice(_TAILS) + bytes(rng.randint(0, 64))


def _headed_otherwise(rng: random.Random) -> bytes:
    """Something else, with a photo behind it."""
    return rng.choice(_TAILS) + _marked_jpeg(rng)


def _no_photo(rng: random.Random) -> bytes:
    """Something else that calls itself a photo."""
    picture = scene(rng.randint(1, 99), SMALL)
    kind = rng.choice(("GIF", "TIFF", "BMP", "ICO", "EPS", "words", "noise"))
    if kind == "words":
        return rng.choice((*_TAILS, hostile.EPS)) + CANARY
    if kind == "noise":
        return rng.randbytes(rng.randint(1, 4_000)) + CANARY
    return saved(picture, kind) + CANARY


def _bomb(rng: random.Random) -> bytes:
    """A few kilobytes that would be very many pixels."""
    side = rng.choice((6_400, 9_460, 20_000, 40_000))
    bombs: tuple[Callable[[], bytes], ...] = (
        lambda: hostile.png_bomb(side, side),
        lambda: hostile.png_bomb(side * 40, 40),
        lambda: hostile.jpeg_of_claimed_size(side, side),
        lambda: hostile.webp_of_claimed_canvas(16_383, 16_383),
        lambda: hostile.heic_of_claimed_size((96, 72), (side, side)),
    )
    return rng.choice(bombs)()


def _moving(rng: random.Random) -> bytes:
    return hostile.animated(rng.choice(("WEBP", "PNG", "GIF")))


def _broken(rng: random.Random) -> bytes:
    """A photo with bits turned, bytes missing, or parts twice."""
    make = rng.choice((_marked_jpeg, _marked_png, _marked_webp, _marked_heic))
    data = bytearray(make(rng))
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(data))
        how = rng.randrange(3)
        if how == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            del data[at : at + rng.randint(1, 200)]
        else:
            data[at:at] = data[: rng.randint(1, 200)]
        if not data:
            return b""
    return bytes(data)


KINDS: dict[str, Make] = {
    "JPEG with canaries": _marked_jpeg,
    "PNG with canaries": _marked_png,
    "WebP with canaries": _marked_webp,
    "HEIC with canaries": _marked_heic,
    "two in one": _two_in_one,
    "headed otherwise": _headed_otherwise,
    "no photo": _no_photo,
    "bomb": _bomb,
    "moving": _moving,
    "broken": _broken,
}


def files(count: int) -> Iterator[HostileFile]:
    """That many files, of the kinds by turns."""
    kinds = list(KINDS)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        yield HostileFile(number, kind, KINDS[kind](random.Random(number)))


def largest() -> Iterator[tuple[str, bytes]]:
    """The costliest photo of each kind that the door lets in: as many pixels as it may have."""
    whole = (8_000, 5_000)
    plain = Image.new("RGB", whole, (90, 120, 150))
    yield "JPEG", saved(plain, "JPEG")
    yield "progressive JPEG", saved(plain, "JPEG", progressive=True)
    yield "PNG with transparency", saved(Image.new("RGBA", whole, (9, 9, 9, 9)), "PNG")
    yield "WebP", saved(plain.resize((6_000, 4_000)), "WEBP", method=0)
    see_through = Image.new("RGBA", (6_000, 4_000), (9, 9, 9, 9))
    yield "WebP with transparency", saved(see_through, "WEBP", method=0)
    yield "HEIC", hostile.heic(plain)
