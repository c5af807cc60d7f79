"""Read the size and the structure of JPEG, PNG, WebP and HEIC files without decoding a pixel.

Each `read_*` takes a whole file and returns its `Header`, or raises `ImageRefused`. They walk the
container's own lengths, so a file that was cut short is told from one that is whole, and every
walk is bounded: a file of nothing but tiny parts is refused rather than followed.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from casemgr.platform.images.refusal import ImageRefused

Format = Literal["JPEG", "PNG", "WEBP", "HEIF"]

# A camera file has tens of parts, a PNG of 15 MB in 8 KiB chunks about 2,000.
MAX_PARTS: Final = 20_000
# Encoders write about ten scans; each one costs a pass over all pixels when decoding.
MAX_JPEG_SCANS: Final = 64

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEIC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis"}
_HEIC_SEQUENCE_BRANDS: Final = {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"}


@dataclass(frozen=True, slots=True)
class Header:
    """What a container says of itself; width and height in stored (not upright) orientation."""

    format: Format
    width: int
    height: int


def sniff(data: bytes) -> Format | None:
    """The format that the first bytes announce, if it is one we take."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(_PNG_SIGNATURE):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and _brands(data) & (_HEIC_BRANDS | _HEIC_SEQUENCE_BRANDS):
        return "HEIF"
    return None


def read_header(data: bytes) -> Header:
    """Walk the container that the first bytes announce."""
    match sniff(data):
        case "JPEG":
            return read_jpeg(data)
        case "PNG":
            return read_png(data)
        case "WEBP":
            return read_webp(data)
        case "HEIF":
            return read_heif(data)
        case None:
            raise ImageRefused("not_a_photo")


# FF 00 is a stuffed FF inside the coded pixels, FF D0 to FF D7 restart them, FF FF is filling.
_JPEG_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_JPEG_START, _JPEG_END, _JPEG_SCAN, _JPEG_TEM = 0xD8, 0xD9, 0xDA, 0x01
_JPEG_FRAMES: Final = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def read_jpeg(data: bytes) -> Header:
    """Walk to the first end-of-image marker.

    What follows it (a phone's gain map or moving part, or anything hidden there) is not looked at
    here, not decoded, and not carried into any derivative.
    """
    frame: tuple[int, int] | None = None
    scans = 0
    position = 2
    for _ in range(MAX_PARTS):
        found = _JPEG_MARKER.search(data, position)
        if found is None:
            raise ImageRefused("truncated")
        marker = data[found.end() - 1]
        position = found.end()
        if marker in (_JPEG_START, _JPEG_TEM):
            continue
        if marker == _JPEG_END:
            if frame is None or not scans:
                raise ImageRefused("unreadable", "a JPEG without a picture")
            return _header("JPEG", *frame)
        length = int.from_bytes(data[position : position + 2])
        if position + length > len(data) or position + 2 > len(data):
            raise ImageRefused("truncated")
        if length < 2:
            raise ImageRefused("unreadable", "a JPEG segment without a length")
        if marker in _JPEG_FRAMES:
            if frame is not None or length < 8:
                raise ImageRefused("unreadable", "an odd JPEG frame header")
            height, width = struct.unpack_from(">HH", data, position + 3)
            frame = width, height
        scans += marker == _JPEG_SCAN
        if scans > MAX_JPEG_SCANS:
            raise ImageRefused("unreadable", "too many JPEG scans")
        position += length
    raise ImageRefused("unreadable", "too many JPEG segments")


def read_png(data: bytes) -> Header:
    """Walk the chunks to IEND; more than one picture in them is `animated`."""
    size: tuple[int, int] | None = None
    has_pixels = False
    position = len(_PNG_SIGNATURE)
    for _ in range(MAX_PARTS):
        if position + 12 > len(data):
            raise ImageRefused("truncated")
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            raise ImageRefused("truncated")
        if size is None:
            if kind != b"IHDR" or length != 13:
                raise ImageRefused("unreadable", "a PNG without its header")
            size = struct.unpack_from(">II", data, position + 8)
        elif kind in (b"acTL", b"fcTL"):
            raise ImageRefused("animated")
        has_pixels = has_pixels or kind == b"IDAT"
        if kind == b"IEND":
            if not has_pixels:
                raise ImageRefused("unreadable", "a PNG without pixels")
            return _header("PNG", *size)
        position = end
    raise ImageRefused("unreadable", "too many PNG chunks")


def read_webp(data: bytes) -> Header:
    """Walk the RIFF chunks; the size is the coded picture's, which must fit its canvas."""
    end = int.from_bytes(data[4:8], "little") + 8
    if end > len(data):
        raise ImageRefused("truncated")
    canvas: tuple[int, int] | None = None
    picture: tuple[int, int] | None = None
    position = 12
    for _ in range(MAX_PARTS):
        if position + 8 > end:
            break
        kind, length = struct.unpack_from("<4sI", data, position)
        body = position + 8
        if body + length > end:
            raise ImageRefused("truncated")
        if kind in (b"ANIM", b"ANMF"):
            raise ImageRefused("animated")
        if kind == b"VP8X" and length >= 10:
            canvas = (
                int.from_bytes(data[body + 4 : body + 7], "little") + 1,
                int.from_bytes(data[body + 7 : body + 10], "little") + 1,
            )
        elif kind in (b"VP8 ", b"VP8L") and picture is None:
            picture = _webp_picture(kind, data[body : body + min(length, 10)])
        position = body + length + length % 2
    else:
        raise ImageRefused("unreadable", "too many WebP chunks")
    if picture is None or (canvas is not None and canvas != picture):
        raise ImageRefused("unreadable", "a WebP without a picture of its stated size")
    return _header("WEBP", *picture)


def _webp_picture(kind: bytes, start: bytes) -> tuple[int, int]:
    """Width and height from the first ten bytes of a lossy or lossless WebP bitstream."""
    if kind == b"VP8 " and len(start) == 10 and start[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", start, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and len(start) >= 5 and start[0] == 0x2F:
        bits = int.from_bytes(start[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise ImageRefused("unreadable", "an odd WebP bitstream")


def read_heif(data: bytes) -> Header:
    """Walk the top boxes and take the largest image size that the properties state.

    A track (`moov`) makes the file a moving picture; how many stills it holds is for libheif to
    say (see `inspect`), as thumbnails and tiles are images here too.
    """
    if _brands(data) & _HEIC_BRANDS == set():
        raise ImageRefused("animated")
    meta: tuple[int, int] | None = None
    has_pixels = False
    for kind, body, end in _boxes(data, 0, len(data)):
        has_pixels = has_pixels or kind == b"mdat"
        if kind == b"moov":
            raise ImageRefused("animated")
        if kind == b"meta" and meta is None:
            meta = body + 4, end
    if not has_pixels:
        raise ImageRefused("truncated")
    sizes = [
        struct.unpack_from(">II", data, body + 4)
        for kind, body, end in _descend(data, meta, (b"iprp", b"ipco"))
        if kind == b"ispe" and end - body >= 12
    ]
    if not sizes:
        raise ImageRefused("unreadable", "a HEIC without image sizes")
    return _header("HEIF", *max(sizes, key=lambda size: size[0] * size[1]))


def _brands(data: bytes) -> set[bytes]:
    end = min(int.from_bytes(data[:4]), len(data), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}


def _boxes(data: bytes, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of one level as (type, body start, end)."""
    for _ in range(MAX_PARTS):
        if position + 8 > end:
            return
        length, kind = struct.unpack_from(">I4s", data, position)
        body = position + 8
        if length == 1 and body + 8 <= end:
            length = int.from_bytes(data[body : body + 8])
            body += 8
        elif length == 0:
            length = end - position
        if position + length > end:
            raise ImageRefused("truncated")
        if position + length < body:
            raise ImageRefused("unreadable", "an odd HEIC box")
        yield kind, body, position + length
        position += length
    raise ImageRefused("unreadable", "too many HEIC boxes")


def _descend(
    data: bytes, span: tuple[int, int] | None, path: tuple[bytes, ...]
) -> Iterator[tuple[bytes, int, int]]:
    """The boxes found by following `path` from the boxes within `span`."""
    for name in path:
        if span is None:
            return
        span = next(((body, end) for kind, body, end in _boxes(data, *span) if kind == name), None)
    if span is not None:
        yield from _boxes(data, *span)


def _header(format: Format, width: int, height: int) -> Header:
    if width < 1 or height < 1:
        raise ImageRefused("unreadable", "a picture without an area")
    return Header(format, width, height)
