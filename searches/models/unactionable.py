"""Sightings that two reviewers found to be no sighting of a child at all."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from searches.models.sighting import Sighting


class UnactionableWhy(models.TextChoices):
    """Why nothing can follow from a report."""

    SPAM = "spam", _("spam")
    EMPTY = "empty", _("says nothing")
    ADULT = "adult", _("shows an adult")


class Unactionable(models.Model):
    """One reviewer's word; once a second one agrees, the sighting's time runs out early."""

    sighting = models.OneToOneField(
        Sighting, on_delete=models.CASCADE, primary_key=True, related_name="unactionable"
    )
    why = models.CharField(max_length=5, choices=UnactionableWhy)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    marked_at = models.DateTimeField(db_default=Now())
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True, agreed_at__isnull=True)
                | Q(agreed_by__isnull=False, agreed_at__isnull=False)
                & ~Q(agreed_by=F("marked_by")),
                name="unactionable_by_two_people",
            )
        ]
