"""Who has a case in hand, who agreed to showing it, and what strangers say about its page."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform.crypto import EncryptedTextField
from cases.models.case import Case


class TakeReason(models.TextChoices):
    """Why a reviewer takes a case in hand; kept in the audit, with their own words."""

    MATCHES = "matches", _("its matches wait to be decided")
    NEW = "new", _("it is new, or has to be verified")
    DRAWN = "drawn", _("I was drawn as the second reviewer")
    ASKED = "asked", _("the family or the police asked for something")
    DUE = "due", _("a check or a yearly look is due")
    SECOND_LOOK = "second_look", _("a second look, given by chance")
    OTHER = "other", _("something else: I say it in my own words")


class Assignment(models.Model):
    """A reviewer who has taken a case in hand; without it they see no content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments"
    )
    taken_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reviewer"],
                condition=Q(released_at__isnull=True),
                name="assignment_once",
            )
        ]


class Approval(models.Model):
    """One reviewer's yes to showing the case to the public; two different ones are needed.

    An `emergency` one rests on a police reference and suffices alone until `Case.public_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approvals")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    emergency = models.BooleanField(default=False)
    police_reference = EncryptedTextField(blank=True, default="")
    given_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reviewer"],
                condition=Q(ended_at__isnull=True),
                name="approval_once_per_reviewer",
            )
        ]


class PageReportKind(models.TextChoices):
    """What somebody says of a public card."""

    REPORT = "report", _("something is wrong with this page")
    ABOUT_ME = "about_me", _("this is about me")


class PageReport(models.Model):
    """Somebody's word on a public card, with a way to reach them if they left one; sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="page_reports")
    kind = models.CharField(max_length=8, choices=PageReportKind)
    words = EncryptedTextField(blank=True, default="")
    contact = EncryptedTextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    handled_at = models.DateTimeField(null=True)
    hid_page = models.BooleanField(default=False)
