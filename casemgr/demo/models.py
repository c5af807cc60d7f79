"""The mark by which a demo's database is known."""

from django.db import models
from django.db.models.functions import Now


class DemoRun(models.Model):
    """One row stands in a demo's database and in no other; `finished_at`: it is whole."""

    seed = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
