"""What partners were last told of a case."""

from django.db import models

from cases.models.case import Case


class ToldToPartners(models.Model):
    """The state that the feed has told: whether the card was up and as of when; and to the
    partners who read the detail, the status that the family is shown and its version.
    """

    case = models.OneToOneField(
        Case, on_delete=models.CASCADE, primary_key=True, related_name="told_to_partners"
    )
    card = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, blank=True)
    version = models.CharField(max_length=40, blank=True)
    outcome = models.BooleanField(default=False)
