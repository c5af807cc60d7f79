"""Pages of follow-ups: what is overdue, what comes, and one check to write down."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import DomainError, NotFound, Words, as_lines
from casemgr.platform.forms import plain
from cases import follow_ups
from cases.models import Concern, FollowUp, Standing

SHOWN = 100
SIDES = {
    "health": _("Health"),
    "schooling": _("Schooling"),
    "household_registration": _("Household registration"),
    "counselling": _("Counselling"),
}


def _words(label: Any, most: int = follow_ups.LONGEST) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        required=False, max_length=most, validators=[plain], label=label, widget=area
    )


class FollowUpForm(forms.Form):
    """What a check found."""

    health = forms.ChoiceField(choices=Standing.choices, label=SIDES["health"])
    schooling = forms.ChoiceField(choices=Standing.choices, label=SIDES["schooling"])
    household_registration = forms.ChoiceField(
        choices=Standing.choices, label=SIDES["household_registration"]
    )
    counselling = forms.ChoiceField(choices=Standing.choices, label=SIDES["counselling"])
    child_wishes = _words(_("What the child wants"))
    guardian_wishes = _words(_("What the family wants"))
    concern = forms.ChoiceField(
        choices=Concern.choices, label=_("Is there something to worry about?")
    )
    concern_note = _words(_("What worries you"))
    note = _words(_("Anything else"))


@declares(Action.READ, Group.OPERATIONS)
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """What needs a second person, what is overdue, and what comes, month by month."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    mine = FollowUp.objects.visible_to(actor).select_related("outcome__case")
    worrying = list(mine.worrying().order_by("done_at")[:SHOWN])
    planned = list(mine.due().order_by("due_on", "id")[:SHOWN])
    seen = [key for row in (*worrying, *planned) for key in (row.pk, row.outcome.case_id)]
    if seen:
        audit.record(actor, Action.READ, "follow_up", seen, groups=[Group.OPERATIONS])
    day = follow_ups.today()
    page = {
        "worrying": worrying,
        "overdue": [row for row in planned if row.is_overdue(day)],
        "coming": [row for row in planned if not row.is_overdue(day)],
    }
    return render(request, "cases/follow_ups.html", page)


@declares(Action.UPDATE, Group.OPERATIONS)
@require_http_methods(["GET", "POST"])
def follow_up(request: HttpRequest, follow_up_id: UUID) -> HttpResponse:
    """One check: POST writes down what it found, or what was done about a concern."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    mine = FollowUp.objects.visible_to(actor).select_related("outcome__case", "done_by")
    found = mine.filter(pk=follow_up_id).first()
    if found is None:
        raise NotFound
    form, wrong = FollowUpForm(request.POST or None), list[Words]()
    if request.method == "POST":
        try:
            if "handled" in request.POST:
                text = plain_words(request.POST["handled"])
                follow_ups.handle_concern(actor=actor, follow_up=found, note=text)
                return redirect("follow-ups")
            if form.is_valid():
                _record(actor, found, form.cleaned_data)
                return redirect("follow-ups")
            wrong = [_("Please look at the fields below once more.")]
        except NotFound:
            raise
        except DomainError as refused:
            wrong = as_lines(refused)
    seen = [found.pk, found.outcome.case_id]
    opens = follow_ups.opens_on(found)
    audit.record(actor, Action.READ, "follow_up", seen, groups=[Group.OPERATIONS])
    page = {
        "found": found,
        "form": form,
        "wrong": wrong,
        "opens": opens if opens is not None and follow_ups.today() < opens else None,
        "sides": [(label, getattr(found, f"get_{name}_display")) for name, label in SIDES.items()],
    }
    return render(request, "cases/follow_up.html", page, status=400 if wrong else 200)


def plain_words(text: str) -> str:
    """Words of at most the usual length; NotFound for what no form of ours sends."""
    try:
        cleaned: str = forms.CharField(
            max_length=follow_ups.LONGEST, validators=[plain], required=False
        ).clean(text)
    except forms.ValidationError:
        raise NotFound from None
    return cleaned


def _record(actor: Actor, found: FollowUp, given: dict[str, Any]) -> None:
    follow_ups.record(
        actor=actor,
        follow_up=found,
        standings={name: Standing(given[name]) for name in SIDES},
        concern=Concern(given["concern"]),
        concern_note=given["concern_note"],
        child_wishes=given["child_wishes"],
        guardian_wishes=given["guardian_wishes"],
        note=given["note"],
    )
