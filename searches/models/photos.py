"""Photos of a sighting and the faces found in them. None of these is ever public."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from pgvector.django import HnswIndex, VectorField

from casemgr.platform.photos import FaceFields, PhotoFields
from casemgr.platform.vocabularies import PhotoShows
from searches.models.sighting import Sighting


class SightingPhoto(PhotoFields):
    """A photo sent with a sighting. `subject_face`: which face is the child, where it was said."""

    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="photos")
    shows = models.CharField(max_length=10, choices=PhotoShows, default=PhotoShows.CHILD_NOW)
    subject_face = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(PhotoFields.Meta):
        ordering = ("created_at", "id")
        indexes = [
            HnswIndex(fields=["phash"], name="sighting_photo_phash", opclasses=["bit_hamming_ops"])
        ]


class SightingFace(FaceFields):
    """The child's face in a sighting's photo. `live` ends when the sighting is withdrawn."""

    photo = models.OneToOneField(SightingPhoto, on_delete=models.CASCADE, related_name="face")
    live = models.BooleanField(default=True)

    class Meta:
        indexes = [
            HnswIndex(
                OpClass(Cast("embedding", VectorField(dimensions=128)), name="vector_l2_ops"),
                name="sighting_face_dlib",
                condition=Q(engine="dlib-resnet-v1", live=True),
            )
        ]
