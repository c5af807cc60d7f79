"""A found child or grown seeker whose family is unknown: who looks after them, what was done."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from casemgr.platform.crypto import EncryptedTextField
from searches.models.sighting import Sighting


class SightingAssignment(models.Model):
    """A reviewer has a sighting in hand, and sees it whether or not it matches any case."""

    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    taken_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sighting", "reviewer"],
                condition=Q(released_at__isnull=True),
                name="sighting_in_hand_once",
            )
        ]


class FollowThroughKind(models.TextChoices):
    """What is done; that it was held against every case is written down by matching itself."""

    INFORMED = "informed", pgettext_lazy("follow-through", "the authorities were informed")
    DNA_ASKED = "dna_asked", pgettext_lazy("follow-through", "a DNA sample was asked for")
    DNA_TAKEN = "dna_taken", pgettext_lazy("follow-through", "a DNA sample was taken")
    DNA_KEPT = "dna_kept", pgettext_lazy("follow-through", "the sample is in the database")
    INTERVIEW = "interview", pgettext_lazy("follow-through", "somebody spoke with them")


class FollowThroughStep(models.Model):
    """One thing done, by whom and when. `undone_at`: taken back, with the reason in the audit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="follow_through")
    kind = models.CharField(max_length=9, choices=FollowThroughKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    note = EncryptedTextField(blank=True, default="")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["sighting", "kind"],
                condition=Q(undone_at__isnull=True),
                name="follow_through_once",
            )
        ]
