"""Copies of a case's file that two people agreed to."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.storage import FileNameField
from cases.models.case import Case


class CaseFile(models.Model):
    """One asked-for copy: asked → answered by somebody else → there until `until` → gone.

    `sealed_file` is the zip, encrypted like an original; it is empty before the yes and after the
    end. `as_reviewer`: asked for by a reviewer with the case in hand, so answered by another.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="case_files"
    )
    as_reviewer = models.BooleanField()
    reason = EncryptedTextField()
    asked_at = models.DateTimeField(db_default=Now())
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    sealed_file = FileNameField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "asked_by"],
                condition=Q(ended_at__isnull=True),
                name="case_file_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("asked_by")),
                name="case_file_by_two",
            ),
            models.CheckConstraint(
                condition=Q(sealed_file="") | Q(answered_by__isnull=False, until__isnull=False),
                name="case_file_was_agreed_to",
            ),
        ]
