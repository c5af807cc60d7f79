"""How a child is after coming home: checks, and what is done about what they find."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from casemgr.platform.access import Actor, Role
from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.vocabularies import CaseStatus
from cases.models.outcomes import Outcome


class Standing(models.TextChoices):
    """How one side of a child's life is."""

    GOOD = "good", pgettext_lazy("follow-up", "good")
    NEEDS_HELP = "needs_help", pgettext_lazy("follow-up", "needs help")
    NOT_YET = "not_yet", pgettext_lazy("follow-up", "not yet")
    NOT_NEEDED = "not_needed", pgettext_lazy("follow-up", "not needed")
    UNKNOWN = "unknown", pgettext_lazy("follow-up", "not known")


class Concern(models.TextChoices):
    """Whether something worries whoever was there."""

    NONE = "none", pgettext_lazy("follow-up", "nothing worries me")
    SOME = "some", pgettext_lazy("follow-up", "something to keep an eye on")
    URGENT = "urgent", pgettext_lazy("follow-up", "the child may be in danger")


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Reads start with `visible_to`."""

    def visible_to(self, actor: Actor) -> "FollowUpQuerySet":
        """Those of cases that a reviewer has in hand; nobody else sees any."""
        if actor.user is None or not actor.has(Role.REVIEWER):
            return self.none()
        from families.models import Guardian

        kin = Guardian.objects.filter(family=models.OuterRef("outcome__case__family"))
        return self.filter(
            ~models.Exists(kin.filter(user=actor.user)),
            outcome__case__assignments__reviewer=actor.user,
            outcome__case__assignments__released_at__isnull=True,
        )

    def due(self) -> "FollowUpQuerySet":
        """Not made yet, of a child whose coming home still stands."""
        return self.filter(
            done_at__isnull=True,
            outcome__ended_at__isnull=True,
            outcome__case__status=CaseStatus.CLOSED,
        )

    def worrying(self) -> "FollowUpQuerySet":
        """Those whose concern waits for a second person."""
        return self.filter(concern=Concern.URGENT, handled_at__isnull=True)


class FollowUp(models.Model):
    """One check, `months` after a child came home. Every word in it is sealed.

    An urgent concern stands until another reviewer has written down what was done about it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="follow_ups")
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    reminded_at = models.DateTimeField(null=True)
    health = models.CharField(max_length=10, choices=Standing, blank=True)
    schooling = models.CharField(max_length=10, choices=Standing, blank=True)
    household_registration = models.CharField(max_length=10, choices=Standing, blank=True)
    counselling = models.CharField(max_length=10, choices=Standing, blank=True)
    child_wishes = EncryptedTextField(blank=True, default="")
    guardian_wishes = EncryptedTextField(blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    concern = models.CharField(max_length=6, choices=Concern, blank=True)
    concern_note = EncryptedTextField(blank=True, default="")
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    handled_at = models.DateTimeField(null=True)
    handled_note = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        constraints = [
            models.UniqueConstraint(fields=["outcome", "months"], name="follow_up_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, concern="")
                | ~Q(concern="") & Q(done_at__isnull=False, done_by__isnull=False),
                name="follow_up_done_says_concern",
            ),
            models.CheckConstraint(
                condition=Q(handled_by__isnull=True) | ~Q(handled_by=models.F("done_by")),
                name="follow_up_handled_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="follow_up_due", condition=Q(done_at__isnull=True))
        ]

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed and it was not made."""
        return self.done_at is None and self.due_on < today
