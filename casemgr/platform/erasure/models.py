"""Tables of erasing: what is asked for and how far it is, the ledger, and legal holds."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from casemgr.platform.crypto import EncryptedTextField


class Kind(models.TextChoices):
    """What can be erased as a whole."""

    SIGHTING = "sighting"
    CASE = "case"
    ACCOUNT = "account"


class State(models.TextChoices):
    """requested (a second person is awaited) → hidden → erasing → erased → verified; or refused.

    hidden: out of everybody's sight. erasing: the rows are gone, files are being removed. erased:
    the files are gone too. verified: a search of every table and file found nothing.
    """

    REQUESTED = "requested"
    HIDDEN = "hidden"
    ERASING = "erasing"
    ERASED = "erased"
    VERIFIED = "verified"
    REFUSED = "refused"


OPEN_STATES = (State.REQUESTED, State.HIDDEN, State.ERASING, State.ERASED)


class Why(models.TextChoices):
    """Whose doing an erasure is: the person's own wish, an officer's, the clock's, or a restore's,
    which had brought back what was erased.
    """

    PERSON = "person"
    OFFICER = "officer"
    RETENTION = "retention"
    RESTORE = "restore"


class Erasure(models.Model):
    """One subject on its way out. `holdings`: what is known of it until the search found nothing.

    `residue` says where the last search still found something.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.UUIDField()
    state = models.CharField(max_length=9, choices=State)
    why = models.CharField(max_length=9, choices=Why)
    requested_by = models.UUIDField(null=True)
    approved_by = models.UUIDField(null=True)
    requested_at = models.DateTimeField(db_default=Now())
    hidden_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    holdings = EncryptedTextField(blank=True, default="")
    residue = models.JSONField(default=dict)

    class Meta:
        app_label = "platform"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(state__in=["requested", "hidden", "erasing", "erased"]),
                name="erasure_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["hidden", "erasing"]) | Q(due_at__isnull=False),
                name="erasure_hidden_is_due",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")),
                name="erasure_by_two_people",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="erasure_due",
                condition=Q(state__in=["hidden", "erasing"]),
            )
        ]


class ErasureLine(models.Model):
    """One line of the ledger: what was erased, when, and a digest of what it held. Only added."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.UUIDField()
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        app_label = "platform"


class LegalHold(models.Model):
    """Two people keep something from being erased for a reason and a time; hidden it stays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.UUIDField()
    reason = EncryptedTextField()
    placed_by = models.UUIDField()
    placed_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "platform"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(ended_at__isnull=True),
                name="hold_once",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("placed_by")),
                name="hold_by_two_people",
            ),
        ]
