"""A case's timeline: writes to it, and who is shown what.

What a reviewer writes down may tell that the child was seen, and where. No place reaches a family
through this service, so that only reviewers are shown it.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Forbidden, Invalid
from casemgr.platform.vocabularies import TimelineKind
from cases import assignments, rules
from cases.models import Case, TimelineEvent


def events_shown_to(actor: Actor, case: Case) -> "QuerySet[TimelineEvent]":
    """All of them to reviewers who decide on the case; to everybody else none that are for review.

    The caller has asked whether the actor may read the case.
    """
    events = TimelineEvent.objects.filter(case=case)
    return events if assignments.decides(actor, case) else events.filter(for_review=False)


@transaction.atomic
def add_event(*, actor: Actor, case: Case, kind: TimelineKind, **values: Any) -> TimelineEvent:
    """Put one thing that happened on the timeline. `values`: occurred_at, place, note.

    Raises Forbidden, or Invalid for a date ahead.
    """
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, case):
        raise Forbidden
    refusals: rules.Refusals = {}
    rules.refuse_future(values.get("occurred_at"), "occurred_at", refusals)
    if refusals:
        raise Invalid(refusals)
    event = TimelineEvent.objects.create(
        case=case, kind=kind, for_review=assignments.decides(actor, case), **values
    )
    audit.record(actor, Action.CREATE, "timeline_event", [event.pk], groups=[Group.CASE_DETAIL])
    return event
