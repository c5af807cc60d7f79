"""Claims to be somebody to a child, and what they are tested against. All of it is sealed."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.storage import FileNameField
from cases.models.case import Case


class WithheldFact(models.Model):
    """A fact kept to test a claim with: never published, exported or used in matching."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="withheld_facts")
    text = EncryptedTextField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())


class Verdict(models.TextChoices):
    """What a reviewer makes of a claim, or what became of it."""

    RELEASE = "release", _("the claim holds")
    REFUSE = "refuse", _("the claim does not hold")


class Claim(models.Model):
    """Somebody says who they are to the child. What they are told never moves with the testing.

    `cooling_until`: two yes before then decide nothing yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="claims")
    claimant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims"
    )
    statement = EncryptedTextField()
    made_at = models.DateTimeField(db_default=Now())
    cooling_until = models.DateTimeField()
    verdict = models.CharField(max_length=7, choices=Verdict, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "claimant"],
                condition=Q(decided_at__isnull=True),
                name="claim_open_once",
            ),
            models.CheckConstraint(
                condition=Q(verdict="", decided_at__isnull=True)
                | ~Q(verdict="") & Q(decided_at__isnull=False),
                name="claim_decided_has_verdict",
            ),
        ]


class ClaimPaper(models.Model):
    """A document shown to prove who somebody is to the child; note and file are sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="claim_papers")
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, null=True, related_name="papers")
    note = EncryptedTextField(blank=True, default="")
    sealed_file = FileNameField(max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=Now())


class ClaimTester(models.Model):
    """One of the two reviewers who test a claim, and what they make of it in the end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="testers")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(db_default=Now())
    verdict = models.CharField(max_length=7, choices=Verdict, blank=True)
    reason = EncryptedTextField(blank=True, default="")
    voted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "reviewer"], name="claim_tester_once")
        ]


class ClaimAnswer(models.Model):
    """Whether one answer agreed with one withheld fact, as one tester heard it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tester = models.ForeignKey(ClaimTester, on_delete=models.CASCADE, related_name="answers")
    fact = models.ForeignKey(WithheldFact, on_delete=models.CASCADE, related_name="answers")
    agrees = models.BooleanField()
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tester", "fact"], name="claim_answer_once")]
