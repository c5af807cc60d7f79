"""Tables of partners, their clients, and what these asked for."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from casemgr.platform.access import Actor, Role
from casemgr.platform.crypto import EncryptedTextField


class PartnerQuerySet(models.QuerySet["Partner"]):
    """Reads that depend on who asks start with `visible_to`."""

    def visible_to(self, actor: Actor) -> "PartnerQuerySet":
        """All to the site's administrators, one's own to a partner's."""
        if actor.has(Role.ADMIN):
            return self.all()
        if actor.user is None or not actor.has(Role.PARTNER_ADMIN):
            return self.none()
        return self.filter(admins__user=actor.user, admins__ended_at__isnull=True)


class Partner(models.Model):
    """An organisation whose programs work with this site; while `stopped_at` is set, none do.

    `pfif_domain` is what ids of its own PFIF records begin with; without one it uploads none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    pfif_domain = models.CharField(max_length=120, blank=True)
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pfif_domain"],
                condition=~Q(pfif_domain=""),
                name="partner_pfif_domain_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PartnerAdmin(models.Model):
    """A person who looks after a partner's clients, from when, until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="admins")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="partners"
    )
    since = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "user"],
                condition=Q(ended_at__isnull=True),
                name="partner_admin_once",
            )
        ]


class ApiClient(models.Model):
    """One program of a partner, and the scopes that its tokens may carry."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="clients")
    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def client_id(self) -> str:
        """What the program calls itself by; the name that oauthlib asks for."""
        return str(self.pk)


class ClientSecret(models.Model):
    """A client's secret as its SHA-256; `ends_at` once another has taken its place.

    The secret has 256 random bits, so a plain digest can't be searched backwards. `hint` is its
    last four characters, to tell two apart.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)
    created_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)


class AccessToken(models.Model):
    """A token as its SHA-256; it goes with the secret that it was given for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    secret = models.ForeignKey(ClientSecret, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20))
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="partners_token_expiry")]


class RequestLine(models.Model):
    """One request of a client: which kind of address, how it ended, how long it took.

    Masked by what it leaves out: no id, parameter, header, body or network address.
    """

    id = models.BigAutoField(primary_key=True)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="requests")
    at = models.DateTimeField(db_default=Now())
    method = models.CharField(max_length=7)
    route = models.CharField(max_length=120)
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60, blank=True)
    milliseconds = models.PositiveIntegerField()
    request_id = models.CharField(max_length=36)

    class Meta:
        indexes = [
            models.Index(fields=["client", "-id"], name="partners_request_newest"),
            models.Index(fields=["at"], name="partners_request_age"),
        ]


class FeedHead(models.Model):
    """How far the feed has come: one row. `pruned` is the last position that was deleted by age."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    pruned = models.BigIntegerField(default=0)


class FeedEvent(models.Model):
    """One fact for partners' programs: ids only. For one `partner`, or for all but `besides`."""

    position = models.BigIntegerField(primary_key=True)
    id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=30)
    subject = models.UUIDField(db_index=True)
    data = models.JSONField(default=dict)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, related_name="+")
    besides = ArrayField(models.UUIDField(), default=list)
    occurred_at = models.DateTimeField(db_default=Now())


class WebhookState(models.TextChoices):
    """Whether events are sent to an address."""

    ACTIVE = "active", pgettext_lazy("webhook", "active")
    DISABLED = "disabled", pgettext_lazy("webhook", "disabled")


class Webhook(models.Model):
    """An address of a partner that events are sent to, each signed with its own secret.

    The secret before it signs too until `previous_until`. `busy_until` holds others off while one
    delivery is under way.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    types = ArrayField(models.CharField(max_length=30))
    state = models.CharField(max_length=8, choices=WebhookState, default=WebhookState.ACTIVE)
    secret = EncryptedTextField()
    previous = EncryptedTextField(blank=True, default="")
    previous_until = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)


class DeliveryState(models.TextChoices):
    """waiting → delivered, or failed for good."""

    WAITING = "waiting", pgettext_lazy("delivery", "waiting")
    DELIVERED = "delivered", pgettext_lazy("delivery", "delivered")
    FAILED = "failed", pgettext_lazy("delivery", "failed")


class Delivery(models.Model):
    """One event to be handed to one address; its id is the message's, however often it is tried.

    Without an `event` it is a test.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(FeedEvent, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField(db_default=Now())
    status_code = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    milliseconds = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="partners_delivery_new")
        ]
