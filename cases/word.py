"""Whether a family still searches: a card is down after a year without a word from them.

A word is whatever a guardian or the alliance's coordinator does to the case, or one tap. Two
reminders come first. The case itself stays open, and sightings go on being held against it.
"""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, retention
from casemgr.platform.access import ANONYMOUS, Action, Actor, Group, can
from casemgr.platform.accounts.models import User
from casemgr.platform.errors import Forbidden
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.services import tell
from cases import publication
from cases.models import Case
from cases.querysets import CaseQuerySet, lock

# How long before the card's end the first reminder goes out, and how far apart the rest is.
FIRST: Final = timedelta(days=30)
LAST: Final = timedelta(days=7)

register(
    Kind(
        "card_reminder",
        _("Are you still searching?"),
        _(
            "The public page is taken down when we have not heard from you for a long time. If "
            "you are still searching, one tap keeps it up."
        ),
        page="still-searching",
    ),
    Kind(
        "card_down",
        _("The public page is down"),
        _(
            "We have not heard from you for a long time, so the public page was taken down. The "
            "search goes on. Tell us when the page should be up again."
        ),
        page="still-searching",
    ),
)


@transaction.atomic
def still_searching(*, actor: Actor, case: Case) -> None:
    """The one tap that keeps a card up. Raises Forbidden."""
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, case):
        raise Forbidden
    Case.objects.filter(pk=case.pk).heard()
    audit.record(actor, "still_searching", "case", [case.pk], groups=[Group.CASE_DETAIL])


def with_last_word(cases: CaseQuerySet) -> "models.QuerySet[Any]":
    """Cards that are up, with `last_word`: when the family was heard of, or the card went up."""
    return cases.filter(public_since__isnull=False).annotate(
        last_word=Greatest("heard_at", "public_since")
    )


@retention.daily("public cards without a word from the family")
def _cards(limit: int) -> int:
    """Remind twice, then take the card down; each step waits a week for the one before."""
    period = settings.PERIODS.public_card
    up = with_last_word(Case.objects.public())
    waited = Q(card_reminded_at__isnull=True) | Q(card_reminded_at__lt=Now() - LAST)
    remind = up.filter(waited).filter(
        Q(card_reminders=0, last_word__lt=Now() - (period - FIRST))
        | Q(card_reminders=1, last_word__lt=Now() - (period - LAST))
    )
    down = up.filter(waited, card_reminders__gte=2, last_word__lt=Now() - period)
    due = [*down.order_by("pk")[:limit], *remind.order_by("pk")[:limit]]
    for case in due:
        with transaction.atomic():
            _step(case)
    return len(due)


def _step(case: Case) -> None:
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    if held.public_since is None or held.card_reminders != case.card_reminders:
        return
    if held.card_reminders < 2:
        Case.objects.filter(pk=held.pk).update(
            card_reminders=F("card_reminders") + 1, card_reminded_at=Now()
        )
        _tell(held, "card_reminder")
        return
    publication.hide(ANONYMOUS, held, "a year without a word from the family")
    Case.objects.filter(pk=held.pk).update(card_reminders=0, card_reminded_at=None)
    _tell(held, "card_down")


def _tell(case: Case, kind: str) -> None:
    """Tell whoever speaks for the child, and whoever leads the alliance that the case is in."""
    speaking = Q(guardianships__family=case.family_id, guardianships__ended_at__isnull=True)
    leading = Q(
        memberships__alliance=case.alliance_id,
        memberships__left_at__isnull=True,
        memberships__role__in=["owner", "coordinator"],
    )
    whom = speaking | leading if case.alliance_id else speaking
    for person in User.objects.filter(whom, is_active=True).distinct().order_by("pk"):
        tell(person=person, kind=kind)
