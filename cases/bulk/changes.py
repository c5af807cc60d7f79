"""Rows of cases that are there already: which those are, what they change, and changing it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casemgr.platform.access import Actor
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Conflict
from cases import services
from cases.bulk.rows import Pair, Reader
from cases.filing import MARK_FIELDS, Filing
from cases.models import Case, ExternalId, ImportJob, ImportRow, RowOutcome

Changes = dict[str, Any]
_SAME: Final = tuple(name for name in MARK_FIELDS if name != "public")


def cases_with(job: ImportJob, pairs: Sequence[Pair]) -> dict[Pair, Case]:
    """The importer's own cases that have these ids, with detail, in a fixed number of queries."""
    if not pairs:
        return {}
    own = Q(case__partner=job.partner_id) if job.partner_id else Q(case__alliance=job.alliance_id)
    rows = ExternalId.objects.filter(
        own,
        system__in={system for system, _value in pairs},
        value__in={value for _system, value in pairs},
        case__child__isnull=False,
    ).values_list("system", "value", "case")
    found = {(system, value): case_id for system, value, case_id in rows}
    cases = Case.objects.with_detail().in_bulk(list(set(found.values())))
    return {pair: cases[found[pair]] for pair in pairs if pair in found}


def between(case: Case, filing: Filing) -> Changes | None:
    """What a row says otherwise than the case does, as `update_case` takes it; None for nothing.

    What the row does not name stays. Ids are added to those there are, never taken away.
    """
    wanted: Changes = {
        "case_changes": _differing(case, filing.case),
        "child_changes": _differing(case.child, filing.child),
        "marks": _marks(case, filing.marks),
        "external_ids": _ids(case, filing.external_ids),
    }
    wanted["case_changes"].pop("alliance", None)
    return wanted if any(value for value in wanted.values()) else None


def _differing(row: Any, values: Mapping[str, Any]) -> Changes:
    return {name: value for name, value in values.items() if _differs(getattr(row, name), value)}


def _differs(here: Any, given: Any) -> bool:
    if isinstance(here, PartialDate) and isinstance(given, PartialDate) and given.text:
        # The same words may be worked out otherwise on another day, and are no change.
        return here.text != given.text
    return bool((here or given) and here != given)


def _marks(case: Case, given: Sequence[Mapping[str, Any]]) -> list[Changes] | None:
    """The marks as they shall be, ticked where the guardian ticked them; None where they are so."""
    if not given:
        return None
    here = {_mark(vars(mark)): mark.public for mark in case.child.marks.all()}
    wanted = [{"public": here.get(_mark(mark), False), **mark} for mark in given]
    same = {_mark(mark): mark["public"] for mark in wanted} == here and len(given) == len(here)
    return None if same else wanted


def _mark(mark: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(mark.get(name) or "") for name in _SAME)


def _ids(case: Case, given: Sequence[Mapping[str, str]]) -> list[dict[str, str]] | None:
    here = {row.system: row.value for row in case.external_ids.all()}
    wanted = here | {pair["system"]: pair["id"] for pair in given}
    if wanted == here:
        return None
    return [{"system": system, "id": value} for system, value in wanted.items()]


def apply(actor: Actor, case: Case, wanted: Changes, *, turn: int) -> None:
    """Change a case by the service that the API uses; what follows waits in the slow lane."""
    services.update_case(actor=actor, case=case, turn=turn, **wanted)


def hold(content: Any) -> str:
    """A row's content, to be kept until the rest of the file is known to be good."""
    return json.dumps(content, ensure_ascii=False)


def apply_held(actor: Actor, reader: Reader, row: ImportRow) -> None:
    """Apply a change that waited; raises DomainError where it can't be any more."""
    again = reader.check(row.number, json.loads(row.held or "null"))
    cases = Case.objects.with_detail()
    case = cases.filter(pk=row.case_id).first() if row.case_id is not None else None
    if again.filing is None or case is None:
        words = _("Row %(row)s can't be taken any more: its case has changed since.")
        raise Conflict("changed_meanwhile", words % {"row": row.number})
    wanted = between(case, again.filing)
    if wanted is not None:
        apply(actor, case, wanted, turn=row.number)
    outcome = RowOutcome.UPDATED if wanted is not None else RowOutcome.UNCHANGED
    row.outcome, row.held = outcome, ""
    row.save(update_fields=["outcome", "held"])


def own_ids(job: ImportJob, cases: "QuerySet[Any, Any]") -> None:
    """Give the ids of cases that were kept back to their organisation; raises Conflict."""
    try:
        with transaction.atomic():
            ExternalId.objects.filter(case__in=cases).update(partner=job.partner_id)
    except IntegrityError:
        words = _("An external id of this file was given to another case meanwhile.")
        raise Conflict("external_id_taken", words) from None
