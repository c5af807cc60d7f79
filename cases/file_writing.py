"""What a copy of a case's file holds, each part marked with who took it and when.

Only what whoever speaks for the child may read as well: what was told, the timeline without what
reviewers wrote, photos at the public size, consents. Never a match, a score, a flag, a withheld
fact, a reporter, a contact, or a status that the family was not told.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from PIL import Image, ImageDraw, ImageFont

import casemgr.platform
from casemgr.platform import storage
from casemgr.platform.access import Actor
from casemgr.platform.personal_data import photos_of
from casemgr.platform.tables import csv_rows
from cases.models import Case
from cases.serializers import CaseSerializer, TimelineEventSerializer

FONT: Final = Path(casemgr.platform.__file__).parent / "fonts/NotoSansSC-Regular-GB2312.ttf"
_QUALITY: Final = 85


def write(case: Case, *, reader: Actor, mark: str) -> bytes:
    """The zip for `reader`: data.json, data.csv and photos, each with the line `mark`."""
    shown = Case.objects.visible_to(reader).as_shown_to(reader).with_detail().get(pk=case.pk)
    told = dict(CaseSerializer(shown).data) | {"status": shown.status_to_family}
    events = case.timeline.filter(for_review=False).order_by("created_at", "id")
    data = {
        "copy": mark,
        "case": told,
        "timeline": TimelineEventSerializer(events, many=True).data,
        "consents": list(
            case.consents.order_by("given_at").values("purpose", "given_at", "revoked_at")
        ),
    }
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    plain: dict[str, Any] = json.loads(text)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", text)
        archive.writestr("data.csv", b"\xef\xbb\xbf" + csv_rows(_cells("", plain)))
        for name, photo in photos_of(case.reference, case.photos.all()):
            marked = watermarked(storage.read(photo.public_file), mark)
            archive.writestr(f"photos/{name}.jpg", marked)
    return buffer.getvalue()


def watermarked(jpeg: bytes, mark: str) -> bytes:
    """The picture with `mark` written over it, again and again, from top to bottom."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as opened:
        picture = opened.convert("RGBA")
    size = max(12, picture.width // 28)
    # Small enough for the whole line: the time stands at its end.
    room = picture.width - 4 * size
    size = max(8, int(size * min(1.0, room / _font(size).getlength(mark))))
    layer = Image.new("RGBA", picture.size)
    pen, font = ImageDraw.Draw(layer), _font(size)
    for number, top in enumerate(range(size, picture.height, size * 5)):
        pen.text(
            (size if number % 2 else size * 3, top),
            mark,
            font=font,
            fill=(255, 255, 255, 150),
            stroke_width=max(1, size // 12),
            stroke_fill=(0, 0, 0, 150),
        )
    out = io.BytesIO()
    Image.alpha_composite(picture, layer).convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


def _cells(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every value beside the path to it; inner lists and tables are gone through."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _cells(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _cells(f"{name}.{number}", inner)
    elif value not in (None, ""):
        yield name, str(value)
