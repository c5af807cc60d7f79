"""Reviewers' pages of cases that may be of one child: which wait, and one pair side by side."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.accounts.second_factor import require_recent
from casemgr.platform.errors import DomainError, Invalid, as_lines
from casemgr.platform.paging import part
from searches import context, duplicates_desk, profiles
from searches.forms import PairForm
from searches.matching.duplicates import hold_together
from searches.models import CasePair, PairDecision
from searches.presentation import face_views, waterfall_of_pair

LIST_SIZE = 50


@declares(Action.READ, Group.MATCHES)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Pairs that wait, by reference alone; what is in them is seen with both cases in hand."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = part(duplicates_desk.waiting(actor), typed=request.GET.get("start"), size=LIST_SIZE)
    return render(request, "searches/duplicates.html", {"rows": found.rows, **found.pager})


@declares(Action.READ, Group.MATCHES)
@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Two cases and what they have in common; POST decides on them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = duplicates_desk.opened(actor, pair_id)
    if request.method == "GET":
        return _page(request, actor, found, PairForm())
    if (asked := require_recent(request)) is not None:
        return asked
    form = PairForm(request.POST)
    if form.is_valid():
        try:
            duplicates_desk.decide(
                actor=actor,
                pair=found,
                decision=PairDecision(form.cleaned_data["decision"]),
                reason=form.cleaned_data["reason"],
            )
            return redirect("duplicate", found.pk)
        except Invalid as refused:
            form.take_refusals(refused)
        except DomainError as refused:
            form.add_error(None, str(refused.message))
    return _page(request, actor, found, form)


@declares(Action.CREATE, Group.REVIEWS)
@require_POST
def again(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Take the decision on a pair back, so that it waits once more."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = duplicates_desk.opened(actor, pair_id)
    if (asked := require_recent(request)) is not None:
        return asked
    try:
        duplicates_desk.take_back(actor=actor, pair=found, reason=request.POST.get("reason", ""))
    except DomainError as refused:
        form = PairForm({})
        form.errors.clear()
        for line in as_lines(refused):
            form.add_error(None, str(line))
        return _page(request, actor, found, form)
    return redirect("duplicate", found.pk)


def _page(request: HttpRequest, actor: Actor, found: CasePair, form: PairForm) -> HttpResponse:
    judged = hold_together(
        profiles.of_case(found.left), profiles.of_case(found.right), context.build()
    )
    audit.record(
        actor,
        Action.READ,
        "case_pair",
        [found.pk, found.left_id, found.right_id],
        groups=[Group.MATCHES, Group.CASE_DETAIL, Group.REVIEWS],
    )
    older, newer = sorted((found.left, found.right), key=lambda case: (case.created_at, case.pk))
    page = {
        "pair": found,
        "sides": [
            (case, case.child, face_views(case.photos.all())) for case in (found.left, found.right)
        ],
        "older": older,
        "newer": newer,
        "waterfall": waterfall_of_pair(judged, found.news),
        "both_live": found.left.is_live and found.right.is_live,
        "form": form,
    }
    return render(request, "searches/duplicate.html", page, status=400 if form.errors else 200)
