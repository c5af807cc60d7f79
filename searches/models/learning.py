"""What decisions teach: the ledger of what was decided on which evidence, and calibrations."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from casemgr.platform.vocabularies import ReviewDecision
from searches.models.match import Review


class LedgerEntry(models.Model):
    """One decision, with each comparison's level and bits as they stood; no value, nobody's id.

    `lines` holds [comparison, level, bits, bits before its factor]. The reviewer and the reason are
    the review's. When the sighting or the case is erased the review goes with them, and the levels
    stay for replay. `pair` tells which entries are of one pair, and leads to nothing else.
    `stands` ends when the decision is taken back, replaced, or asked for anew, which is noted in
    `reopened_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pair = models.UUIDField()
    review = models.OneToOneField(
        Review, on_delete=models.SET_NULL, null=True, related_name="ledger_entry"
    )
    decision = models.CharField(max_length=17, choices=ReviewDecision)
    prior_bits = models.FloatField()
    weight_bits = models.FloatField()
    engine_version = models.CharField(max_length=20)
    lines = models.JSONField()
    stands = models.BooleanField(default=True)
    decided_at = models.DateTimeField(db_default=Now())
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("decided_at", "id")
        indexes = [models.Index(fields=["pair"], name="ledger_pair", condition=Q(stands=True))]


class Calibration(models.Model):
    """Factors that decisions gave the comparisons; the one of the highest version is used.

    `prior_bits` is added to the written prior. `figures` is the replay by which it was judged.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(unique=True)
    speaking_for = models.JSONField()
    speaking_against = models.JSONField()
    prior_bits = models.FloatField()
    figures = models.JSONField()
    applied_at = models.DateTimeField(db_default=Now())
