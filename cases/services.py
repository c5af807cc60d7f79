"""Writes to a case's facts and photos. Its way through the statuses is in `lifecycle.py`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox, photo_pipeline
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Forbidden, Invalid
from casemgr.platform.storage import StoredFiles
from casemgr.platform.vocabularies import CaseStatus
from cases import rules
from cases.assignments import decides, take_in_hand
from cases.consents import give_consent, may_show_photos
from cases.filing import (
    Filing,
    add_external_ids,
    file_cases,
    index,
    name_pinyin,
    new_external_ids,
    new_mark,
)
from cases.models import Case, CasePhoto, Child, ChildMark
from cases.querysets import lock
from cases.speaking import is_own
from families.models import Family

__all__ = [
    "add_photo",
    "announce",
    "columns",
    "file_case",
    "give_consent",
    "index",
    "name_pinyin",
    "take_in_hand",
    "update_case",
]


@transaction.atomic
def file_case(
    *,
    actor: Actor,
    case: Mapping[str, Any],
    child: Mapping[str, Any],
    marks: Sequence[Mapping[str, Any]] = (),
    external_ids: Iterable[Mapping[str, str]] = (),
    family: Family | None = None,
) -> Case:
    """A new draft. The filer becomes an unverified guardian; filing proves nothing about them.

    A partner's program files for a family that it then says the guardians of. Raises Conflict for
    an external id that the partner has given to another case.
    """
    filing = Filing(case, child, marks, list(external_ids))
    families = None if family is None else [family]
    [filed] = file_cases(actor=actor, filings=[filing], families=families)
    return filed


@transaction.atomic
def update_case(
    *,
    actor: Actor,
    case: Case,
    case_changes: Mapping[str, Any],
    child_changes: Mapping[str, Any],
    marks: Sequence[Mapping[str, Any]] | None = None,
    external_ids: Iterable[Mapping[str, str]] | None = None,
    turn: int | None = None,
) -> Case:
    """Change what is given and nothing else; a live case is held against old sightings again.

    With a `turn` the work that this makes waits in the slow lane (`outbox.publish`).
    """
    touched = [Group.CASE_DETAIL] + [Group.CASE_PLACE] * ("missing_from" in case_changes)
    if not all(can(actor, Action.UPDATE, group, case) for group in touched):
        raise Forbidden
    if external_ids is not None and actor.program is not None and not is_own(actor, case):
        raise Forbidden(_("Only the organisation that filed a case says what it calls it."))
    rules.check_case(case_changes, child_changes)
    held: Case = lock(Case.objects.select_related("child"), case.pk)
    for name, value in case_changes.items():
        setattr(held, name, value)
    for name, value in child_changes.items():
        setattr(held.child, name, value)
    if held.status not in {CaseStatus.DRAFT, CaseStatus.WITHDRAWN}:
        rules.check_submittable(held)
    held.save(update_fields=[*columns(Case, case_changes), "updated_at"])
    if child_changes:
        _save_child(held.child, update=columns(Child, child_changes))
    if marks is not None:
        _replace_marks(held.child, marks)
    if external_ids is not None:
        _replace_external_ids(held, external_ids)
    _index(held)
    if not decides(actor, held):
        Case.objects.filter(pk=held.pk).heard()
    audit.record(actor, Action.UPDATE, "case", [held.pk], groups=touched)
    announce(held, turn=turn)
    return held


def announce(case: Case, *, turn: int | None = None) -> None:
    """A case whose facts or status changed must be held against every sighting again."""
    Case.objects.filter(pk=case.pk).update(revision=F("revision") + 1)
    if case.status != CaseStatus.DRAFT:
        outbox.publish("case.changed", case.pk, turn=turn)


def add_photo(
    *,
    actor: Actor,
    case: Case,
    data: bytes,
    taken_at: PartialDate | None = None,
    consent_public: bool = False,
) -> CasePhoto:
    """Seal a photo and queue its development. Raises Invalid for what is not a usable photo."""
    if not can(actor, Action.CREATE, Group.CASE_PHOTOS, case):
        raise Forbidden
    refusals: rules.Refusals = {}
    rules.refuse_future(taken_at, "taken_at", refusals)
    if consent_public and not may_show_photos(actor, case):
        refusals["consent_public"] = (
            "guardian_only",
            _("Only somebody who speaks for the child can agree to showing a photo."),
        )
    if refusals:
        raise Invalid(refusals)
    with StoredFiles() as files, transaction.atomic():
        photo = CasePhoto(
            case=case, consent_public=consent_public, **photo_pipeline.receive(files, data)
        )
        photo.taken_at = taken_at
        photo.save(force_insert=True)
        audit.record(actor, Action.CREATE, "case_photo", [photo.pk], groups=[Group.CASE_PHOTOS])
        outbox.publish("case_photo.added", photo.pk)
    return photo


def columns(model: type[Any], changes: Mapping[str, Any]) -> list[str]:
    """The columns behind attribute names: a value object stands over several."""
    present = [field.name for field in model._meta.concrete_fields]
    found = []
    for change in changes:
        found += [name for name in present if name == change or name.startswith(f"{change}_")]
    return list(dict.fromkeys(found))


def _save_child(child: Child, update: list[str]) -> None:
    if not child.name_pinyin and child.full_name:
        child.name_pinyin = name_pinyin(child.full_name)
    child.save(update_fields=sorted({*update, "name_pinyin", "given_name", "family_name"}))


def _replace_marks(child: Child, marks: Sequence[Mapping[str, Any]]) -> None:
    child.marks.all().delete()
    ChildMark.objects.bulk_create(new_mark(child, mark) for mark in marks)


def _replace_external_ids(case: Case, external_ids: Iterable[Mapping[str, str]]) -> None:
    case.external_ids.all().delete()
    add_external_ids(new_external_ids(case, external_ids))


def _index(case: Case) -> None:
    """Refresh the tokens under which the case and its card are found."""
    index(case)
    case.save(update_fields=["tokens", "card_tokens"])
