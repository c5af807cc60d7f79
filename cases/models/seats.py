"""Who was drawn to be the second of two."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class SeatEnd(models.TextChoices):
    """How somebody's turn at being the second person ended."""

    OVER = "over", _("they decided, or nothing waits any more")
    PASSED = "passed", _("their time was over")
    TAKEN_OVER = "taken_over", _("somebody else took it over")


class SecondSeat(models.Model):
    """One reviewer's turn at being the second person about one subject.

    `subject_type` and `subject_id` name what is decided: a case's publication, an outcome, a claim,
    a flag, a match. `turn` counts those who were drawn about it; `until` is when the next one is.
    Why somebody took a seat over stands in the audit alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="second_seats")
    subject_type = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_seats"
    )
    turn = models.PositiveSmallIntegerField(default=1)
    urgent = models.BooleanField(default=False)
    drawn_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=10, choices=SeatEnd, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(ended_at__isnull=True),
                name="second_seat_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_as="")
                | Q(ended_at__isnull=False) & ~Q(ended_as=""),
                name="second_seat_end_says_how",
            ),
        ]
