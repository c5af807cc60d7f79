"""Holds reviewers' pairs against each other every night; officers are told of one that stands out.

Names of reviewers and two numbers, nothing of any case. It is a question and no verdict: two who
see alike agree much as well.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.models import Notice
from casemgr.platform.notify.services import tell
from casemgr.platform.vocabularies import ReviewDecision
from searches import pairs
from searches.models import Review

KIND = "pair_agrees"
AGAIN_AFTER = timedelta(days=30)
register(
    Kind(
        KIND,
        _("Two reviewers agree with each other more than others do"),
        _("It may be chance, or that they see alike. Please look at who decided with whom."),
        page="pairs",
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """Two reviewers beside the others, for the officers' page. Shares from 0 to 1."""

    one: str
    other: str
    decided: int
    agreed: int
    base: float | None
    alarming: bool

    @property
    def share(self) -> float:
        """How often they said the same."""
        return self.agreed / self.decided


def standings() -> list[pairs.Standing]:
    """Every pair that decided a match together, by the decisions that stand."""
    said: dict[UUID, tuple[tuple[UUID, str], ...]] = defaultdict(tuple)
    rows = Review.objects.filter(
        ended_at__isnull=True, decision__in=[ReviewDecision.ACCEPT, ReviewDecision.REJECT]
    ).order_by("created_at", "id")
    for match_id, reviewer, decision in rows.values_list(
        "match_id", "reviewer_id", "decision"
    ).iterator():
        said[match_id] += ((reviewer, decision),)
    return pairs.stand(pairs.count(said))


def rows() -> list[Row]:
    """The same with names, for a page."""
    found = standings()
    people = User.objects.in_bulk({key for each in found for key in each.pair})
    return [
        Row(
            people[each.pair[0]].display_name,
            people[each.pair[1]].display_name,
            each.counted.decided,
            each.counted.agreed,
            each.base,
            each.alarming,
        )
        for each in found
    ]


@transaction.atomic
def watch() -> int:
    """Tell the officers of each alarming pair, once in 30 days; returns of how many they were."""
    officers = User.objects.with_role(StaffRole.DATA_PROTECTION).order_by("pk")
    audience = list(officers.select_for_update(of=("self",), no_key=True))
    told_of = 0
    for each in standings():
        # One id for both, from which neither can be told.
        about = uuid5(each.pair[0], str(each.pair[1]))
        told = Notice.objects.filter(kind=KIND, about=about, created_at__gt=Now() - AGAIN_AFTER)
        fresh = [person for person in audience if not told.filter(person=person).exists()]
        if each.alarming and fresh:
            told_of += 1
            for person in fresh:
                tell(person=person, kind=KIND, about=about)
    return told_of
