"""Rows about a child of whom the alliance has a case already, as far as name and birth date tell.

Only the alliance's own cases are held against: of others an import tells nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from casemgr.platform.access import Actor
from casemgr.platform.dates import PartialDate
from casemgr.platform.fields import civil_zone
from casemgr.platform.vocabularies import CaseStatus
from cases.bulk.rows import Row
from cases.models import Case, ImportJob, ImportRow

CODE: Final = "like_another"
_OVER: Final = (CaseStatus.WITHDRAWN, CaseStatus.MERGED)

Line = dict[str, Any]


def to_rows(job: ImportJob, actor: Actor, rows: Sequence[Row]) -> dict[int, Line]:
    """What stands with each row that looks like a case of the alliance's or like an earlier row."""
    marks = {row.number: mark for row in rows if (mark := likeness(row)) is not None}
    if job.alliance_id is None or not marks:
        return {}
    cases = _cases(job, actor, [row for row in rows if row.number in marks])
    before = ImportRow.objects.filter(job=job, likeness__in=set(marks.values()))
    # The first of several is named.
    earlier = dict(before.order_by("-number").values_list("likeness", "number"))
    found = {}
    for number, mark in marks.items():
        if mark in cases:
            words = _("%(reference)s has this name and birth date too. Is it the same child?")
            found[number] = _line(words % {"reference": cases[mark]})
        elif mark in earlier:
            words = _("Row %(row)s has this name and birth date too. Is it the same child?")
            found[number] = _line(words % {"row": earlier[mark]})
        else:
            earlier[mark] = number
    return found


def likeness(row: Row) -> int | None:
    """64 bits of a digest of the child's full name and birth date; None where either is unknown."""
    if row.filing is None:
        return None
    born = row.filing.child.get("birth_date")
    bounds = born.bounds(civil_zone()) if isinstance(born, PartialDate) else None
    name = row.filing.child.get("full_name", "")
    return _digest(name, bounds[0], bounds[1]) if name and bounds else None


def _cases(job: ImportJob, actor: Actor, rows: Sequence[Row]) -> dict[int, str]:
    """References of the alliance's cases of these names, by likeness; the oldest of several."""
    names = {row.filing.child["full_name"] for row in rows if row.filing is not None}
    cases = Case.objects.visible_to(actor).filter(
        alliance=job.alliance_id, child__full_name__in=names
    )
    cases = cases.exclude(status__in=_OVER)
    cases = cases.exclude(
        pk__in=ImportRow.objects.filter(job=job, case__isnull=False).values("case")
    )
    found = {}
    for case in cases.select_related("child").order_by("-created_at", "-pk"):
        bounds = case.child.birth_date.bounds(civil_zone())
        if bounds:
            found[_digest(case.child.full_name, bounds[0], bounds[1])] = case.reference
    return found


def _digest(name: str, earliest: date | datetime, latest: date | datetime) -> int:
    plain = json.dumps([name, earliest.isoformat(), latest.isoformat()]).encode()
    return int.from_bytes(hashlib.sha256(plain).digest()[:8], "big", signed=True)


def _line(words: str) -> Line:
    return {"pointer": "/child/full_name", "code": CODE, "detail": words}
