"""Cases that wait for a reviewer's step, whether anything matches them or not."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Case as CaseWhen
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.platform import outbox
from casemgr.platform.access import Actor
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.services import tell
from casemgr.platform.outbox import Claim
from casemgr.platform.vocabularies import CaseStatus
from cases import assignments
from cases.models import (
    LIVE_STATUSES,
    Approval,
    Assignment,
    Case,
    Consent,
    ConsentPurpose,
    Objection,
)
from families.models import Guardian
from families.services import kin_with

LATELY = timedelta(days=7)
CAME_IN = "case.came_in"
"""A report was sent, or a family asked for one back: a person has to see to it."""
WAITS = "case_came_in"


class Waits(models.TextChoices):
    """What a case waits for, the most pressing first."""

    WITHDRAWAL = "withdrawal", pgettext_lazy("case waits", "the family asked to take it back")
    READING = "reading", pgettext_lazy("case waits", "a new report: read it, call the family")
    OPENING = "opening", pgettext_lazy("case waits", "checked, and not open yet")
    SHOWING = "showing", pgettext_lazy("case waits", "the family agreed to a public page")


register(
    Kind(
        WAITS,
        _("A family waits for a reviewer"),
        _("A report came in, or a family asked for something. It waits in the list of cases."),
        page="waiting-cases",
        every=timedelta(hours=1),
    )
)


def waiting_for(actor: Actor) -> "models.QuerySet[Any]":
    """Cases that wait, with `waits`, `since`, `lately` and `in_hand`.

    Children who went missing within a week come first, then by what is pressing, then the longest.

    By reference alone: what is in them, a reviewer sees after taking them in hand. Kin see none.
    """
    kin = Guardian.objects.filter(family=OuterRef("family"), user__in=kin_with(actor.user_id))
    having = Assignment.objects.filter(
        case=OuterRef("pk"), reviewer=actor.user_id, released_at__isnull=True
    )
    asked = Q(withdrawal_asked_at__isnull=False, status__in=LIVE_STATUSES)
    to_show = Q(status=CaseStatus.OPEN, ever_public=False, withdrawal_asked_at__isnull=True)
    rows = Case.objects.filter(
        asked
        | Q(status__in=[CaseStatus.SUBMITTED, CaseStatus.VERIFIED])
        | to_show & Q(*_agreed(actor), pk__isnull=False)
    ).exclude(Exists(kin))
    waiting: models.QuerySet[Any] = rows.annotate(
        waits=CaseWhen(
            When(asked, then=Value(Waits.WITHDRAWAL)),
            When(status=CaseStatus.SUBMITTED, then=Value(Waits.READING)),
            When(status=CaseStatus.VERIFIED, then=Value(Waits.OPENING)),
            default=Value(Waits.SHOWING),
            output_field=models.CharField(),
        ),
        rank=CaseWhen(
            When(asked, then=0),
            When(status=CaseStatus.SUBMITTED, then=1),
            When(status=CaseStatus.VERIFIED, then=2),
            default=3,
        ),
        lately=Q(missing_at_latest__isnull=False, missing_at_latest__gt=Now() - LATELY),
        since=Coalesce(F("withdrawal_asked_at"), F("created_at")),
        in_hand=Exists(having),
    )
    return waiting.order_by("-lately", "rank", "since", "pk")


def _agreed(actor: Actor) -> tuple[Any, ...]:
    """The family agreed, nobody of it objects, and this reviewer has not said yes yet."""
    current = {
        "case": OuterRef("pk"),
        "purpose": ConsentPurpose.PUBLISH,
        "guardian__ended_at__isnull": True,
    }
    return (
        Exists(Consent.objects.filter(**current, revoked_at__isnull=True)),
        ~Exists(Objection.objects.filter(**current, ended_at__isnull=True)),
        ~Exists(
            Approval.objects.filter(
                case=OuterRef("pk"), reviewer=actor.user_id, ended_at__isnull=True
            )
        ),
    )


@outbox.handler(CAME_IN, name="cases.tell_of_new")
def tell_reviewers(claim: Claim) -> None:
    """Tell those who have the case in hand, else every reviewer who is not kin."""
    case = Case.objects.filter(pk=claim.subject).first()
    with claim.finishing():
        if case is None:
            return
        for reviewer in assignments.reviewers_of(case):
            tell(person=reviewer, kind=WAITS)
