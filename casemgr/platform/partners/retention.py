"""How long tokens, replaced secrets and the request log are kept."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from casemgr.platform import retention
from casemgr.platform.partners import feed
from casemgr.platform.partners.models import (
    AccessToken,
    ClientSecret,
    Delivery,
    RequestLine,
)

# An expired token is told apart from one that never was for a day, to whoever still sends it.
TOKEN_MEMORY = timedelta(days=1)


@retention.daily("partners' expired tokens")
def _tokens(limit: int) -> int:
    return AccessToken.objects.filter(expires_at__lt=Now() - TOKEN_MEMORY).delete()[0]


@retention.daily("partners' replaced secrets")
def _secrets(limit: int) -> int:
    old = ClientSecret.objects.filter(ends_at__lt=Now() - settings.PERIODS.security_log)
    return old.delete()[0]


@retention.daily("partners' feed")
def _feed(limit: int) -> int:
    return feed.forget_old(settings.PERIODS.outbox)


@retention.daily("partners' tests of addresses")
def _deliveries(limit: int) -> int:
    old = Delivery.objects.filter(event=None, created_at__lt=Now() - settings.PERIODS.outbox)
    return old.delete()[0]


@retention.daily("partners' request log")
def _requests(limit: int) -> int:
    return RequestLine.objects.filter(at__lt=Now() - settings.PERIODS.outbox).delete()[0]
