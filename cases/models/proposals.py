"""How partners say that a case ended: received, and decided by nobody but two reviewers."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.fields import PartialDateField, partial_date_constraint
from casemgr.platform.partners.models import Partner
from casemgr.platform.vocabularies import IdentityEstablishedBy, OutcomeKind, Situation
from cases.models.case import Case


class ProposalEnd(models.TextChoices):
    """What became of a proposal; no partner is ever told."""

    CONSIDERED = "considered"
    SET_ASIDE = "set_aside"
    REPLACED = "replaced"


class OutcomeProposal(models.Model):
    """One partner's word on how a case ended; of each partner at most one waits.

    It waits until a reviewer proposes an outcome (`considered`) or says why not (`set_aside`, with
    `reason`), or the partner sends another (`replaced`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="outcome_proposals")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24, choices=OutcomeKind)
    occurred_at = PartialDateField()
    identity_by = ArrayField(
        models.CharField(max_length=16, choices=IdentityEstablishedBy), default=list
    )
    situation_found = models.CharField(max_length=24, choices=Situation, blank=True)
    note = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=10, choices=ProposalEnd, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            partial_date_constraint("occurred_at", "outcome_proposal"),
            models.UniqueConstraint(
                fields=["case", "partner"],
                condition=Q(ended_at__isnull=True),
                name="outcome_proposal_waits_once",
            ),
        ]
