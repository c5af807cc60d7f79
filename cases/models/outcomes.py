"""How a case ends: what was established, step by step, by whom, and which clue solved it.

All words are sealed. Where the child is stands here and nowhere else, for the case's reviewers.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.fields import PartialDateField, partial_date_constraint
from casemgr.platform.storage import FileNameField
from casemgr.platform.vocabularies import (
    CaseStatus,
    IdentityEstablishedBy,
    Obstacle,
    OutcomeKind,
    Situation,
)
from cases.models.case import Case
from cases.models.operations import Operation

# What may stand alone for who somebody is; a face or their own word may not.
PROOFS = (
    IdentityEstablishedBy.DNA,
    IdentityEstablishedBy.POLICE,
    IdentityEstablishedBy.DOCUMENTS,
)


class StepKind(models.TextChoices):
    """What is done, in this order as far as a kind of outcome needs it."""

    INFORMED = "informed", pgettext_lazy("outcome step", "the authorities were informed")
    SPOKEN = "spoken", pgettext_lazy("outcome step", "a reviewer spoke to the guardian")
    LOCATED = "located", pgettext_lazy("outcome step", "the child was located")
    IDENTITY = "identity", pgettext_lazy("outcome step", "identity was established")
    WISHES = "wishes", pgettext_lazy("outcome step", "wishes were asked")
    PROPOSED = "proposed", pgettext_lazy("outcome step", "an outcome was proposed")
    CONFIRMED = "confirmed", pgettext_lazy("outcome step", "a second reviewer agreed")


class ContactWish(models.TextChoices):
    """What the child, or the grown person, wants."""

    WANTS = "wants", pgettext_lazy("contact wish", "wants contact")
    DECLINES = "declines", pgettext_lazy("contact wish", "does not want contact")
    UNDECIDED = "undecided", pgettext_lazy("contact wish", "has not decided")
    TOO_YOUNG = "too_young", pgettext_lazy("contact wish", "is too young to say")


class Outcome(models.Model):
    """One way of a case to its end; at most one stands, and those that were ended stay to be read.

    `place` is where the child is; `place_hidden`, once they want no contact, empties it for ever.
    `found_province` is all of it that figures use: two digits, '' where nobody could tell.
    `came_from` is the status that a confirmed one ended. `ended_at`: the case was taken up again,
    or went another way.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="outcomes")
    authority = EncryptedTextField(blank=True, default="")
    # Null, so that the database itself can see that a hidden place is gone.
    place: "models.Field[str | None, str | None]" = EncryptedTextField(null=True)  # type: ignore[assignment, misc]
    place_hidden = models.BooleanField(default=False)
    found_province = models.CharField(max_length=2, blank=True, default="")
    identity_by = ArrayField(
        models.CharField(max_length=16, choices=IdentityEstablishedBy), default=list
    )
    identity_who = EncryptedTextField(blank=True, default="")
    identity_note = EncryptedTextField(blank=True, default="")
    evidence_file = FileNameField(max_length=120, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    child_wish = models.CharField(max_length=9, choices=ContactWish, blank=True)
    child_words = EncryptedTextField(blank=True, default="")
    guardian_words = EncryptedTextField(blank=True, default="")
    kind = models.CharField(max_length=24, choices=OutcomeKind, blank=True)
    occurred_at = PartialDateField()
    situation_found = models.CharField(max_length=24, choices=Situation, blank=True)
    obstacle = models.CharField(max_length=24, choices=Obstacle, blank=True)
    note = EncryptedTextField(blank=True, default="")
    merged_into = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    operation = models.ForeignKey(
        Operation, on_delete=models.SET_NULL, null=True, related_name="outcomes"
    )
    came_from = models.CharField(max_length=10, choices=CaseStatus, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            partial_date_constraint("occurred_at", "outcome"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="outcome_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(place_hidden=False) | Q(place__isnull=True, found_province=""),
                name="outcome_hidden_place_is_gone",
            ),
            models.CheckConstraint(
                condition=~Q(kind=OutcomeKind.REUNITED) | Q(identity_by__overlap=list(PROOFS)),
                name="outcome_reunited_is_proven",
            ),
        ]

    def standing_steps(self) -> "dict[str, OutcomeStep]":
        """The steps that stand, by kind."""
        steps = self.steps.filter(undone_at__isnull=True).select_related("by")
        return {step.kind: step for step in steps}


class OutcomeStep(models.Model):
    """One step, who took it and when. `undone_at`: taken back, with the reason in the audit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=9, choices=StepKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "kind"],
                condition=Q(undone_at__isnull=True),
                name="outcome_step_stands_once",
            )
        ]


class ClueKind(models.TextChoices):
    """Where what solved a case came from."""

    SIGHTING = "sighting", pgettext_lazy("clue", "a sighting")
    SEEKER = "seeker", pgettext_lazy("clue", "the child's own search")
    INSTITUTION = "institution", pgettext_lazy("clue", "an institution's report")
    DNA_DATABASE = "dna_database", pgettext_lazy("clue", "the DNA database")
    POLICE = "police", pgettext_lazy("clue", "the police's own inquiry")
    FAMILY = "family", pgettext_lazy("clue", "the family's own search")
    MEDIA = "media", pgettext_lazy("clue", "the public card or the media")
    OTHER = "other", pgettext_lazy("clue", "something else")


class Clue(models.Model):
    """What solved a case, the most decisive first (`rank` from 1 on)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="clues")
    rank = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=ClueKind)
    note = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("rank",)
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "rank"],
                name="clue_rank_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]
