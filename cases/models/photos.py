"""Photos of a case's child and the faces found in them."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from pgvector.django import HnswIndex, VectorField

from casemgr.platform.photos import FaceFields, PhotoFields
from cases.models.case import Case


class CasePhoto(PhotoFields):
    """A photo of the child. `ever_public`: anybody may have it, so a copy of it proves nothing."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="photos")
    consent_public = models.BooleanField(default=False)
    ever_public = models.BooleanField(default=False)

    class Meta(PhotoFields.Meta):
        ordering = ("created_at", "id")
        indexes = [
            HnswIndex(fields=["phash"], name="case_photo_phash", opclasses=["bit_hamming_ops"])
        ]


class CaseFace(FaceFields):
    """The child's face in a case photo. `live` follows the case's status, for the index's sake."""

    photo = models.OneToOneField(CasePhoto, on_delete=models.CASCADE, related_name="face")
    live = models.BooleanField(default=True)

    class Meta:
        indexes = [
            HnswIndex(
                OpClass(Cast("embedding", VectorField(dimensions=128)), name="vector_l2_ops"),
                name="case_face_dlib",
                condition=Q(engine="dlib-resnet-v1", live=True),
            )
        ]
