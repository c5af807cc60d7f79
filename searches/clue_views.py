"""The page on which reviewers rank what solved a case."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import DomainError, NotFound, Words, as_lines
from casemgr.platform.forms import plain
from cases import assignments, clues, outcome_steps
from cases.models import Case, ClueKind
from searches.clues import add_lead, leads

LEADS_SHOWN = 50


class ClueForm(forms.Form):
    """One act on the order of clues."""

    act = forms.ChoiceField(choices=[(act, act) for act in ("add", "lead", "up", "remove")])
    item = forms.UUIDField(required=False)
    kind = forms.ChoiceField(required=False, choices=ClueKind.choices)
    note = forms.CharField(required=False, max_length=500, validators=[plain])


@declares(Action.READ, Group.OUTCOME)
@require_http_methods(["GET", "POST"])
def ranked(request: HttpRequest, reference: str) -> HttpResponse:
    """What solved a case, most decisive first; POST adds, moves up or takes out one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = Case.objects.visible_to(actor).filter(reference=reference).first()
    if case is None or not assignments.decides(actor, case):
        raise NotFound
    wrong: list[Words] = []
    if request.method == "POST":
        form = ClueForm(request.POST)
        if not form.is_valid():
            raise NotFound
        try:
            _do(actor, case, **form.cleaned_data)
        except NotFound:
            raise
        except DomainError as refused:
            wrong = as_lines(refused)
        else:
            return redirect("clues", reference)
    return _page(request, actor, case, wrong)


def _do(actor: Actor, case: Case, *, act: str, item: UUID | None, kind: str, note: str) -> None:
    if act == "add":
        if not kind:
            raise NotFound
        clues.add(actor=actor, case=case, kind=ClueKind(kind), note=note)
        return
    if item is None:
        raise NotFound
    if act == "lead":
        match = leads(actor, case).filter(pk=item).first()
        if match is None:
            raise NotFound
        add_lead(actor=actor, case=case, match=match, note=note)
        return
    outcome = outcome_steps.standing(case)
    clue = outcome.clues.filter(pk=item).first() if outcome is not None else None
    if clue is None:
        raise NotFound
    (clues.move_up if act == "up" else clues.remove)(actor=actor, case=case, clue=clue)


def _page(request: HttpRequest, actor: Actor, case: Case, wrong: list[Words]) -> HttpResponse:
    outcome = outcome_steps.standing(case)
    found = list(leads(actor, case)[:LEADS_SHOWN])
    seen = [case.pk, *(key for match in found for key in (match.pk, match.sighting_id))]
    audit.record(actor, Action.READ, "case", seen, groups=[Group.CASE_DETAIL, Group.MATCHES])
    order = []
    if outcome is not None:
        audit.record(actor, Action.READ, "outcome", [outcome.pk], groups=[Group.OUTCOME])
        order = list(outcome.clues.select_related("source__match"))
        sources = [clue.source.match_id for clue in order if hasattr(clue, "source")]
        if sources:
            audit.record(actor, Action.READ, "match", sources, groups=[Group.MATCHES])
    page = {
        "case": case,
        "outcome": outcome,
        "clues": order,
        "leads": found,
        "kinds": ClueKind.choices,
        "wrong": wrong,
    }
    return render(request, "searches/clues.html", page, status=400 if wrong else 200)
