"""Pages of operations: the list, and one with what it reported beside what is linked here."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from casemgr.platform import audit, references
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import Conflict, DomainError, NotFound, Words, as_lines
from casemgr.platform.forms import plain
from cases import operations
from cases.models import Case, Operation, SafetyCheck, SuspectKind

SHOWN = 200


def _words(label: Any, most: int = 200, *, required: bool = False, rows: int = 0) -> Any:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput
    return forms.CharField(
        required=required, max_length=most, validators=[plain], label=label, widget=widget
    )


def _figure(label: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, max_value=100_000_000, label=label)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        required=False, label=label, widget=forms.DateInput(attrs={"type": "date"})
    )


class OperationForm(forms.Form):
    """What is kept of an operation."""

    name = _words(_("Name"), required=True)
    period = _words(_("When, in words"), 100)
    begins_on = _day(_("First day"))
    ends_on = _day(_("Last day"))
    part_of = forms.ModelChoiceField(
        Operation.objects.filter(historical=False),
        required=False,
        label=_("Part of another operation"),
    )
    area = _words(_("Where, in words: provinces, never a child's place"))
    officers = _figure(_("Officers"))
    children_recovered = _figure(_("Children recovered"))
    children_sold = _figure(_("Children sold"))
    groups_broken = _figure(_("Groups broken up"))
    cases_solved = _figure(_("Cases solved"))
    arrested = _figure(_("Suspects arrested"))
    detained = _figure(_("Suspects detained"))
    prosecuted = _figure(_("Suspects prosecuted"))
    sentenced = _figure(_("Suspects sentenced"))
    note = _words(_("Note"), 4_000, rows=3)
    difference_note = _words(_("Why not all reported children are linked here"), 2_000, rows=2)
    safety = forms.MultipleChoiceField(
        required=False,
        choices=SafetyCheck.choices,
        label=_("Settled before the police take over"),
        widget=forms.CheckboxSelectMultiple,
    )
    police_contact = _words(_("Who at the police takes over; sealed"), 500)


@declares(Action.READ, Group.OPERATIONS)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All operations as reported; POST writes down a new one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form, wrong = OperationForm(request.POST or None), list[Words]()
    if request.method == "POST" and form.is_valid():
        try:
            made = _save(actor, form.cleaned_data, None)
            return redirect("operation", made.pk)
        except DomainError as refused:
            wrong = as_lines(refused)
    rows = list(Operation.objects.select_related("part_of").prefetch_related("suspects")[:SHOWN])
    if rows:
        keys = [row.pk for row in rows]
        audit.record(actor, Action.READ, "operation", keys, groups=[Group.OPERATIONS])
    page = {
        "operations": [row for row in rows if not row.historical],
        "published": [row for row in reversed(rows) if row.historical],
        "form": form,
        "wrong": wrong,
    }
    refused_form = request.method == "POST"
    return render(request, "cases/operations.html", page, status=400 if refused_form else 200)


@declares(Action.UPDATE, Group.OPERATIONS)
@require_http_methods(["GET", "POST"])
def operation(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """One operation; POST changes it, links a case in hand, or hands over to the police."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = Operation.objects.filter(pk=operation_id).first()
    if found is None:
        raise NotFound
    wrong: list[Words] = []
    act = request.POST.get("act", "")
    form = OperationForm(request.POST if act == "save" else None, initial=_initial(found))
    if request.method == "POST":
        try:
            if _done(actor, found, act, request, form):
                return redirect("operation", found.pk)
            wrong = [_("Please look at the fields below once more.")]
        except NotFound:
            raise
        except DomainError as refused:
            wrong = as_lines(refused)
    cases = Case.objects.visible_to(actor).filter(
        outcomes__operation=found, outcomes__ended_at__isnull=True
    )
    mine = list(cases.order_by("reference").distinct()[:SHOWN])
    audit.record(actor, Action.READ, "operation", [found.pk], groups=[Group.OPERATIONS])
    if mine:
        keys = [case.pk for case in mine]
        audit.record(actor, Action.READ, "case", keys, groups=[Group.CASE_DETAIL])
    page = {
        "operation": found,
        "published": [found],
        "suspects": found.suspects.order_by("kind"),
        "reconciled": operations.reconcile([found])[found.pk],
        "handovers": found.handovers.select_related("by").order_by("at"),
        "cases": mine,
        "form": form,
        "wrong": wrong,
    }
    return render(request, "cases/operation.html", page, status=400 if wrong else 200)


def _done(
    actor: Actor, found: Operation, act: str, request: HttpRequest, form: OperationForm
) -> bool:
    """Whether the act was done; False where its fields can't be accepted."""
    if act == "save":
        if not form.is_valid():
            return False
        _save(actor, form.cleaned_data, found)
    elif act == "link":
        wanted = references.normalise(request.POST.get("reference", ""))
        case = Case.objects.visible_to(actor).filter(reference=wanted).first()
        if case is None:
            raise Conflict("unknown_case", _("You have no such case in hand."))
        operations.link_case(actor=actor, operation=found, case=case)
    elif act == "hand_over":
        operations.hand_over(actor=actor, operation=found)
    else:
        raise NotFound
    return True


def _save(actor: Actor, given: dict[str, Any], found: Operation | None) -> Operation:
    suspects = {
        kind: (given[kind.value], "") for kind in SuspectKind if given[kind.value] is not None
    }
    values = {name: given[name] for name in operations.FIELDS if name in given}
    return operations.save_operation(actor=actor, values=values, suspects=suspects, operation=found)


def _initial(found: Operation) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in operations.FIELDS}
    return values | {row.kind: row.count for row in found.suspects.all()}
