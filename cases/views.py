"""Public pages of cases: the open ones, and one child's card."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from casemgr.platform import limits, references
from casemgr.platform.access import Action, Group, declares
from casemgr.platform.paging import newest_first
from cases.card import find_public, public_card
from cases.card_words import address_of, picture_of, words_of
from cases.models import Case
from cases.search_forms import PublicSearchForm

PAGE_SIZE = 24


@declares(Action.READ, Group.PUBLIC_CARD)
def home(request: HttpRequest) -> HttpResponse:
    """Two ways in, and the open cases, newest first: all of them, or those looked for."""
    limits.enforce(request, "reads")
    after = request.GET.get("after", "")
    form = PublicSearchForm(request.GET if request.GET.keys() - {"after"} else None)
    cases = Case.objects.public().with_card()
    if form.is_bound:
        cases = form.narrow(cases) if form.is_valid() else cases.none()
    page = newest_first(cases, by="public_since", after=after, size=PAGE_SIZE)
    shown = {
        "cards": [public_card(case) for case in page.rows],
        "after": page.after,
        "first_page": not after and not form.asks,
        "form": form,
    }
    return render(request, "cases/home.html", shown, status=400 if form.errors else 200)


@declares(Action.READ, Group.PUBLIC_CARD)
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """One child's public card; a slip of the pen is told apart from a child nobody knows."""
    limits.enforce(request, "reads")
    if references.check(reference) is not None:
        return mistyped(request)
    found = find_public(reference)
    if found.reference != reference:
        return redirect("case", reference=found.reference)
    card = public_card(found)
    shared = {"address": address_of(card), "words": words_of(card), "picture": picture_of(card)}
    return render(request, "cases/case.html", {"card": card, "shared": shared})


@declares(Action.READ, Group.PUBLIC_CARD)
def look_up(request: HttpRequest) -> HttpResponse:
    """From a reference as somebody typed it to its page."""
    limits.enforce(request, "reads")
    typed = request.GET.get("reference", "")
    if references.check(typed) is not None:
        return mistyped(request)
    return redirect("case", reference=quote(references.normalise(typed)))


def mistyped(request: HttpRequest) -> HttpResponse:
    """A reference that no case can have; what was typed is not repeated."""
    return render(request, "cases/mistyped.html", {"stay_at": "/"}, status=404)
