"""Shapes of the feed and of webhooks in the API."""

from typing import Any

from rest_framework import serializers

from casemgr.platform.partners import feed
from casemgr.platform.partners.models import Delivery, DeliveryState, FeedEvent, WebhookState
from casemgr.platform.rest.fields import CodeField, StrictSerializer

EVENT_TYPES = [(code, code) for code in feed.TYPES]


class EventSerializer(serializers.Serializer[FeedEvent]):
    """One fact. `data` holds ids and references; ask for the object itself to see how it is now."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=EVENT_TYPES)
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(),
        help_text="`case` and `reference`, or `sighting`.",
    )
    created_at = serializers.DateTimeField(source="occurred_at")
    updated_at = serializers.DateTimeField(source="occurred_at")


class WebhookSerializer(StrictSerializer):
    """An address that events are sent to. `secret` is told when it is made or changed, and never
    again.
    """

    id = serializers.UUIDField(read_only=True)
    url = serializers.CharField(max_length=500, help_text="https, port 443, a public address.")
    types = serializers.ListField(
        child=CodeField(choices=EVENT_TYPES), min_length=1, max_length=len(EVENT_TYPES)
    )
    status = CodeField(
        choices=WebhookState.choices,
        source="state",
        required=False,
        help_text="`disabled` by you, or after three days in which nothing was taken.",
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class WebhookWithSecret(WebhookSerializer):
    """An address with its new secret."""

    secret = serializers.CharField(read_only=True, help_text="`whsec_…`; told this once.")


class DeliverySerializer(serializers.Serializer[Delivery]):
    """One message to one address, and how its latest try went."""

    id = serializers.UUIDField()
    message_id = serializers.SerializerMethodField(help_text="What `webhook-id` says.")
    event = serializers.UUIDField(
        source="event.id", allow_null=True, default=None, help_text="Null for a test."
    )
    status = serializers.ChoiceField(choices=DeliveryState.choices, source="state")
    tries = serializers.IntegerField()
    outcome = serializers.CharField(
        help_text="`http_` and a status, or `not_public`, `no_such_name`, `timeout`, `tls`, "
        "`connection`, `too_large`, `disabled`; '' before the first try."
    )
    milliseconds = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_message_id(self, delivery: Delivery) -> str:
        """The same on every try."""
        return f"msg_{delivery.pk.hex}"


class Nothing(StrictSerializer):
    """An empty body."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Nothing."""
        return {}
