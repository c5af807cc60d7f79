"""Photos and faces of persons, alike on cases and sightings. The tables belong to those apps."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pgvector.django import BitField, VectorField

from casemgr.platform import images
from casemgr.platform.faces.quality import ADVICE
from casemgr.platform.fields import PartialDateField
from casemgr.platform.storage import FileNameField
from casemgr.platform.vocabularies import PhotoQuality, PhotoStatus

SEALED = "not_accepted"
"""`refused_code` of an image that nobody may see again; it says no more than that."""


class PhotoFields(models.Model):
    """One image of a person: the sealed original, its derivatives, and what was seen in it.

    The original's capture time and coordinates live in `captured_*`: restricted, never served.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=10, choices=PhotoStatus, default=PhotoStatus.RECEIVED)
    taken_at = PartialDateField()
    original = FileNameField(max_length=120)
    original_sha256 = models.CharField(max_length=64)
    original_bytes = models.PositiveIntegerField()
    original_format = models.CharField(max_length=4)
    reviewer_file = FileNameField(max_length=120, blank=True)
    public_file = FileNameField(max_length=120, blank=True)
    thumb_file = FileNameField(max_length=120, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    phash = BitField(length=images.HASH_BITS, null=True)
    faces_found = models.PositiveSmallIntegerField(null=True)
    quality = models.CharField(max_length=6, choices=PhotoQuality, blank=True)
    advice = models.CharField(max_length=40, blank=True)
    advice_params = models.JSONField(default=dict)
    captured_at = models.DateTimeField(null=True)
    captured_latitude = models.FloatField(null=True)
    captured_longitude = models.FloatField(null=True)
    refused_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="ready")
                | (~Q(reviewer_file="") & ~Q(public_file="") & ~Q(thumb_file="")),
                name="%(class)s_ready_is_complete",
                violation_error_message=_("A photo is ready only when all its sizes are made."),
            )
        ]


class FaceFields(models.Model):
    """The face of the photo's subject. `box` is left, top, width, height in 1,024-px pixels.

    `engine` names the engine and version that made `embedding`; versions are never compared.
    `replaced_at`: when it was found to be of an engine that is not used any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    engine = models.CharField(max_length=40)
    embedding = VectorField()
    box = ArrayField(models.IntegerField(), size=4)
    width_px = models.PositiveIntegerField()
    quality = models.CharField(max_length=6, choices=PhotoQuality)
    created_at = models.DateTimeField(db_default=Now())
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


def advice_words(photo: PhotoFields) -> str:
    """What would make a better photo, or why this one can't be used, in the reader's language."""
    if photo.refused_code in images.CODES:
        return str(images.ImageRefused(photo.refused_code).message)
    if photo.refused_code == SEALED:
        return gettext("We can't use this picture.")
    if words := ADVICE.get(photo.advice):
        return str(gettext(words) % photo.advice_params)
    return ""
