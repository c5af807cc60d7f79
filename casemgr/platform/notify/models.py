"""Notices, and what became of each on its way out of the house."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from casemgr.platform.notify.kinds import Kind, Words


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Reads start with whose notices they are."""

    def of(self, user_id: uuid.UUID | None) -> "NoticeQuerySet":
        """One person's own, newest first; nobody ever sees another's."""
        return self.filter(person=user_id).order_by("-created_at", "-pk")

    def unread(self) -> "NoticeQuerySet":
        """Those not yet ticked off."""
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One thing told to one person. `kind` and `codes` choose fixed words; no text is stored.

    `about` is the id of what a letter's link is made for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=40)
    codes = models.JSONField(default=dict)
    about = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notice_inbox"),
            models.Index(
                fields=["person"], name="notice_unread", condition=Q(read_at__isnull=True)
            ),
        ]

    @property
    def spec(self) -> "Kind":
        """What its kind says."""
        from casemgr.platform.notify import kinds

        return kinds.get(self.kind)

    @property
    def words(self) -> "dict[str, Words]":
        """Subject and body in the language that is active when they are turned into text."""
        return {"subject": self.spec.subject, "body": self.spec.said(self.codes)}


class Way(models.TextChoices):
    """How a notice leaves the house."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class DeliveryState(models.TextChoices):
    """waiting → sending → sent, refused (never will be), or unknown (cut off; not sent twice)."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Delivery(models.Model):
    """One notice on one way, at most once."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    way = models.CharField(max_length=5, choices=Way)
    state = models.CharField(max_length=7, choices=DeliveryState, default=DeliveryState.WAITING)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["notice", "way"], name="delivery_once")]

    def move(self, to: DeliveryState) -> bool:
        """Compare and set: whether this call took the delivery from its state to the next."""
        rows = Delivery.objects.filter(pk=self.pk, state=self.state)
        moved = rows.update(state=to, changed_at=Now()) == 1
        if moved:
            self.state = to
        return moved
