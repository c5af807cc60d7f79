"""Pages of the year: a family's one tap, and the cases that reviewers look at anew."""

from datetime import datetime
from typing import Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import NotFound
from cases import word, yearly
from cases.models import Case

SHOWN: Final = 50


class CaseForm(forms.Form):
    """Which case a tap is about."""

    case = forms.UUIDField()


@declares(Action.UPDATE, Group.CASE_DETAIL)
@require_http_methods(["GET", "POST"])
def still_searching(request: HttpRequest) -> HttpResponse:
    """The asker's cases whose public card is up, and until when; one tap keeps a card up."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    mine = word.with_last_word(Case.objects.visible_to(actor))
    if request.method == "POST":
        form = CaseForm(request.POST)
        case = mine.filter(pk=form.cleaned_data["case"]).first() if form.is_valid() else None
        if case is None:
            raise NotFound
        word.still_searching(actor=actor, case=case)
        return redirect("still-searching")
    cases = list(mine.order_by("last_word", "pk")[:SHOWN])
    audit.record(
        actor, Action.READ, "case", [case.pk for case in cases], groups=[Group.CASE_DETAIL]
    )
    shown: list[tuple[Case, datetime]] = [
        (case, case.last_word + settings.PERIODS.public_card) for case in cases
    ]
    return render(request, "cases/still_searching.html", {"shown": shown})


@declares(Action.CREATE, Group.REVIEWS)
@require_safe
def yearly_looks(request: HttpRequest) -> HttpResponse:
    """Unsolved cases that are due, by reference alone."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return render(request, "cases/yearly.html", {"cases": yearly.waiting_for(actor)[:SHOWN]})
