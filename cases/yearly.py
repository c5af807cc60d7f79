"""Unsolved cases are looked at anew once a year, and when the child comes of age.

At eighteen the person has a say of their own: whoever looks asks whether the family's wish may
still stand for it, and what is public is thought over again.
"""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models, transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, retention
from casemgr.platform.access import Actor, Group
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.services import tell
from cases import assignments
from cases.models import Assignment, Case
from cases.querysets import CaseQuerySet, lock
from families.models import Guardian

OF_AGE: Final = timedelta(days=6575)
"""Eighteen years, leap days included."""

register(
    Kind(
        "yearly_look",
        _("A case waits to be looked at anew"),
        _(
            "An unsolved case is looked at anew once a year, and when the child comes of age. One "
            "waits for it now."
        ),
        page="yearly",
        every=timedelta(days=7),
    )
)


def due(cases: CaseQuerySet) -> "models.QuerySet[Any]":
    """Unsolved cases that nobody has looked at for a year, or since the child came of age.

    With `came_of_age`, when that was or will be; None where nobody knows the year of birth.
    """
    seen: models.QuerySet[Any] = cases.live().annotate(
        seen=Greatest("created_at", "looked_anew_at"),
        came_of_age=ExpressionWrapper(
            F("child__birth_date_latest") + OF_AGE, output_field=DateTimeField()
        ),
    )
    return seen.filter(
        Q(seen__lt=Now() - settings.PERIODS.yearly_look)
        | Q(came_of_age__lt=Now(), came_of_age__gt=F("created_at"), seen__lt=F("came_of_age"))
    )


def waiting_for(actor: Actor) -> "models.QuerySet[Any]":
    """Those of `due` that a reviewer could look at, the longest waiting first; `in_hand`: has it.

    What is in them, one sees only after taking them in hand.
    """
    kin = Guardian.objects.filter(family=OuterRef("family"), user=actor.user_id)
    having = Assignment.objects.filter(
        case=OuterRef("pk"), reviewer=actor.user_id, released_at__isnull=True
    )
    rows = due(Case.objects.filter(~Exists(kin)))
    waiting: models.QuerySet[Any] = rows.annotate(in_hand=Exists(having))
    return waiting.order_by("seen", "pk")


@transaction.atomic
def look_anew(*, actor: Actor, case: Case, reason: str) -> None:
    """A reviewer with the case in hand has looked at all of it once more, and says what came of it.

    Raises Forbidden, Invalid.
    """
    held: Case = lock(Case.objects.all(), case.pk)
    assignments.deciding_user(actor, held)
    reason = assignments.require_reason(reason)
    Case.objects.filter(pk=held.pk).update(looked_anew_at=Now())
    audit.record(actor, "look_anew", "case", [held.pk], groups=[Group.CASE_DETAIL], reason=reason)


@retention.daily("yearly look at unsolved cases")
def _remind(limit: int) -> int:
    """Tell those who have a due case in hand, else every reviewer; each at most once a week."""
    told = 0
    for case in due(Case.objects.all()).order_by("seen", "pk")[:limit]:
        for reviewer in assignments.reviewers_of(case):
            told += tell(person=reviewer, kind="yearly_look") is not None
    return told
