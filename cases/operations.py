"""Rescue operations: kept as reported, linked to outcomes, and held against them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden, Invalid, NotFound
from cases import assignments, outcome_rules, outcome_steps
from cases.models import (
    Case,
    Handover,
    Operation,
    Outcome,
    SafetyCheck,
    StepKind,
    SuspectKind,
    Suspects,
)
from cases.querysets import lock

FIELDS = (
    "name",
    "period",
    "begins_on",
    "ends_on",
    "part_of",
    "divisions",
    "area",
    "agencies",
    "officers",
    "children_recovered",
    "children_sold",
    "groups_broken",
    "cases_solved",
    "note",
    "difference_note",
    "safety",
    "police_contact",
)
DEEPEST = 20


@transaction.atomic
def save_operation(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    suspects: Mapping[SuspectKind, tuple[int, str]] | None = None,
    operation: Operation | None = None,
) -> Operation:
    """A new operation, or changes to one. `suspects` (count, note) replaces them as a whole.

    Raises Forbidden; Invalid for one that ends before it begins, or is a part of itself; Conflict
    for one that was published long ago.
    """
    _require(actor, Action.CREATE if operation is None else Action.UPDATE)
    held = _own(operation) if operation else Operation()
    for name in FIELDS:
        if name in values:
            setattr(held, name, values[name])
    _check(held)
    held.save()
    if suspects is not None:
        held.suspects.all().delete()
        for kind, (count, note) in suspects.items():
            Suspects.objects.create(operation=held, kind=kind, count=count, note=note)
    act = Action.CREATE if operation is None else Action.UPDATE
    audit.record(actor, act, "operation", [held.pk], groups=[Group.OPERATIONS])
    return held


@transaction.atomic
def link_case(*, actor: Actor, operation: Operation, case: Case) -> None:
    """Say that an operation ended this case: one with an outcome that stands, in the actor's hand.

    Raises NotFound for a case of others, Conflict without an outcome.
    """
    _require(actor, Action.UPDATE)
    _own(operation)
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    if not assignments.decides(actor, held):
        raise NotFound
    outcome = outcome_steps.standing(held)
    if outcome is None:
        raise Conflict("no_outcome", _("No outcome is under way in this case."))
    Outcome.objects.filter(pk=outcome.pk).update(operation=operation)
    audit.record(actor, "link", "operation", [operation.pk, outcome.pk], groups=[Group.OPERATIONS])


@transaction.atomic
def hand_over(*, actor: Actor, operation: Operation, note: str = "") -> Handover:
    """Write down that the police took over. Raises Conflict before all is safe and somebody known.

    Nobody here ever goes to a place: what is handed over is what is known, to the police alone.
    """
    _require(actor, Action.UPDATE)
    held = _own(operation)
    if set(held.safety) != {each.value for each in SafetyCheck}:
        raise Conflict("not_safe_yet", _("Go through the whole safety list first."))
    if not held.police_contact.strip():
        raise Conflict("no_contact", _("Write down who at the police takes over."))
    assert actor.user is not None
    handover = Handover.objects.create(operation=held, by=actor.user, note=note.strip()[:2_000])
    audit.record(actor, "hand_over", "operation", [held.pk], groups=[Group.OPERATIONS])
    return handover


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The reported children beside the cases linked here. `marked`: they differ, and nobody says
    why.
    """

    reported: int | None
    linked: int
    marked: bool


def reconcile(rows: Iterable[Operation]) -> dict[UUID, Reconciled]:
    """Hold each operation's children against the cases linked to it or to its parts, each once.

    Cases count where two reviewers agreed that the child was found. Two queries.
    """
    pairs = Outcome.objects.filter(
        operation__isnull=False,
        ended_at__isnull=True,
        kind__in=outcome_rules.FOUND_KINDS,
        steps__kind=StepKind.CONFIRMED,
        steps__undone_at__isnull=True,
    ).values_list("operation", "case")
    cases: dict[UUID, set[UUID]] = defaultdict(set)
    for key, case in pairs:
        cases[key].add(case)
    parts: dict[UUID, list[UUID]] = defaultdict(list)
    for key, whole in Operation.objects.filter(part_of__isnull=False).values_list("pk", "part_of"):
        if whole is not None:
            parts[whole].append(key)
    return {row.pk: _reconciled(row, cases, parts) for row in rows}


def _reconciled(
    row: Operation, cases: Mapping[UUID, set[UUID]], parts: Mapping[UUID, list[UUID]]
) -> Reconciled:
    found, newest = {row.pk}, [row.pk]
    while newest:
        newest = [part for key in newest for part in parts.get(key, ()) if part not in found]
        found.update(newest)
    linked = len(set().union(*(cases.get(key, set()) for key in found)))
    reported = row.children_recovered
    differs = reported is not None and reported != linked and not row.historical
    return Reconciled(reported, linked, differs and not row.difference_note.strip())


def _own(operation: Operation) -> Operation:
    """The operation, locked. Raises Conflict for a published one, which stays as it was printed."""
    held: Operation = lock(Operation.objects.all(), operation.pk)
    if held.historical:
        raise Conflict("historical", _("Published figures are only read. Write down your own."))
    return held


def _check(operation: Operation) -> None:
    if not operation.name.strip():
        raise Invalid({"name": ("required", _("Give it a name."))})
    begins, ends = operation.begins_on, operation.ends_on
    if begins is not None and ends is not None and ends < begins:
        raise Invalid({"ends_on": ("in_order", _("It ends before it begins. Please check both."))})
    whole, depth = operation.part_of, 0
    while whole is not None and depth < DEEPEST:
        if whole.pk == operation.pk:
            raise Invalid({"part_of": ("circle", _("An operation can't be a part of itself."))})
        whole, depth = whole.part_of, depth + 1


def _require(actor: Actor, action: Action) -> None:
    if actor.user is None or not can(actor, action, Group.OPERATIONS):
        raise Forbidden
