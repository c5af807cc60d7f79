"""Writes to webhooks, and handing events over: signed, tried for three days, then given up."""

import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.notify.services import tell
from casemgr.platform.outbox import Claim, Job, NotYet
from casemgr.platform.partners import addresses, feed, signing
from casemgr.platform.partners.models import (
    Delivery,
    DeliveryState,
    Partner,
    Webhook,
    WebhookState,
)
from casemgr.platform.partners.sending import SECONDS, Answer, send

MOST_WEBHOOKS: Final = 20
OVERLAP: Final = timedelta(hours=24)
GIVE_UP: Final = timedelta(days=3)
GONE: Final = 410
# Seconds after the first, second … failure; the last goes on until `GIVE_UP`.
PAUSES: Final = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200)
TURN: Final = timedelta(seconds=SECONDS + 5)
TEST: Final = "webhook.test"


@transaction.atomic
def add(*, actor: Actor, partner: Partner, url: str, types: Sequence[str]) -> tuple[Webhook, str]:
    """A new address and its secret, told this once. Raises Forbidden, Invalid, Conflict."""
    _may(actor, Action.CREATE, partner)
    _check(url, types)
    held = Partner.objects.select_for_update().get(pk=partner.pk)
    if held.webhooks.count() >= MOST_WEBHOOKS:
        words = _("There are %(most)s addresses already. Take one away first.")
        raise Conflict("too_many_webhooks", words % {"most": MOST_WEBHOOKS})
    secret = signing.new_secret()
    made = Webhook.objects.create(partner=held, url=url, types=sorted(set(types)), secret=secret)
    _record(actor, Action.CREATE, made)
    return made, secret


@transaction.atomic
def change(*, actor: Actor, webhook: Webhook, **values: Any) -> Webhook:
    """Change url, types or state. Enabled again, it is sent what happens from now on."""
    _may(actor, Action.UPDATE, webhook.partner)
    _check(values.get("url", webhook.url), values.get("types", webhook.types))
    for name, value in values.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=[*values, "updated_at"])
    _record(actor, Action.UPDATE, webhook)
    return webhook


@transaction.atomic
def rotate(*, actor: Actor, webhook: Webhook) -> str:
    """A new secret; for a day every message is signed with the one before as well."""
    _may(actor, Action.UPDATE, webhook.partner)
    held = Webhook.objects.select_for_update().get(pk=webhook.pk)
    secret = signing.new_secret()
    held.previous, held.secret = held.secret, secret
    held.previous_until = timezone.now() + OVERLAP
    held.save(update_fields=["previous", "secret", "previous_until", "updated_at"])
    _record(actor, "rotate_secret", held)
    return secret


@transaction.atomic
def remove(*, actor: Actor, webhook: Webhook) -> None:
    """Send nothing there any more."""
    _may(actor, Action.ERASE, webhook.partner)
    _record(actor, Action.ERASE, webhook)
    webhook.delete()


@transaction.atomic
def test(*, actor: Actor, webhook: Webhook) -> Delivery:
    """Send a message that tells of nothing, to see whether the address takes it."""
    _may(actor, Action.UPDATE, webhook.partner)
    return feed.owe_delivery(webhook, None)


@transaction.atomic
def replay(*, actor: Actor, delivery: Delivery) -> Delivery:
    """Hand a message over again under its own id, beginning its three days anew."""
    _may(actor, Action.UPDATE, delivery.webhook.partner)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.WAITING, tries=0, began_at=Now(), updated_at=Now()
    )
    outbox.owe(feed.DELIVER, delivery.pk)
    delivery.refresh_from_db()
    return delivery


@outbox.handler(name=feed.DELIVER, queue="webhooks")
def deliver(claim: Claim) -> None:
    """Try once. Raises NotYet while the address is busy, or to try again later."""
    delivery = (
        Delivery.objects.select_related("webhook__partner", "event")
        .filter(pk=claim.subject, state=DeliveryState.WAITING)
        .first()
    )
    if delivery is None:
        return
    webhook = delivery.webhook
    if webhook.state == WebhookState.DISABLED or webhook.partner.stopped_at is not None:
        with claim.finishing():
            _end(delivery, DeliveryState.FAILED, outcome="disabled")
        return
    if not _take_turn(webhook):
        raise NotYet(timedelta(seconds=random.uniform(1, 3)))  # noqa: S311
    body = body_of(delivery)
    at = int(time.time())
    sent = signing.headers(f"msg_{delivery.pk.hex}", at, body, _keys(webhook))
    answer = send(webhook.url, body, {**sent, "Content-Type": "application/json"})
    if answer.accepted:
        with claim.finishing():
            _write(delivery, answer, DeliveryState.DELIVERED)
    elif answer.status == GONE or _is_over(delivery):
        with claim.finishing():
            _write(delivery, answer, DeliveryState.FAILED)
            disable(webhook)
    else:
        with transaction.atomic():
            if not Job.objects.select_for_update().filter(lease=claim.lease).exists():
                raise outbox.LeaseLost
            _write(delivery, answer, DeliveryState.WAITING)
        raise NotYet(pause(delivery.tries, answer.retry_after))


def body_of(delivery: Delivery) -> bytes:
    """What is sent: type, time and ids, the same bytes however often it is tried."""
    event = delivery.event
    content = {
        "type": event.type if event else TEST,
        "timestamp": _iso(event.occurred_at if event else delivery.created_at),
        "data": event.data if event else {},
    }
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


def pause(tries: int, retry_after: int | None) -> timedelta:
    """How long to wait after so many failures before this one; the receiver may ask for more."""
    usual = PAUSES[min(tries, len(PAUSES) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311
    return timedelta(seconds=max(usual, min(retry_after or 0, PAUSES[-1])))


def disable(webhook: Webhook) -> None:
    """Send nothing more, and tell those who look after the partner; in the caller's transaction."""
    if Webhook.objects.filter(pk=webhook.pk, state=WebhookState.ACTIVE).update(
        state=WebhookState.DISABLED, updated_at=Now()
    ):
        for admin in webhook.partner.admins.filter(ended_at__isnull=True).select_related("user"):
            tell(person=admin.user, kind="webhook_disabled", about=webhook.pk)


def _keys(webhook: Webhook) -> list[str]:
    keys = [webhook.secret]
    if webhook.previous_until is not None and webhook.previous_until > timezone.now():
        keys.append(webhook.previous)
    return keys


def _take_turn(webhook: Webhook) -> bool:
    """One request to an address at a time: one that hangs holds up no more than one worker."""
    free = Q(busy_until__isnull=True) | Q(busy_until__lt=Now())
    return bool(Webhook.objects.filter(free, pk=webhook.pk).update(busy_until=Now() + TURN))


def _is_over(delivery: Delivery) -> bool:
    return Delivery.objects.filter(pk=delivery.pk, began_at__lte=Now() - GIVE_UP).exists()


def _write(delivery: Delivery, answer: Answer, state: DeliveryState) -> None:
    outcome = answer.outcome if answer.status is None else f"http_{answer.status}"
    _end(
        delivery,
        state,
        outcome=outcome,
        tries=F("tries") + 1,
        status_code=answer.status,
        milliseconds=answer.milliseconds,
    )
    Webhook.objects.filter(pk=delivery.webhook_id).update(busy_until=None)


def _end(delivery: Delivery, state: DeliveryState, **values: Any) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, updated_at=Now(), **values)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _check(url: str, types: Sequence[str]) -> None:
    addresses.check_url(url)
    if not types or set(types) - set(feed.TYPES):
        words = _("Choose at least one of the types of events.")
        raise Invalid({"types": ("invalid_choice", words)})


def _may(actor: Actor, action: Action, partner: Partner) -> None:
    """A program with the scope, or a person who looks after the partner."""
    if actor.program is not None:
        allowed = can(actor, action, Group.TOKENS, partner)
    else:
        allowed = can(actor, Action.UPDATE, Group.PARTNERS, partner)
    if not allowed:
        raise Forbidden


def _record(actor: Actor, action: Action | str, webhook: Webhook) -> None:
    subjects = [webhook.pk, webhook.partner_id]
    audit.record(actor, action, "webhook", subjects, groups=[Group.TOKENS])
