"""How often reviewers agree with each other, for data-protection officers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, declares
from casemgr.platform.errors import NotFound
from searches import pair_watch, pairs

SHOWN = 200


@declares(Action.READ, Group.AUDIT)
@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    """Each pair of reviewers, how much they decided together, and how often alike."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.has(Role.DATA_PROTECTION):
        raise NotFound
    audit.record(actor, Action.READ, "pairs", [], groups=[Group.AUDIT])
    page = {
        "rows": pair_watch.rows()[:SHOWN],
        "least": pairs.BASE_LEAST,
        "false_alarm": round(100 * pairs.FALSE_ALARM),
    }
    return render(request, "searches/pairs.html", page)
