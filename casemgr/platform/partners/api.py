"""The API of the feed and of webhooks, for programs."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, ClassVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform import crypto
from casemgr.platform.errors import Gone, NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.partners import examples, feed, webhooks
from casemgr.platform.partners.models import Delivery, FeedEvent, Partner, Webhook
from casemgr.platform.partners.serializers import (
    DeliverySerializer,
    EventSerializer,
    Nothing,
    WebhookSerializer,
    WebhookWithSecret,
)
from casemgr.platform.rest.pagination import CursorPagination, broken_cursor
from casemgr.platform.rest.parsing import body_of
from casemgr.platform.rest.permissions import NeedsScope
from casemgr.platform.rest.viewsets import ApiViewSet

_NAME = "feed cursor"


class FeedCursor:
    """How far a program has read; sealed, and good for its own organisation alone."""

    def __init__(self, position: int, partner_id: UUID) -> None:
        self.position = position
        self.partner_id = partner_id

    def encoded(self) -> str:
        """What goes into an address."""
        plain = json.dumps([self.position, str(self.partner_id)]).encode()
        return urlsafe_b64encode(crypto.seal_bytes(plain, name=_NAME)).decode().rstrip("=")

    @classmethod
    def decoded(cls, text: str, partner_id: UUID) -> "FeedCursor":
        """What `encoded` made for the same partner; a 400 for anything else."""
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            position, whose = json.loads(crypto.unseal_bytes(sealed, name=_NAME))
        except (ValueError, InvalidTag, crypto.DecryptionError):
            raise broken_cursor() from None
        if whose != str(partner_id):
            raise broken_cursor()
        return cls(int(position), partner_id)


class FeedPagination(CursorPagination):
    """Oldest first. `next` is always there: ask it again later for what comes after."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The events after the cursor, by one query; 410 where some of those are gone."""
        self.address = request.build_absolute_uri()
        partner_id = view.actor.partner_id
        text = request.query_params.get(self.cursor_query_param)
        after = FeedCursor.decoded(text, partner_id).position if text else None
        rows = queryset.filter(position__gt=after or 0).order_by("position")
        rows = list(rows[: self._size(request)])
        gone = feed.pruned()
        if after is not None and after < gone:
            words = _("What came after this cursor is too old to be kept. Start the feed anew.")
            raise Gone(words)
        reached = rows[-1].position if rows else (gone if after is None else after)
        self.next = FeedCursor(reached, partner_id)  # type: ignore[assignment]
        self.previous = None
        return rows


@extend_schema_view(
    list=extend_schema(
        summary="What happened, in order, from where you stopped reading",
        examples=[examples.EVENT],
    )
)
class EventViewSet(ApiViewSet):
    """The feed. It tells nothing of matches, and of a child who was found only after the family
    was told.
    """

    queryset = FeedEvent.objects.none()
    serializer_class = EventSerializer
    pagination_class = FeedPagination
    access: ClassVar = {"list": NeedsScope("events:read")}
    limited_as: ClassVar = {"list": "reads"}
    statuses: ClassVar = {"list": [410]}

    def list(self, request: Request) -> Response:
        """Oldest first; keep `next` and ask it again. 410: you stopped reading too long ago."""
        assert self.actor.partner_id is not None
        mine = feed.for_partner(self.actor.partner_id)
        return self.page_of(mine, EventSerializer)


class OfWebhookViewSet(ApiViewSet):
    """Addresses of the program's own organisation."""

    queryset: Any = Webhook.objects.none()
    serializer_class: Any = WebhookSerializer

    def webhook(self, pk: UUID) -> Webhook:
        """The address, if it is the organisation's; else it isn't there."""
        mine = Webhook.objects.select_related("partner")
        found = mine.filter(pk=pk, partner=self.actor.partner_id).first()
        if found is None:
            raise NotFound
        return found

    def told(self, webhook: Webhook, secret: str) -> Any:
        """The address with its secret."""
        return {**WebhookSerializer(webhook).data, "secret": secret}


@extend_schema_view(
    list=extend_schema(summary="The addresses that events are sent to"),
    retrieve=extend_schema(summary="One address", examples=[examples.WEBHOOK]),
)
class WebhookViewSet(OfWebhookViewSet):
    """Where events are sent to, each signed by the Standard Webhooks specification."""

    access: ClassVar = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update", "destroy"), NeedsScope("webhooks:manage")
    )

    def list(self, request: Request) -> Response:
        """Newest first."""
        mine = Webhook.objects.filter(partner=self.actor.partner_id)
        return self.page_of(mine, WebhookSerializer)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Without its secret."""
        webhook = self.webhook(pk)
        return self.single(WebhookSerializer(webhook).data, webhook)

    @extend_schema(
        summary="Have events sent to an address",
        responses={201: WebhookWithSecret},
        examples=[examples.NEW_WEBHOOK],
    )
    def create(self, request: Request) -> Response:
        """The answer holds the secret that you verify messages with."""
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(WebhookSerializer, body.content)
            partner = Partner.objects.get(clients=self.actor.who)
            made, secret = webhooks.add(
                actor=self.actor, partner=partner, url=given["url"], types=given["types"]
            )
            return Reply(201, self.told(Webhook.objects.get(pk=made.pk), secret))

        return self.once(body, work)

    @extend_schema(summary="Change an address, switch it off or on again")
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Switched on again, it is sent what happens from then on; the feed has the rest."""
        given = self.valid(WebhookSerializer, body_of(request, files={}).content, partial=True)
        with transaction.atomic():
            self.webhook(pk)
            held = Webhook.objects.select_for_update().get(pk=pk)
            self.require_version(held)
            changed = webhooks.change(actor=self.actor, webhook=held, **given)
        return self.single(WebhookSerializer(changed).data, changed)

    @extend_schema(summary="Send nothing to an address any more", responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Its log goes too."""
        webhooks.remove(actor=self.actor, webhook=self.webhook(pk))
        return Response(status=204)


class WebhookSecretViewSet(OfWebhookViewSet):
    """Changing secrets."""

    serializer_class = Nothing
    access: ClassVar = {"create": NeedsScope("webhooks:manage")}

    @extend_schema(
        summary="Change an address's secret", request=Nothing, responses={201: WebhookWithSecret}
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """For a day, messages are signed with the old one as well."""
        webhook, body = self.webhook(pk), body_of(request, files={})

        def work() -> Reply:
            self.valid(Nothing, body.content)
            secret = webhooks.rotate(actor=self.actor, webhook=webhook)
            return Reply(201, self.told(Webhook.objects.get(pk=webhook.pk), secret))

        return self.once(body, work)


class WebhookTestViewSet(OfWebhookViewSet):
    """Trying an address out."""

    serializer_class = Nothing
    access: ClassVar = {"create": NeedsScope("webhooks:manage")}

    @extend_schema(
        summary="Send a test to an address", request=Nothing, responses={201: DeliverySerializer}
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """Its type is `webhook.test`; see the deliveries for how it went."""
        webhook, body = self.webhook(pk), body_of(request, files={})

        def work() -> Reply:
            self.valid(Nothing, body.content)
            made = webhooks.test(actor=self.actor, webhook=webhook)
            return Reply(201, DeliverySerializer(Delivery.objects.get(pk=made.pk)).data)

        return self.once(body, work)


@extend_schema_view(list=extend_schema(summary="What was sent to an address, and how it went"))
class DeliveryViewSet(OfWebhookViewSet):
    """The log of an address, for a month."""

    queryset = Delivery.objects.none()
    serializer_class = DeliverySerializer
    access: ClassVar = {"list": NeedsScope("webhooks:manage")}

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        log = self.webhook(pk).deliveries.select_related("event")
        return self.page_of(log, DeliverySerializer)


class ReplayViewSet(OfWebhookViewSet):
    """Handing a message over again."""

    serializer_class = Nothing
    access: ClassVar = {"create": NeedsScope("webhooks:manage")}

    @extend_schema(
        summary="Send a message again", request=Nothing, responses={200: DeliverySerializer}
    )
    def create(self, request: Request, pk: UUID, delivery_id: UUID) -> Response:
        """Under its own id, so that a receiver who has it already can tell."""
        log = self.webhook(pk).deliveries.select_related("webhook__partner", "event")
        delivery, body = log.filter(pk=delivery_id).first(), body_of(request, files={})
        if delivery is None:
            raise NotFound

        def work() -> Reply:
            self.valid(Nothing, body.content)
            again = webhooks.replay(actor=self.actor, delivery=delivery)
            return Reply(200, DeliverySerializer(again).data)

        return self.once(body, work)
