"""Tables of partners, their clients, and what these asked for."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from casemgr.platform.access import Actor, Role


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
    """An organisation whose programs work with this site; while `stopped_at` is set, none do."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    objects = PartnerQuerySet.as_manager()

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
