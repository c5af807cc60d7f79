"""The outgoing feed: facts for partners' programs, in one order, ids only.

A position is given under the lock of the head's row, which is held until the commit. So positions
are committed in their order and a reader who has seen one has seen all before it, however many
write at the same time; a write that is undone leaves no gap.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Greatest, Now

from casemgr.platform import outbox
from casemgr.platform.partners.models import (
    Delivery,
    FeedEvent,
    FeedHead,
    Webhook,
    WebhookState,
)

TYPES: Final = (
    "case.opened",
    "case.updated",
    "case.closed",
    "case.withdrawn",
    "outcome.recorded",
    "sighting.received",
)
DELIVER: Final = "partners.deliver"

_NEXT = """
INSERT INTO partners_feedhead (id, position, pruned) VALUES (1, 1, 0)
ON CONFLICT (id) DO UPDATE SET position = partners_feedhead.position + 1
RETURNING position
"""


def append(
    event_type: str,
    subject: UUID,
    data: Mapping[str, Any],
    *,
    partner_id: UUID | None = None,
    besides: Collection[UUID] = (),
) -> FeedEvent:
    """Put a fact at the end of the feed, for one partner or for all but some, and owe its delivery.

    Call it last in a transaction: until that ends, everybody else who appends waits.
    """
    if event_type not in TYPES:
        raise ValueError(f"{event_type} is no type of the feed")
    if not connection.in_atomic_block:
        raise RuntimeError("append() belongs in the transaction of the write that it tells of")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        (position,) = cursor.fetchone()
    event = FeedEvent.objects.create(
        position=position,
        type=event_type,
        subject=subject,
        data=dict(data),
        partner_id=partner_id,
        besides=list(besides),
    )
    for webhook in _listening(event):
        owe_delivery(webhook, event)
    return event


def _listening(event: FeedEvent) -> "models.QuerySet[Webhook]":
    hooks = Webhook.objects.filter(
        state=WebhookState.ACTIVE, types__contains=[event.type], partner__stopped_at__isnull=True
    )
    if event.partner_id is not None:
        return hooks.filter(partner=event.partner_id)
    return hooks.exclude(partner__in=event.besides)


def owe_delivery(webhook: Webhook, event: FeedEvent | None) -> Delivery:
    """Hand an event (None: a test) to one address, after the caller's transaction."""
    delivery = Delivery.objects.create(webhook=webhook, event=event)
    outbox.owe(DELIVER, delivery.pk)
    return delivery


def for_partner(partner_id: UUID) -> "models.QuerySet[FeedEvent]":
    """What one partner is told, in no order yet."""
    mine = Q(partner=partner_id)
    everybodys = Q(partner__isnull=True) & ~Q(besides__contains=[partner_id])
    return FeedEvent.objects.filter(mine | everybodys)


def pruned() -> int:
    """The last position that is no longer there."""
    return FeedHead.objects.values_list("pruned", flat=True).first() or 0


def forget(subjects: Collection[UUID]) -> None:
    """Take away every event about these ids, and what was still to be delivered of them."""
    FeedEvent.objects.filter(subject__in=subjects).delete()


@transaction.atomic
def forget_old(period: timedelta) -> int:
    """Delete events older than `period`; whoever reads on from before them is told so."""
    old = FeedEvent.objects.filter(occurred_at__lt=Now() - period)
    last = old.aggregate(last=Max("position"))["last"]
    if last is None:
        return 0
    FeedHead.objects.update(pruned=Greatest(F("pruned"), last))
    return FeedEvent.objects.filter(position__lte=last).delete()[0]
