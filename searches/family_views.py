"""A family's own cases, with what was done since they were filed.

How many sightings a case was held against counts all of them: it says nothing of any match.
"""

from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, any_account, declares
from casemgr.platform.errors import NotFound
from casemgr.platform.forms import Words
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, report
from cases.models import LIVE_STATUSES, Case
from searches.models import Sighting

SHOWN: Final = 100
# What each status means to a family, in words; of `located` and `closed` they hear by a person.
IN_WORDS: Final[dict[str, Promise]] = {
    CaseStatus.DRAFT: gettext_lazy("Not sent yet. Go on where you stopped."),
    CaseStatus.SUBMITTED: gettext_lazy(
        "We have your report. A reviewer will read it and call you."
    ),
    CaseStatus.VERIFIED: gettext_lazy("A reviewer has checked your report. The search is on."),
    CaseStatus.OPEN: gettext_lazy("We are looking for your child."),
    CaseStatus.LOCATED: gettext_lazy("A reviewer has spoken to you."),
    CaseStatus.CLOSED: gettext_lazy("The search has ended. A reviewer has spoken to you."),
    CaseStatus.WITHDRAWN: gettext_lazy("Taken back."),
    CaseStatus.MERGED: gettext_lazy("Joined with another report of the same child."),
}


class WithdrawForm(forms.Form):
    """Why a family takes its case back, if they like to say it."""

    reason = Words(label=gettext_lazy("Would you tell us why?"), rows=3, max_length=500)


@any_account("shows the asker's own cases and nobody else's")
@require_safe
def my_cases(request: HttpRequest) -> HttpResponse:
    """The cases that the asker speaks for, newest first, drafts among them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = report.own_cases(actor).select_related("child").order_by("-created_at", "-pk")[:SHOWN]
    shown = [
        {
            "reference": case.reference,
            "shown_status": case.status_to_family,
            "created_at": case.created_at,
            "name": _name(case),
            "words": IN_WORDS[case.status_to_family],
        }
        for case in rows
    ]
    if shown:
        audit.record(
            actor, Action.READ, "case", [case.pk for case in rows], groups=[Group.CASE_DETAIL]
        )
    return render(request, "searches/family/cases.html", {"cases": shown})


@declares(Action.READ, Group.CASE_DETAIL)
@require_safe
def my_case(request: HttpRequest, reference: str) -> HttpResponse:
    """One case for those who speak for the child."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case, guardian = report.own_case(actor, reference)
    if case.status == CaseStatus.DRAFT:
        return redirect("report-start")
    audit.record(
        actor, Action.READ, "case", [case.pk], groups=[Group.CASE_DETAIL, Group.CASE_PHOTOS]
    )
    status = case.status_to_family
    page = {
        "case": case,
        "child": case.child,
        "name": _name(case),
        "words": IN_WORDS[status],
        "searched": _searched(case) if status in LIVE_STATUSES else None,
        "changeable": status in report.CHANGEABLE,
        "photos": case.photos.all(),
        "says_yes": report.says_yes(case, guardian),
        "verified": guardian.verified_at is not None,
    }
    return render(request, "searches/family/case.html", page)


@declares(Action.UPDATE, Group.CASE_DETAIL)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for a case to be taken back, after saying what that does."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case, _guardian = report.own_case(actor, reference)
    if case.status_to_family not in report.CHANGEABLE or case.status == CaseStatus.DRAFT:
        raise NotFound
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        page = {"case": case, "form": form}
        status = 400 if form.is_bound else 200
        return render(request, "searches/family/withdraw.html", page, status=status)
    lifecycle.transition(
        actor=actor, case=case, to=CaseStatus.WITHDRAWN, reason=form.cleaned_data["reason"]
    )
    return redirect("my-case", case.reference)


def _searched(case: Case) -> int:
    """Sightings worked through since the case was filed, whatever became of any of them."""
    return Sighting.objects.filter(matched_at__gte=case.created_at).count()


def _name(case: Case) -> str:
    """What the family calls the child."""
    return next(iter(case.child.names()), "") or _("Your child")
