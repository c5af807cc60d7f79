"""Photos and hostile files, made in code: nothing binary and nobody's picture is in the repository.

A *canary* is a byte string that must not be found in anything made from a file that carries it.
"""

import io
import struct
import zlib
from typing import Final

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

pillow_heif.register_heif_opener()

CANARY: Final = b"CANARY-4d1f"
LATITUDE, LONGITUDE = 25.0408, 102.7129


def scene(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """An invented picture with large shapes and fine grain, different for every seed."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float32)
    grain = rng.normal(0, 5, (size[1], size[0], 1))
    return Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))


def corners() -> Image.Image:
    """Red, green, blue and white quarters (from the top left, by rows), wider than high."""
    image = Image.new("RGB", (96, 64), "white")
    image.paste((255, 0, 0), (0, 0, 48, 32))
    image.paste((0, 255, 0), (48, 0, 96, 32))
    image.paste((0, 0, 255), (0, 32, 48, 64))
    return image


def saved(image: Image.Image, image_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def jpeg(size: tuple[int, int] = (640, 480), seed: int = 1, **options: object) -> bytes:
    return saved(scene(seed, size), "JPEG", **{"quality": 90, **options})


def animated(image_format: str) -> bytes:
    frames = [scene(seed, (64, 48)) for seed in range(3)]
    return saved(frames[0], image_format, save_all=True, append_images=frames[1:], duration=100)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(width: int, height: int) -> bytes:
    """A valid one-bit PNG of nothing, a few kilobytes for any number of pixels."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)


def jpeg_of_claimed_size(width: int, height: int) -> bytes:
    """A small JPEG whose frame header claims another size."""
    data = jpeg((64, 48))
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def webp_of_claimed_canvas(width: int, height: int) -> bytes:
    """A small WebP on a canvas that claims another size."""
    data = saved(scene(size=(64, 48)), "WEBP", xmp=b"<x/>")
    at = data.index(b"VP8X") + 12
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return data[:at] + canvas + data[at + 6 :]


def heic(image: Image.Image | None = None, **options: object) -> bytes:
    return saved(image or scene(), "HEIF", **{"quality": 60, **options})


def heic_of_claimed_size(real: tuple[int, int], claimed: tuple[int, int]) -> bytes:
    """A HEIC whose properties all claim another size than its coded picture has."""
    data = bytearray(heic(Image.new("RGB", real, (90, 120, 150))))
    at = data.find(b"ispe")
    while at >= 0:
        data[at + 8 : at + 16] = struct.pack(">II", *claimed)
        at = data.find(b"ispe", at + 4)
    return bytes(data)


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def exif_block(*, orientation: int = 1, taken: str | None = None, offset: str | None = None,
               place: tuple[float, float] | None = None, canary: bytes = b"") -> bytes:  # fmt: skip
    """An EXIF block as a camera writes it, without the 'Exif' prefix."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    details = exif.get_ifd(0x8769)
    if canary:
        exif[0x010E] = canary.decode()
        details[0x927C] = b"MakerNote " + canary
    if taken is not None:
        details[0x9003] = taken
    if offset is not None:
        details[0x9011] = offset
    if place is not None:
        gps = exif.get_ifd(0x8825)
        latitude, longitude = place
        gps.update({1: "N" if latitude >= 0 else "S", 2: _sixties(latitude)})
        gps.update({3: "E" if longitude >= 0 else "W", 4: _sixties(longitude)})
    return exif.tobytes().removeprefix(b"Exif\0\0")


def _sixties(degrees: float) -> tuple[float, float, float]:
    minutes = abs(degrees) % 1 * 60
    return float(int(abs(degrees))), float(int(minutes)), round(minutes % 1 * 60, 3)


def jpeg_full_of_canaries() -> bytes:
    """Canaries everywhere a JPEG can carry words: each must be gone from every derivative."""
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + CANARY + b"</x:xmpmeta>"
    iptc = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(CANARY) + 5)
    iptc = b"Photoshop 3.0\0" + iptc + b"\x1c\x02\x78\0" + bytes((len(CANARY),)) + CANARY
    thumbnail = jpeg((64, 48), comment=CANARY)
    exif = exif_block(place=(LATITUDE, LONGITUDE), taken="2026:10:01 09:30:00", canary=CANARY)
    segments = (
        jpeg_segment(0xE1, b"Exif\0\0" + exif),
        jpeg_segment(0xE1, xmp),
        jpeg_segment(0xED, iptc),
        jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile_with_canary()),
        jpeg_segment(0xE5, b"THUMB" + thumbnail),
        jpeg_segment(0xFE, b"<html><script>" + CANARY + b"</script></html>"),
    )
    whole = jpeg()
    return whole[:2] + b"".join(segments) + whole[2:] + thumbnail + CANARY


def profile_with_canary() -> bytes:
    """A working sRGB profile with words after its end."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + CANARY


def png_full_of_canaries() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", CANARY.decode())
    words.add_text("Packed", CANARY.decode(), zip=True)
    words.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>" + CANARY.decode() + "</x:xmpmeta>")
    exif = exif_block(place=(LATITUDE, LONGITUDE), canary=CANARY)
    whole = saved(scene(), "PNG", pnginfo=words, exif=exif, icc_profile=profile_with_canary())
    return whole + CANARY


def webp_full_of_canaries() -> bytes:
    return saved(
        scene(),
        "WEBP",
        exif=exif_block(place=(LATITUDE, LONGITUDE), canary=CANARY),
        xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>",
        icc_profile=profile_with_canary(),
    )


def heic_full_of_canaries() -> bytes:
    return heic(
        exif=exif_block(place=(LATITUDE, LONGITUDE), canary=CANARY),
        xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>",
    )


def zip_behind_jpeg() -> bytes:
    """A JPEG that is also a readable ZIP archive."""
    import zipfile

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("canary.html", CANARY)
    return jpeg() + archive.getvalue()


SVG: Final = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
EPS: Final = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n%%EOF\n"
PDF: Final = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
