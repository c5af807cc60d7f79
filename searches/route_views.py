"""The page with a case's route, for the reviewers who have it in hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import NotFound
from cases import assignments
from cases.models import Case
from searches.route import ids_of, route, stops_of


@declares(Action.READ, Group.MATCHES)
@require_safe
def case_route(request: HttpRequest, reference: str) -> HttpResponse:
    """Map, line and list of where the child was, with how sure each is."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = Case.objects.visible_to(actor).filter(reference=reference).first()
    if case is None or not assignments.decides(actor, case):
        raise NotFound
    stops = stops_of(actor, case)
    audit.record(
        actor,
        Action.READ,
        "case",
        [case.pk, *ids_of(stops)],
        groups=[Group.CASE_DETAIL, Group.CASE_PLACE, Group.SIGHTING, Group.MATCHES, Group.OUTCOME],
    )
    page = {"case": case, "route": route(stops)}
    return render(request, "searches/route.html", page)
