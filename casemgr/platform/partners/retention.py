"""How long tokens, replaced secrets and the request log are kept."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from casemgr.platform import retention
from casemgr.platform.partners.models import AccessToken, ClientSecret, RequestLine

# An expired token is told apart from one that never was for a day, to whoever still sends it.
TOKEN_MEMORY = timedelta(days=1)


@retention.daily("partners' expired tokens")
def _tokens(limit: int) -> int:
    return AccessToken.objects.filter(expires_at__lt=Now() - TOKEN_MEMORY).delete()[0]


@retention.daily("partners' replaced secrets")
def _secrets(limit: int) -> int:
    old = ClientSecret.objects.filter(ends_at__lt=Now() - settings.PERIODS.security_log)
    return old.delete()[0]


@retention.daily("partners' request log")
def _requests(limit: int) -> int:
    return RequestLine.objects.filter(at__lt=Now() - settings.PERIODS.outbox).delete()[0]
