"""What guardians agree to, and what they refuse. A refusal stands against others' consent."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform.partners.models import Partner
from cases.models.case import Case
from families.models import Alliance, Guardian


class ConsentPurpose(models.TextChoices):
    """What a guardian can agree to; each can be taken back by itself."""

    PUBLISH = "publish", _("show the public card")
    PUBLISH_PHOTO = "publish_photo", _("show a photo on the public card")
    SHARE = "share", _("share the case with another alliance or a partner")


class Consent(models.Model):
    """A guardian's yes to one purpose, from when, until it was taken back.

    One to sharing names the `alliance` or the `partner` that the case is shared with.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="consents")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=16, choices=ConsentPurpose)
    alliance = models.ForeignKey(
        Alliance, on_delete=models.CASCADE, null=True, related_name="consents"
    )
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, related_name="+")
    given_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "guardian", "purpose", "alliance", "partner"],
                condition=Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="consent_once",
            ),
            models.CheckConstraint(
                condition=Q(purpose="share", alliance__isnull=False, partner__isnull=True)
                | Q(purpose="share", alliance__isnull=True, partner__isnull=False)
                | ~Q(purpose="share") & Q(alliance__isnull=True, partner__isnull=True)
                | Q(revoked_at__isnull=False),
                name="consent_share_names_one",
            ),
        ]


class Objection(models.Model):
    """A guardian's no to one purpose; while it stands, no other guardian's yes counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="objections")
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="objections")
    purpose = models.CharField(max_length=16, choices=ConsentPurpose)
    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, null=True, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "guardian", "purpose", "alliance", "partner"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="objection_once",
            )
        ]
