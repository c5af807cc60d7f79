"""What every page knows about the site and about who is asking."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from casemgr.platform.access import GUARDIANS, Action, Actor, Group, Role, may_ever
from casemgr.platform.notify.models import Notice
from casemgr.platform.site import current


def site(request: HttpRequest) -> dict[str, Any]:
    """Name and numbers of the site; what is about the asker is worked out where it is shown."""
    actor: Actor | None = getattr(request, "actor", None)
    here = current()
    return {
        "site_name": here.name,
        "emergency_number": here.emergency_number,
        "hotline_number": here.hotline_number,
        "data_protection_contact": here.data_protection_contact,
        "leave_address": settings.LEAVE_ADDRESS,
        "demo": settings.DEMO,
        "local_mailbox": settings.LOCAL_MAILBOX,
        "sighting_photos_veiled": settings.SIGHTING_PHOTOS_VEILED,
        # By their own names, which the i18n tags would translate.
        "tongues": settings.LANGUAGES,
        "may_review": SimpleLazyObject(
            lambda: actor is not None and may_ever(actor, Action.READ, Group.MATCHES)
        ),
        "speaks_for_a_child": SimpleLazyObject(
            lambda: actor is not None and bool(actor.roles & GUARDIANS)
        ),
        "leads_an_alliance": SimpleLazyObject(
            lambda: actor is not None and Role.COORDINATOR in actor.roles | actor.withheld
        ),
        "may_manage_staff": SimpleLazyObject(
            lambda: actor is not None and may_ever(actor, Action.CREATE, Group.TOKENS)
        ),
        "may_see_partners": SimpleLazyObject(
            lambda: actor is not None and may_ever(actor, Action.READ, Group.PARTNERS)
        ),
        "roles_withheld": SimpleLazyObject(lambda: actor is not None and bool(actor.withheld)),
        "unread_notices": SimpleLazyObject(
            lambda: Notice.objects.of(actor.user_id).unread().count() if actor else 0
        ),
    }
