"""Pages of the blind second look: a pair, without score, evidence or earlier decisions."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.accounts.second_factor import require_recent
from casemgr.platform.errors import DomainError, Invalid
from casemgr.platform.vocabularies import ReviewDecision
from searches import second_look
from searches.forms import SecondLookForm
from searches.models import SecondLook
from searches.presentation import face_views


@declares(Action.CREATE, Group.REVIEWS)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Take the next pair that is due."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = second_look.begin(actor=actor)
    return redirect("second-look", found.pk) if found else redirect("queue")


@declares(Action.CREATE, Group.REVIEWS)
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, look_id: UUID) -> HttpResponse:
    """One pair; POST says yes or no, and leads back to the queue."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = second_look.opened(actor=actor, look_id=look_id)
    if request.method == "GET":
        return _page(request, actor, found, SecondLookForm())
    if (asked := require_recent(request)) is not None:
        return asked
    form = SecondLookForm(request.POST)
    if form.is_valid():
        try:
            second_look.finish(
                actor=actor,
                look=found,
                decision=ReviewDecision(form.cleaned_data["decision"]),
                reason=form.cleaned_data["reason"],
            )
            return redirect("queue")
        except Invalid as refused:
            form.take_refusals(refused)
        except DomainError as refused:
            form.add_error(None, str(refused.message))
    return _page(request, actor, found, form)


def _page(
    request: HttpRequest, actor: Actor, found: SecondLook, form: SecondLookForm
) -> HttpResponse:
    case, sighting = found.match.case, found.match.sighting
    audit.record(
        actor,
        Action.READ,
        "match",
        [found.match_id, case.pk, sighting.pk],
        groups=[Group.CASE_DETAIL, Group.SIGHTING],
    )
    page = {
        "case": case,
        "child": case.child,
        "sighting": sighting,
        "case_faces": face_views(case.photos.all()),
        "sighting_faces": face_views(sighting.photos.all()),
        "form": form,
    }
    return render(request, "searches/second_look.html", page, status=400 if form.errors else 200)
