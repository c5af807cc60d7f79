"""What happened in an alliance, newest first: cases filed, lists, sharing, members.

It is told from what those who lead see anyway, and by nothing that moves when a child is found or a
sighting fits: no status, no place, no match.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Max, QuerySet, Value
from django.db.models.functions import TruncDate

from casemgr.platform.access import Actor
from casemgr.platform.fields import civil_zone
from cases.models import Case, Consent, ConsentPurpose, ImportJob
from families.models import Alliance, Membership

_COLUMNS: Final = ("at", "kind", "count", "name")


@dataclass(frozen=True, slots=True)
class Happened:
    """`kind`: filed, list, shared, unshared, joined or left; `name` is whose act it was, or ''."""

    at: datetime
    kind: str
    count: int
    name: str


def of_alliance(actor: Actor, alliance: Alliance, *, start: int, most: int) -> list[Happened]:
    """So many of them from the `start`-th on, by one query. The caller knows that the actor leads.

    Cases are told by the day, so that a list of hundreds is one line.
    """
    filed: QuerySet[Any, Any] = Case.objects.visible_to(actor).filter(alliance=alliance)
    filed = filed.annotate(day=TruncDate("created_at", tzinfo=civil_zone())).values("day")
    filed = _as_columns(filed.annotate(at=Max("created_at"), n=Count("pk")), "filed", count=F("n"))
    lists = ImportJob.objects.visible_to(actor).filter(alliance=alliance, dry_run=False)
    shares = Consent.objects.filter(purpose=ConsentPurpose.SHARE, alliance=alliance)
    members = Membership.objects.filter(alliance=alliance)
    named = F("user__display_name")
    rows = filed.union(
        _as_columns(lists, "list", at="created_at", name=named),
        _as_columns(shares, "shared", at="given_at"),
        _as_columns(shares.filter(revoked_at__isnull=False), "unshared", at="revoked_at"),
        _as_columns(members, "joined", at="joined_at", name=named),
        _as_columns(members.filter(left_at__isnull=False), "left", at="left_at", name=named),
        all=True,
    )
    return [Happened(*row) for row in rows.order_by("-at", "kind", "name")[start : start + most]]


def _as_columns(
    rows: "QuerySet[Any, Any]", kind: str, *, at: str = "", count: Any = None, name: Any = None
) -> "QuerySet[Any, Any]":
    told = {"kind": Value(kind), "count": count or Value(1), "name": name or Value("")}
    if at:
        told["at"] = F(at)
    columns: QuerySet[Any, Any] = rows.order_by().annotate(**told).values_list(*_COLUMNS)
    return columns
