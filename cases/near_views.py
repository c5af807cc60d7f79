"""Open cases near a place, for whoever goes out to look; where the reader is, is never sent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from casemgr.platform import limits
from casemgr.platform.access import Action, Group, declares
from casemgr.platform.paging import newest_first
from casemgr.platform.places import division_label
from cases.card import public_card
from cases.models import Case
from cases.near import USUAL_KM, NearForm, kilometres
from cases.told_places import told_division

PAGE_SIZE = 24


@declares(Action.READ, Group.PUBLIC_CARD)
@require_safe
def near(request: HttpRequest) -> HttpResponse:
    """The cards around a place, newest first, each with how far off its county is."""
    limits.enforce(request, "reads")
    asked = {"within": str(USUAL_KM), **request.GET.dict()}
    form = NearForm(asked if "place" in asked else None)
    cases = Case.objects.public().with_card()
    cases = form.narrow(cases) if form.is_bound and form.is_valid() else cases.none()
    after = request.GET.get("after", "")
    page = newest_first(cases, by="public_since", after=after, size=PAGE_SIZE)
    unit = form.unit
    where = division_label(unit, get_language() or "en") if unit else ""
    if unit:
        form.data = {**asked, "place": where}
    shown = {
        "form": form,
        "where": where,
        "rows": [
            (public_card(case), unit and kilometres(unit, told_division(case.missing_from)))
            for case in page.rows
        ],
        "after": page.after,
        "first_page": not after,
    }
    return render(request, "cases/near.html", shown, status=400 if form.errors else 200)
