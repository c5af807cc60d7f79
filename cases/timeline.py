"""Writes to a case's timeline."""

from typing import Any

from django.db import transaction

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Forbidden, Invalid
from casemgr.platform.vocabularies import TimelineKind
from cases import rules
from cases.models import Case, TimelineEvent


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
    event = TimelineEvent.objects.create(case=case, kind=kind, **values)
    audit.record(actor, Action.CREATE, "timeline_event", [event.pk], groups=[Group.CASE_DETAIL])
    return event
