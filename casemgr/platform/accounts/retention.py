"""How long traces of signing in are kept."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from casemgr.platform import retention
from casemgr.platform.accounts.models import SignInLink


@retention.daily("ended sessions")
def _sessions(limit: int) -> int:
    return Session.objects.filter(expire_date__lt=Now()).delete()[0]


@retention.daily("sign-in links")
def _links(limit: int) -> int:
    old = SignInLink.objects.filter(expires_at__lt=Now() - settings.PERIODS.security_log)
    return old.delete()[0]
