"""From a stranger's bytes to a sealed original, derivatives and at most one face (docs/photos.md).

`receive` runs while the sender waits and decodes nothing; `develop` runs in a worker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from casemgr.platform import faces, images, storage
from casemgr.platform.errors import Invalid
from casemgr.platform.faces import FaceBox
from casemgr.platform.faces.quality import FaceQuality, face_quality
from casemgr.platform.fields import civil_zone
from casemgr.platform.photos import PhotoFields
from casemgr.platform.storage import StoredFiles
from casemgr.platform.vocabularies import PhotoQuality, PhotoStatus

# The largest face is taken for the subject when it is this many times wider than the next one.
CLEARLY_LARGEST = 1.15


@dataclass(frozen=True, slots=True)
class FoundFace:
    """The subject's face, ready to be stored."""

    engine: str
    embedding: np.ndarray[Any, np.dtype[np.float32]]
    box: list[int]
    quality: FaceQuality


@dataclass(frozen=True, slots=True)
class DevelopedPhoto:
    """What the worker made of one photo, before anything is written."""

    picture: images.Developed
    face: FoundFace | None
    faces_found: int
    quality: FaceQuality | None


def receive(files: StoredFiles, data: bytes, *, pointer: str = "image") -> dict[str, Any]:
    """Check an upload and seal it; returns the columns of a new photo row. Raises Invalid."""
    try:
        facts = images.inspect(data)
    except images.ImageRefused as refused:
        raise Invalid({pointer: (refused.code, refused.message)}) from refused
    sealed = files.seal(data)
    return {
        "original": sealed.name,
        "original_sha256": sealed.sha256,
        "original_bytes": len(data),
        "original_format": facts.format.lower(),
    }


def develop(photo: PhotoFields, *, subject_face: int | None = None) -> DevelopedPhoto:
    """Decode the original, make the derivatives, and embed the subject's face alone.

    Raises images.ImageRefused when the original can't be decoded.
    """
    picture = images.develop(storage.unseal(photo.original, sha256=photo.original_sha256))
    rgb = np.asarray(picture.working)
    engine = faces.engine()
    boxes = engine.detect(rgb)
    box = _subject(boxes, subject_face)
    if box is None:
        return DevelopedPhoto(picture, None, len(boxes), None)
    quality = face_quality(rgb, box)
    found = FoundFace(
        engine=engine.name,
        embedding=engine.embed(rgb, box),
        box=[box.left, box.top, box.width, box.height],
        quality=quality,
    )
    return DevelopedPhoto(picture, found, len(boxes), quality)


def _subject(boxes: list[FaceBox], chosen: int | None) -> FaceBox | None:
    """The chosen face, else the only or clearly largest one; None when that is unclear."""
    if chosen is not None:
        return boxes[chosen] if chosen < len(boxes) else None
    if len(boxes) > 1 and boxes[0].width < boxes[1].width * CLEARLY_LARGEST:
        return None
    return boxes[0] if boxes else None


def write(files: StoredFiles, photo: PhotoFields, developed: DevelopedPhoto) -> list[str]:
    """Fill the photo's row, in the caller's transaction; returns the file names it left."""
    old = [photo.reviewer_file, photo.public_file, photo.thumb_file]
    derivatives = developed.picture.derivatives
    photo.reviewer_file = files.put_derivative(derivatives["reviewer"])
    photo.public_file = files.put_derivative(derivatives["public"])
    photo.thumb_file = files.put_derivative(derivatives["thumb"])
    photo.width, photo.height = developed.picture.working.size
    photo.phash = _bits(developed.picture.perceptual_hash)
    photo.faces_found = developed.faces_found
    quality = developed.quality
    photo.quality = quality.level if quality else PhotoQuality.POOR
    photo.advice = quality.advice if quality else _advice_without_face(developed.faces_found)
    photo.advice_params = quality.params if quality else {}
    metadata = developed.picture.metadata
    photo.captured_at = _plausible(metadata.taken_at)
    photo.captured_latitude, photo.captured_longitude = metadata.latitude, metadata.longitude
    photo.status = PhotoStatus.READY
    photo.refused_code = ""
    photo.save(
        update_fields=[
            *("reviewer_file", "public_file", "thumb_file", "width", "height", "phash"),
            *("faces_found", "quality", "advice", "advice_params", "status", "refused_code"),
            *("captured_at", "captured_latitude", "captured_longitude", "updated_at"),
        ]
    )
    return [name for name in old if name]


def refuse(photo: PhotoFields, code: str) -> None:
    """Mark a photo that could not be decoded; its case or sighting stays."""
    photo.status = PhotoStatus.REJECTED
    photo.refused_code = code
    photo.save(update_fields=["status", "refused_code", "updated_at"])


def face_columns(face: FoundFace) -> dict[str, Any]:
    """The columns of a face row."""
    return {
        "engine": face.engine,
        "embedding": face.embedding,
        "box": face.box,
        "width_px": face.box[2],
        "quality": face.quality.level,
    }


def best_taken(photo: PhotoFields) -> tuple[datetime, datetime] | None:
    """When the photo was taken, as said by its sender, else by its camera."""
    if bounds := photo.taken_at.bounds(civil_zone()):
        return bounds
    return (photo.captured_at, photo.captured_at) if photo.captured_at else None


def _advice_without_face(found: int) -> str:
    return "choose_face" if found > 1 else "no_face"


def _bits(value: int | None) -> str | None:
    return None if value is None else format(value, f"0{images.HASH_BITS}b")


def _plausible(taken_at: datetime | None) -> datetime | None:
    """A camera's time as an aware one; a time ahead of now says only that its clock was wrong."""
    if taken_at is None:
        return None
    aware = taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=civil_zone())
    return aware if aware <= timezone.now() + timedelta(days=1) else None
