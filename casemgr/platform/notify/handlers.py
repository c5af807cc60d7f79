"""Sending notices on: once on each way, not at night, and not lost when a server is away."""

import logging
from datetime import datetime, time, timedelta
from typing import Final

from django.utils import timezone

from casemgr.platform import outbox
from casemgr.platform.fields import civil_zone
from casemgr.platform.notify import channels, letters
from casemgr.platform.notify.models import Delivery, DeliveryState, Notice, Way
from casemgr.platform.notify.services import MADE
from casemgr.platform.outbox import Claim

log = logging.getLogger("homeward.notify")

NIGHT: Final = time(22)
MORNING: Final = time(7)
# How long after a failed try the next one comes, and when a letter is no longer worth sending.
AGAIN: Final = timedelta(minutes=2)
STALE: Final = timedelta(hours=24)


@outbox.handler(MADE, name="notify.deliver")
def deliver(claim: Claim) -> None:
    """Send one notice on every way that reaches its person."""
    notice = Notice.objects.select_related("person").filter(pk=claim.subject).first()
    if notice is None or not notice.person.is_active:
        return
    now = timezone.now()
    morning = end_of_quiet(now)
    if morning is not None and not notice.spec.at_once:
        raise outbox.NotYet(morning - now)
    letter = letters.write(notice)
    if letter is None:
        return
    later = False
    for way, address in channels.ways_to(notice):
        delivery, _made = Delivery.objects.get_or_create(notice=notice, way=way)
        later |= not _sent(delivery, address, letter)
    if later and timezone.now() - notice.created_at < STALE:
        raise outbox.NotYet(AGAIN)


def end_of_quiet(now: datetime) -> datetime | None:
    """When the site's night ends, if it is night there; None by day."""
    here = now.astimezone(civil_zone())
    if MORNING <= here.time() < NIGHT:
        return None
    day = here.date() + timedelta(days=1) if here.time() >= NIGHT else here.date()
    return datetime.combine(day, MORNING, tzinfo=here.tzinfo)


def _sent(delivery: Delivery, address: str, letter: letters.Letter) -> bool:
    """Send unless that was tried already; False where it should be tried again.

    The mark is set and committed before the first byte leaves: a worker that dies in between
    costs a letter that may not have been sent, never a second one.
    """
    if delivery.state != DeliveryState.WAITING or not delivery.move(DeliveryState.SENDING):
        return True
    try:
        channels.send(Way(delivery.way), address, letter)
    except channels.NotNow as error:
        log.warning("notice %s waits: %s", delivery.notice_id, error)
        delivery.move(DeliveryState.WAITING)
        return False
    except channels.Never as error:
        log.warning("notice %s was refused: %s", delivery.notice_id, error)
        delivery.move(DeliveryState.REFUSED)
    except Exception as error:  # any provider's own error types
        log.warning("notice %s: nobody knows: %s", delivery.notice_id, type(error).__name__)
        delivery.move(DeliveryState.UNKNOWN)
    else:
        delivery.move(DeliveryState.SENT)
    return True
