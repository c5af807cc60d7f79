"""Rescue operations, as they were reported, and the cases that they ended."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from casemgr.platform.crypto import EncryptedTextField


class SafetyCheck(models.TextChoices):
    """What is settled before anything is handed over to the police."""

    CHILD_FIRST = "child_first", pgettext_lazy("safety", "the child's safety comes before arrests")
    NO_VISITS = "no_visits", pgettext_lazy("safety", "no family or volunteer goes there")
    CARE_READY = "care_ready", pgettext_lazy("safety", "a place of care is ready")
    DOCTOR = "doctor", pgettext_lazy("safety", "a doctor is at hand")
    NO_PRESS = "no_press", pgettext_lazy("safety", "no press, no live pictures")
    DNA_KIT = "dna_kit", pgettext_lazy("safety", "samples can be taken on the day")


class Operation(models.Model):
    """A rescue action. Figures are those that were reported; rows overlap (`part_of`), so that none
    are ever added up. It holds no place of any child.

    `difference_note` says why the reported children are not all linked to cases here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    period = models.CharField(max_length=100, blank=True)
    begins_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    part_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="parts"
    )
    divisions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    area = models.CharField(max_length=200, blank=True)
    agencies = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    officers = models.PositiveIntegerField(null=True, blank=True)
    children_recovered = models.PositiveIntegerField(null=True, blank=True)
    children_sold = models.PositiveIntegerField(null=True, blank=True)
    groups_broken = models.PositiveIntegerField(null=True, blank=True)
    cases_solved = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(max_length=4_000, blank=True)
    difference_note = models.TextField(max_length=2_000, blank=True)
    historical = models.BooleanField(default=False)
    safety = ArrayField(models.CharField(max_length=12, choices=SafetyCheck), default=list)
    police_contact = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-begins_on", "name", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(begins_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("begins_on")),
                name="operation_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")),
                name="operation_not_part_of_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SuspectKind(models.TextChoices):
    """What became of suspects; four different things, of which none includes another."""

    ARRESTED = "arrested", pgettext_lazy("suspects", "arrested")
    DETAINED = "detained", pgettext_lazy("suspects", "detained")
    PROSECUTED = "prosecuted", pgettext_lazy("suspects", "prosecuted")
    SENTENCED = "sentenced", pgettext_lazy("suspects", "sentenced")


class Suspects(models.Model):
    """How many suspects of one kind an operation reported."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="suspects")
    kind = models.CharField(max_length=10, choices=SuspectKind)
    count = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "suspects"
        constraints = [models.UniqueConstraint(fields=["operation", "kind"], name="suspects_once")]


class Handover(models.Model):
    """The police took over: that it happened, by whom, when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="handovers")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    note = EncryptedTextField(blank=True, default="")
