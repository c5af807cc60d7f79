"""Telling a person something, and ticking it off."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models.functions import Now

from casemgr.platform import outbox
from casemgr.platform.access import Actor
from casemgr.platform.accounts.models import User
from casemgr.platform.notify import kinds
from casemgr.platform.notify.models import Notice

MADE = "notice.made"


@transaction.atomic
def tell(
    *, person: User, kind: str, codes: Mapping[str, str] | None = None, about: object = ""
) -> Notice | None:
    """Put a notice into the person's inbox and send it on, once, when this transaction commits.

    None where the kind may be told only every so often and the person was told just now. Raises
    KeyError for an unknown kind and ValueError for codes outside its lists.
    """
    spec, told = kinds.get(kind), dict(codes or {})
    spec.check(told)
    if spec.every is not None:
        # Two at a time wait for each other here, and the second then sees the first.
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        lately = Notice.objects.filter(person=person, kind=kind, created_at__gt=Now() - spec.every)
        if lately.exists():
            return None
    notice = Notice.objects.create(person=person, kind=kind, codes=told, about=str(about))
    outbox.publish(MADE, notice.pk, {"kind": kind})
    return notice


def tick_off(*, actor: Actor) -> int:
    """Mark every notice of the actor's as read; returns how many were not."""
    return Notice.objects.of(actor.user_id).unread().update(read_at=Now())
