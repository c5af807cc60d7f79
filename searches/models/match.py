"""Matches between cases and sightings, their evidence, and what reviewers decide."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from casemgr.platform.vocabularies import Band, MatchStatus, ReviewDecision
from cases.models import Case
from searches.models.sighting import Sighting
from searches.querysets import MatchQuerySet


class Match(models.Model):
    """The scored pair of a case and a sighting, as judged by `engine_version` at two revisions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="matches")
    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="matches")
    weight_bits = models.FloatField()
    prior_bits = models.FloatField()
    probability = models.FloatField()
    band = models.CharField(max_length=8, choices=Band)
    status = models.CharField(max_length=17, choices=MatchStatus, default=MatchStatus.PROPOSED)
    engine_version = models.CharField(max_length=20)
    case_revision = models.PositiveIntegerField()
    sighting_revision = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sighting"], name="match_once"),
            models.CheckConstraint(
                condition=Q(probability__range=(0, 1)), name="match_probability_possible"
            ),
        ]
        indexes = [
            models.Index(fields=["-weight_bits", "-id"], name="match_heaviest"),
            models.Index(fields=["status", "-weight_bits"], name="match_by_status"),
        ]


class Evidence(models.Model):
    """One comparison's line on a match: signed bits, both values, and why."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="evidence")
    position = models.PositiveSmallIntegerField()
    comparison = models.CharField(max_length=24)
    level = models.CharField(max_length=40)
    weight_bits = models.FloatField()
    case_value = models.TextField(blank=True)
    sighting_value = models.TextField(blank=True)
    reason = models.TextField()
    params = models.JSONField(default=dict)

    class Meta:
        ordering = ("match", "position")
        constraints = [
            models.UniqueConstraint(fields=["match", "position"], name="evidence_in_order")
        ]


class Review(models.Model):
    """One reviewer's decision on a match, with a reason. `ended_at`: taken back, or replaced."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews"
    )
    decision = models.CharField(max_length=17, choices=ReviewDecision)
    reason = models.TextField(max_length=2_000)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["match", "reviewer"],
                condition=Q(ended_at__isnull=True),
                name="review_once_per_reviewer",
            )
        ]


class SecondLook(models.Model):
    """A decided match that a further reviewer judges blind: without score or earlier decisions.

    `standing` is what the match had been decided to when the look fell due.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.OneToOneField(Match, on_delete=models.CASCADE, related_name="second_look")
    standing = models.CharField(max_length=17, choices=ReviewDecision)
    due_at = models.DateTimeField(db_default=Now())
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=17, choices=ReviewDecision, blank=True)
    reason = models.TextField(max_length=2_000, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True)
                | ~Q(decision="") & Q(decided_at__isnull=False, reviewer__isnull=False),
                name="second_look_decided_by_somebody",
            )
        ]
