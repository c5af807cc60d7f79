"""What is kept from everybody but reviewers: protection flags, and images that must not be seen."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from pgvector.django import BitField, HnswIndex

from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.images import HASH_BITS
from cases.models.case import Case


class FlagKind(models.TextChoices):
    """Why a case must not be shown."""

    CUSTODY_ORDER = "custody_order", _("custody order")
    THREAT = "threat", _("threat")


class ProtectionFlag(models.Model):
    """A secret about who must not find the child. It stands until two reviewers clear it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="protection_flags")
    kind = models.CharField(max_length=13, choices=FlagKind)
    note = EncryptedTextField(blank=True, default="")
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    raised_at = models.DateTimeField(db_default=Now())
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(cleared_at__isnull=True),
                name="protection_flag_once",
            )
        ]


class FlagClearing(models.Model):
    """One reviewer's word that a flag may go; two different ones clear it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flag = models.ForeignKey(ProtectionFlag, on_delete=models.CASCADE, related_name="clearings")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = EncryptedTextField()
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flag", "reviewer"], name="flag_cleared_once_each")
        ]


class HarmfulImage(models.Model):
    """An image that nobody may see again. Its hashes block re-uploads; the photo's row is sealed.

    `photo_kind` and `photo_id` say where it was; the original stays encrypted for the police.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo_kind = models.CharField(max_length=8)
    photo_id = models.UUIDField(unique=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    phash = BitField(length=HASH_BITS, null=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = EncryptedTextField(blank=True, default="")
    marked_at = models.DateTimeField(db_default=Now())
    handed_over_at = models.DateTimeField(null=True)
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    police_reference = EncryptedTextField(blank=True, default="")

    class Meta:
        indexes = [HnswIndex(fields=["phash"], name="harmful_phash", opclasses=["bit_hamming_ops"])]
