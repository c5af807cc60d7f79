"""The page on which reviewers read how reviewing goes."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casemgr.platform import limits
from casemgr.platform.access import Action, Group, declares
from searches.review_figures import QueueTimes, review_figures


@declares(Action.READ, Group.OPERATIONS)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Counts alone: no pair, no child and no reviewer is named."""
    limits.enforce(request, "reads")
    found = review_figures()
    shown = {"figures": found, "queue": [_in_words(line) for line in found.queue]}
    return render(request, "searches/review_figures.html", shown)


def _in_words(line: QueueTimes) -> dict[str, Any]:
    return {
        "label": line.label,
        "decided": line.decided,
        "half": _time(line.half_within),
        "most": _time(line.nine_in_ten_within),
        "waiting": line.waiting,
        "oldest": _time(line.oldest),
    }


def _time(length: timedelta | None) -> str:
    """Days from two on, else hours."""
    if length is None:
        return "–"
    hours = length.total_seconds() / 3600
    if hours >= 48:
        return _("%(days)s days") % {"days": f"{hours / 24:.0f}"}
    return _("%(hours)s hours") % {"hours": f"{hours:.1f}"}
