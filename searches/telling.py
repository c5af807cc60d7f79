"""Telling reviewers that a strong match waits, and nothing of whom it is about."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from casemgr.platform import outbox
from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.services import tell
from casemgr.platform.outbox import Claim
from casemgr.platform.vocabularies import Band
from cases.models import Assignment
from families.services import kin_of
from searches.match_store import BECAME_STRONG
from searches.models import Match

register(
    Kind(
        "strong_match",
        _("A strong match is waiting"),
        _("A match that is worth looking at soon has come into the queue."),
        page="queue",
        every=timedelta(hours=1),
    )
)


@outbox.handler(BECAME_STRONG, name="searches.tell_reviewers")
def tell_reviewers(claim: Claim) -> None:
    """Tell whoever may review the match; nobody who has a part in it learns that it exists."""
    match = (
        Match.objects.waiting()
        .filter(pk=claim.subject, band=Band.STRONG)
        .select_related("case", "sighting")
        .first()
    )
    with claim.finishing():
        if match is not None:
            for reviewer in _audience(match):
                tell(person=reviewer, kind="strong_match")


def _audience(match: Match) -> list[User]:
    """Those who have the case in hand, else every reviewer who could take it."""
    reviewers = User.objects.with_role(StaffRole.REVIEWER).exclude(
        pk__in=[*kin_of(match.case.family_id), match.sighting.reporter_id]
    )
    in_hand = Assignment.objects.filter(case=match.case_id, released_at__isnull=True)
    having = reviewers.filter(pk__in=in_hand.values("reviewer"))
    return list((having or reviewers).order_by("pk"))
