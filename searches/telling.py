"""Telling reviewers that a strong match waits, and nothing of whom it is about."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from casemgr.platform import outbox
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.services import tell
from casemgr.platform.outbox import Claim
from casemgr.platform.vocabularies import Band
from cases import assignments
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
            reporter = match.sighting.reporter_id
            besides = [reporter] if reporter is not None else []
            for reviewer in assignments.reviewers_of(match.case, besides=besides):
                tell(person=reviewer, kind="strong_match")
