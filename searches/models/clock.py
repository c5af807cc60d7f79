"""When each case last had its turn, so that none is forgotten."""

from django.db import models

from cases.models import Case


class CaseClock(models.Model):
    """When a case was last held against all sightings, and when a reviewer last looked at it."""

    case = models.OneToOneField(
        Case, on_delete=models.CASCADE, primary_key=True, related_name="clock"
    )
    rematched_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
