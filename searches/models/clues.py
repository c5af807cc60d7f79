"""Which match a clue was."""

import uuid

from django.db import models

from cases.models import Clue
from searches.models.match import Match


class ClueMatch(models.Model):
    """The lead that a ranked clue of a case's outcome stands for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clue = models.OneToOneField(Clue, on_delete=models.CASCADE, related_name="source")
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="clues")
