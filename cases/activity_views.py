"""The page of what happened in an alliance."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgr.platform.access import Actor
from casemgr.platform.paging import start_of
from cases import activity
from cases.leading import for_those_who_lead
from families.models import Alliance

PAGE_SIZE: Final = 40


@for_those_who_lead
@require_safe
def happened(request: HttpRequest, actor: Actor, alliance: Alliance) -> HttpResponse:
    """Newest first."""
    start = start_of(request.GET.get("start", "0"))
    rows = activity.of_alliance(actor, alliance, start=start, most=PAGE_SIZE + 1)
    page = {
        "alliance": alliance,
        "rows": rows[:PAGE_SIZE],
        "start": start,
        "next_start": start + PAGE_SIZE if len(rows) > PAGE_SIZE else None,
    }
    return render(request, "families/activity.html", page)
