"""Pages of one alliance that are for whoever leads it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from casemgr.platform.access import Actor, Role, any_account
from casemgr.platform.errors import Forbidden
from families.models import MembershipRole
from families.views import own_alliance

Page = Callable[..., HttpResponse]


def for_those_who_lead(view: Page) -> Page:
    """The view gets actor and alliance; members are refused, others find nothing."""

    @any_account("whether somebody leads the alliance is asked of each one")
    @wraps(view)
    def guarded(request: HttpRequest, alliance_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        alliance, mine = own_alliance(actor, alliance_id)
        if mine.role == MembershipRole.MEMBER:
            raise Forbidden
        if Role.COORDINATOR in actor.withheld:
            return redirect("second-factor")
        return view(request, actor, alliance, *args, **kwargs)

    declared: Page = guarded
    return declared
