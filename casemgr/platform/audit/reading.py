"""What of the audit is shown, and to whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.audit.models import AuditEntry, AuditQuerySet, resolve
from casemgr.platform.errors import Forbidden
from casemgr.platform.fields import civil_zone

# Steps that a guardian sees anyway. A reviewer's every other look may have come from a match, so
# that telling of it would tell whether there is one.
SEEN_STEPS: Final = ("to_verified", Action.PUBLISH.value, "unpublish")
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """One row as the data-protection officer sees it; None stands where somebody was erased."""

    at: datetime
    user_id: UUID | None
    roles: str
    action: str
    subject_type: str
    subject_ids: tuple[UUID | None, ...]
    groups: tuple[str, ...]
    reason: str
    request_id: str


def roles_that_looked(case_id: UUID, month: date) -> frozenset[Role]:
    """Who looked at a case in the month of `month`, by role alone; none before the month ended.

    Reviewers are named for a month only where one took a step that the guardian sees anyway:
    nothing here may depend on whether a match exists. Whoever calls this has asked
    `can(actor, READ, AUDIT, case)`.
    """
    start = datetime(month.year, month.month, 1, tzinfo=civil_zone())
    over_year, after = divmod(month.month, 12)
    end = datetime(month.year + over_year, after + 1, 1, tzinfo=civil_zone())
    if end > timezone.now():
        return frozenset()
    rows = AuditEntry.objects.about(case_id).filter(at__gte=start, at__lt=end)
    looks = rows.filter(action__in=[Action.READ.value, *SEEN_STEPS])
    found = set()
    for roles, action in looks.values_list("roles", "action").distinct():
        held = {Role(role) for role in roles.split()}
        if Role.REVIEWER in held:
            found |= {Role.REVIEWER} if action in SEEN_STEPS else set()
        elif action == Action.READ:
            # Every account is a volunteer's too; what let them look is whatever else they are.
            found |= held - {Role.VOLUNTEER, Role.ANONYMOUS} or {Role.VOLUNTEER}
    return frozenset(found)


def for_officer(
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    about: UUID | None = None,
    by: UUID | None = None,
) -> Iterator[OfficerLine]:
    """The rows of [since, until), oldest first, for who may read all of it. Raises Forbidden."""
    if not can(actor, Action.READ, Group.AUDIT):
        raise Forbidden
    rows = AuditEntry.objects.filter(at__gte=since, at__lt=until)
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
