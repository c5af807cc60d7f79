"""Who looked at or changed what. Rows are only ever added; a database trigger holds that."""

import uuid
from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models

from casemgr.platform.access import Action, Actor, Group


class AuditEntry(models.Model):
    """One act of one actor on one or more objects; ids and field groups, never content."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    user_id = models.UUIDField(null=True)
    roles = models.CharField(max_length=60)
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_ids = ArrayField(models.UUIDField())
    groups = ArrayField(models.CharField(max_length=12), default=list)
    reason = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        app_label = "platform"
        ordering = ("id",)
        indexes = [models.Index(fields=["user_id", "at"], name="audit_by_user")]


def record(
    actor: Actor,
    action: Action | str,
    subject_type: str,
    subject_ids: Iterable[uuid.UUID],
    *,
    groups: Iterable[Group] = (),
    reason: str = "",
) -> None:
    """Write one audit row, in the caller's transaction."""
    AuditEntry.objects.create(
        user_id=actor.user_id,
        roles=" ".join(sorted(actor.roles)),
        action=str(action),
        subject_type=subject_type,
        subject_ids=list(subject_ids),
        groups=[group.value for group in groups],
        reason=reason[:500],
        request_id=actor.request_id,
    )
