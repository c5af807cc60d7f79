"""When and where a photo says it was taken: restricted facts, in no derivative."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from PIL import ExifTags

from casemgr.platform.images.containers import sniff
from casemgr.platform.images.inspection import open_image

_TIMES: Final = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
    (ExifTags.Base.DateTime, ExifTags.Base.OffsetTime),
)
_TIME: Final = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class PhotoMetadata:
    """A camera's own claims, unchecked.

    `taken_at` is aware when the camera wrote its offset and naive (local to wherever it was) when
    not; it may lie in the future if the camera's clock was wrong. Latitude and longitude are
    WGS-84 degrees, both or neither.
    """

    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


def metadata(data: bytes) -> PhotoMetadata:
    """Read what EXIF tells; whatever is missing or garbled is None. Never raises."""
    try:
        image_format = sniff(data)
        if image_format is None:
            return PhotoMetadata()
        with open_image(data, image_format) as image:
            exif = image.getexif()
            base = dict(exif)
            details = {**base, **_directory(exif, ExifTags.IFD.Exif)}
            place = _place(_directory(exif, ExifTags.IFD.GPSInfo))
    except Exception:
        # EXIF is a stranger's binary data; no way of being broken may stop a photo.
        return PhotoMetadata()
    latitude, longitude = place if place is not None else (None, None)
    return PhotoMetadata(_taken_at(details), latitude, longitude)


def _directory(exif: Any, tag: int) -> Mapping[int, Any]:
    try:
        return dict(exif.get_ifd(tag))
    except Exception:
        # One broken directory leaves the others readable.
        return {}


def _taken_at(tags: Mapping[int, Any]) -> datetime | None:
    for time_tag, offset_tag in _TIMES:
        found = _TIME.match(_text(tags.get(time_tag)))
        if found is None:
            continue
        try:
            return datetime(*map(int, found.groups()), tzinfo=_offset(tags.get(offset_tag)))  # type: ignore[arg-type, misc]
        except ValueError:
            # 0000:00:00 from a camera that was never set, or a 31st of June.
            continue
    return None


def _offset(value: object) -> timezone | None:
    found = _OFFSET.match(_text(value))
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > timedelta(hours=14):
        return None
    return timezone(-offset if sign == "-" else offset)


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    latitude = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S", 90)
    longitude = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W", 180)
    if latitude is None or longitude is None:
        return None
    if latitude == longitude == 0:
        # A receiver without a fix writes zeros; the Gulf of Guinea has no streets.
        return None
    return latitude, longitude


def _degrees(
    gps: Mapping[int, Any], tag: int, reference_tag: int, negative: str, limit: int
) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in gps[tag])
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return -value if _text(gps.get(reference_tag)).upper().startswith(negative) else value


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace").strip("\0 ")
    return value.strip("\0 ") if isinstance(value, str) else ""
