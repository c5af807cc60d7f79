"""Pairs of cases that may be of one child, or of children who were lost together."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform.vocabularies import Band, LinkKind
from cases.models import Case
from searches.querysets import CasePairQuerySet


class PairDecision(models.TextChoices):
    """What a reviewer made of two cases: a link of that kind, or that they are of others."""

    DUPLICATE = LinkKind.DUPLICATE.value, _("The same child")
    SIBLING = LinkKind.SIBLING.value, _("Brothers or sisters")
    SAME_INCIDENT = LinkKind.SAME_INCIDENT.value, _("Two children of one incident")
    DIFFERENT = "different", _("Different children")


class CasePair(models.Model):
    """Two cases that reviewers should hold against each other, and what one of them decided.

    `kind` is what they most likely are, `probability` and `band` how likely that is; `weight_bits`
    is about one child alone. `levels` holds [comparison, level, bits] and no value of either case:
    what was compared is judged anew for whoever opens the pair. `news` names the comparisons for
    which a pair that had been called different waits again; `reason` is then still the old one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    left = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    right = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=13, choices=LinkKind)
    weight_bits = models.FloatField()
    prior_bits = models.FloatField()
    probability = models.FloatField()
    band = models.CharField(max_length=8, choices=Band)
    levels = models.JSONField(default=list)
    news = models.JSONField(default=list)
    engine_version = models.CharField(max_length=20)
    decision = models.CharField(max_length=13, choices=PairDecision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(max_length=2_000, blank=True)
    proposed_at = models.DateTimeField(db_default=Now())

    objects = CasePairQuerySet.as_manager()

    class Meta:
        constraints = [
            # The smaller id stands first, so that two cases are one row, whichever came first.
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="case_pair_in_order"),
            models.UniqueConstraint(fields=["left", "right"], name="case_pair_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="case_pair_decided_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-probability", "id"], name="case_pair_open", condition=Q(decision="")
            )
        ]
