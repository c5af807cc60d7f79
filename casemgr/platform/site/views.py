"""Pages that say what this is, what is kept of people, and what helps when a child is missing."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgr.platform.access import open_to_all


@open_to_all("says what the service is for; shows nobody's data")
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What this is, and what it never does."""
    return render(request, "site/about.html")


@open_to_all("says what is kept of people and for how long; shows nobody's data")
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of whom, for how long, and how to have it erased."""
    periods = settings.PERIODS
    page = {
        "sighting_months": round(periods.sighting.days / 30.44),
        "case_months": round(periods.closed_case.days / 30.44),
    }
    return render(request, "site/privacy.html", page)


@open_to_all("says what to do on seeing a child; shows nobody's data")
@require_safe
def on_seeing(request: HttpRequest) -> HttpResponse:
    """What to do, and not to do, for somebody who sees a child that may be missing."""
    return render(request, "site/on_seeing.html")
