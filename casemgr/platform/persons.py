"""What a case and a sighting both say of a person, as columns."""

import uuid
from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models

from casemgr.platform.vocabularies import BodyPart, MarkKind, Sex, Side


class PersonFields(models.Model):
    """The Person description of docs/api.md. '' and NULL mean unknown, never 'no'."""

    sex = models.CharField(max_length=7, choices=Sex, default=Sex.UNKNOWN)
    height_cm = models.PositiveSmallIntegerField(null=True, blank=True)
    weight_kg = models.PositiveSmallIntegerField(null=True, blank=True)
    blood_type = models.CharField(max_length=3, blank=True)
    ethnicity = models.CharField(max_length=60, blank=True)
    languages = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    clothing = models.TextField(max_length=1_000, blank=True)
    description = models.TextField(max_length=10_000, blank=True)

    class Meta:
        abstract = True


class MarkFields(models.Model):
    """A distinguishing mark."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=24, choices=MarkKind)
    body_part = models.CharField(max_length=12, choices=BodyPart, blank=True)
    side = models.CharField(max_length=7, choices=Side, blank=True)
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


def mark_tokens(marks: Iterable[MarkFields]) -> set[str]:
    """Search tokens of marks: their kind, with and without body part and side."""
    found = set()
    for mark in marks:
        found.add(f"m:{mark.kind}")
        if mark.body_part:
            found.add(f"m:{mark.kind}:{mark.body_part}")
            if mark.side:
                found.add(f"m:{mark.kind}:{mark.body_part}:{mark.side}")
    return found
