"""What of the audit is shown, and to whom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import F, Func, UUIDField
from django.db.models.functions import TruncMonth
from django.utils import timezone

from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.audit.models import AuditEntry, AuditQuerySet, AuditSubject, resolve
from casemgr.platform.errors import Forbidden
from casemgr.platform.fields import civil_zone

# Steps that a guardian sees anyway. A reviewer's every other look may have come from a match, so
# that telling of it would tell whether there is one.
SEEN_STEPS: Final = ("to_verified", Action.PUBLISH.value, "unpublish")
BATCH: Final = 500

Months = dict[date, set[Role]]


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """One row as the data-protection officer sees it; None stands where somebody was erased."""

    row: int
    at: datetime
    user_id: UUID | None
    roles: str
    action: str
    subject_type: str
    subject_ids: tuple[UUID | None, ...]
    groups: tuple[str, ...]
    reason: str
    request_id: str


def roles_by_month(case_ids: Iterable[UUID], *, since: date) -> dict[UUID, Months]:
    """Who looked at each case, by role alone, in each ended month from that of `since` on.

    Reviewers are named for a month only where one took a step that the guardian sees anyway:
    nothing here may depend on whether a match exists. Months in which nobody looked are missing.
    Whoever calls this has asked `can(actor, READ, AUDIT, case)` for every case.
    """
    named = dict(
        AuditSubject.objects.filter(subject__in=list(case_ids)).values_list("pseudonym", "subject")
    )
    now = timezone.localtime(timezone.now(), civil_zone())
    ended = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = AuditEntry.objects.filter(
        subjects__overlap=list(named),
        at__gte=datetime(since.year, since.month, 1, tzinfo=civil_zone()),
        at__lt=ended,
        action__in=[Action.READ.value, *SEEN_STEPS],
    ).annotate(
        month=TruncMonth("at", tzinfo=civil_zone()),
        about=Func(F("subjects"), function="unnest", output_field=UUIDField()),
    )
    found: dict[UUID, Months] = {case_id: {} for case_id in named.values()}
    for about, month, roles, action in rows.values_list(
        "about", "month", "roles", "action"
    ).distinct():
        shown = _shown_roles(roles, action)
        if about in named and shown:
            found[named[about]].setdefault(month.date(), set()).update(shown)
    return found


def _shown_roles(roles: str, action: str) -> set[Role]:
    held = {Role(role) for role in roles.split()}
    if Role.REVIEWER in held:
        return {Role.REVIEWER} if action in SEEN_STEPS else set()
    if action != Action.READ:
        return set()
    # Every account is a volunteer's too; what let them look is whatever else they are.
    return held - {Role.VOLUNTEER, Role.ANONYMOUS} or {Role.VOLUNTEER}


def for_officer(
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    about: UUID | None = None,
    by: UUID | None = None,
    after: int = 0,
) -> Iterator[OfficerLine]:
    """The rows of [since, until) whose number is above `after`, in the order they were written.

    For who may read all of it. Raises Forbidden.
    """
    if not can(actor, Action.READ, Group.AUDIT):
        raise Forbidden
    rows = AuditEntry.objects.filter(at__gte=since, at__lt=until, pk__gt=after)
    if about is not None:
        rows = rows.about(about)
    if by is not None:
        rows = rows.by(by)
    return _lines(rows)


def own_acts(actor: Actor) -> AuditQuerySet:
    """What the actor did and looked at themselves."""
    if actor.user_id is None:
        return AuditEntry.objects.none()
    return AuditEntry.objects.by(actor.user_id)


def _lines(rows: AuditQuerySet) -> Iterator[OfficerLine]:
    batch: list[AuditEntry] = []
    for row in rows.order_by("pk").iterator(chunk_size=BATCH):
        batch.append(row)
        if len(batch) == BATCH:
            yield from _shown(batch)
            batch = []
    yield from _shown(batch)


def _shown(batch: list[AuditEntry]) -> Iterator[OfficerLine]:
    known = resolve({named for row in batch for named in [*row.subjects, row.who] if named})
    for row in batch:
        yield OfficerLine(
            row=row.pk,
            at=row.at,
            user_id=known.get(row.who) if row.who else None,
            roles=row.roles,
            action=row.action,
            subject_type=row.subject_type,
            subject_ids=tuple(known.get(subject) for subject in row.subjects),
            groups=tuple(row.groups),
            reason=row.reason,
            request_id=row.request_id,
        )
