"""What every page knows about the site and about who is asking."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from casemgr.platform.access import Action, Actor, Group, may_ever


def site(request: HttpRequest) -> dict[str, Any]:
    """Name and numbers of the site; `may_review` is worked out only where a template asks."""
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "site_name": settings.SITE_NAME,
        "emergency_number": settings.EMERGENCY_NUMBER,
        "demo": settings.DEMO,
        # By their own names, which the i18n tags would translate.
        "tongues": settings.LANGUAGES,
        "may_review": SimpleLazyObject(
            lambda: actor is not None and may_ever(actor, Action.READ, Group.MATCHES)
        ),
    }
