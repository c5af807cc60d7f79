"""Tables of the audit. Triggers hold that entries, seals and their lines are only ever added."""

import uuid
from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from casemgr.platform.crypto import EncryptedTextField


class AuditSubject(models.Model):
    """Which pseudonym stands for an object or a person in audit rows; gone once they are erased.

    `secret` opens the reasons of rows about the subject, and is made when there is a first one.
    """

    subject = models.UUIDField(primary_key=True)
    pseudonym = models.UUIDField(unique=True, default=uuid.uuid4)
    secret = EncryptedTextField(null=True)  # type: ignore[misc]

    class Meta:
        app_label = "platform"


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Finds rows by the ids that their pseudonyms stand for."""

    def about(self, *subjects: uuid.UUID) -> "AuditQuerySet":
        """Rows that name any of these."""
        return self.filter(subjects__overlap=_pseudonyms(subjects))

    def by(self, user_id: uuid.UUID | None) -> "AuditQuerySet":
        """Rows of one person's acts; None: of nobody's who is known."""
        if user_id is None:
            return self.filter(who__isnull=True)
        return self.filter(who__in=_pseudonyms([user_id]))


def _pseudonyms(subjects: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    return list(
        AuditSubject.objects.filter(subject__in=subjects).values_list("pseudonym", flat=True)
    )


class AuditEntry(models.Model):
    """One act of one actor on one or more objects; pseudonyms and field groups, never content.

    `reason_sealed` is what somebody typed as their reason, readable while every subject of the row
    still is.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    who = models.UUIDField(null=True)
    roles = models.CharField(max_length=60)
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=120)
    subjects = ArrayField(models.UUIDField())
    groups = ArrayField(models.CharField(max_length=12), default=list)
    reason_sealed = models.BinaryField(null=True)
    request_id = models.CharField(max_length=36, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        app_label = "platform"
        ordering = ("id",)
        indexes = [
            models.Index(fields=["who", "at"], name="audit_by_user"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    @property
    def user_id(self) -> uuid.UUID | None:
        """Whose act it was; None where nobody was signed in, or they were erased."""
        return resolve([self.who]).get(self.who) if self.who else None

    @property
    def subject_ids(self) -> list[uuid.UUID]:
        """What the row is about, in its order; what was erased is left out."""
        known = resolve(self.subjects)
        return [known[pseudonym] for pseudonym in self.subjects if pseudonym in known]

    @property
    def reason(self) -> str:
        """Why, in the actor's words; '' where none was given, or a subject was erased."""
        from casemgr.platform.audit.subjects import open_reason

        sealed = self.reason_sealed
        return open_reason(bytes(sealed), self.subjects) if sealed is not None else ""


def resolve(pseudonyms: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """What each pseudonym stands for; those of the erased are missing."""
    rows = AuditSubject.objects.filter(pseudonym__in=list(pseudonyms))
    return dict(rows.values_list("pseudonym", "subject"))


class AuditSeal(models.Model):
    """One link of the chain. `digest`: SHA-256 over the previous digest and the rows it covers."""

    id = models.BigAutoField(primary_key=True)
    sealed_at = models.DateTimeField(db_default=Now())
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    entries = models.PositiveIntegerField()

    class Meta:
        app_label = "platform"
        ordering = ("id",)


class AuditSealed(models.Model):
    """Which seal covers an entry. No foreign keys: a row that is gone must still be missed."""

    entry = models.BigIntegerField(primary_key=True)
    seal = models.BigIntegerField(db_index=True)

    class Meta:
        app_label = "platform"
