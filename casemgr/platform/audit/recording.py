"""Writing audit rows: a change in its own transaction, a request's looks in one row at its end.

Fails closed: a look that can't be written down is not given (`AuditMiddleware`), a change that
can't be is not made. Only receiving a sighting goes on without the audit, which is then owed its
row: whoever saw a child must be able to say so.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, transaction

from casemgr.platform import outbox
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.audit.models import AuditEntry
from casemgr.platform.audit.subjects import pseudonyms, seal_reason

log = logging.getLogger("homeward.audit")
OWED = "audit.owed"
MAY_BE_OWED = frozenset({Group.SIGHTING.value, Group.REPORTER.value})


@dataclass(slots=True)
class Act:
    """What one row will say."""

    user_id: uuid.UUID | None
    roles: str
    action: str
    request_id: str
    reason: str
    types: dict[str, None] = field(default_factory=dict)
    subjects: dict[uuid.UUID, None] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """For an outbox event: ids and codes only."""
        return {
            "user_id": str(self.user_id) if self.user_id else None,
            "roles": self.roles,
            "action": self.action,
            "request_id": self.request_id,
            "types": list(self.types),
            "subjects": [str(subject) for subject in self.subjects],
            "groups": list(self.groups),
        }

    @classmethod
    def owed(cls, data: dict[str, Any]) -> "Act":
        """The act that an event's data tells of."""
        return cls(
            user_id=uuid.UUID(data["user_id"]) if data["user_id"] else None,
            roles=data["roles"],
            action=data["action"],
            request_id=data["request_id"],
            reason="",
            types=dict.fromkeys(data["types"]),
            subjects=dict.fromkeys(uuid.UUID(subject) for subject in data["subjects"]),
            groups=dict.fromkeys(data["groups"]),
        )


class Reads:
    """What one request looked at so far; looks of one actor for one reason become one row."""

    def __init__(self) -> None:
        self._acts: dict[tuple[uuid.UUID | None, str, str], Act] = {}

    def add(self, act: Act) -> None:
        """Another look."""
        held = self._acts.setdefault((act.user_id, act.roles, act.reason), act)
        held.types |= act.types
        held.subjects |= act.subjects
        held.groups |= act.groups

    def flush(self) -> None:
        """Write everything seen, all or nothing; raises DatabaseError."""
        if not self._acts:
            return
        with transaction.atomic():
            for act in self._acts.values():
                _write(act)
        self._acts.clear()


_reads: ContextVar[Reads | None] = ContextVar("reads", default=None)


@contextmanager
def one_row_a_request() -> Iterator[Reads]:
    """Gather the looks within; whoever opens this must `flush` them before an answer leaves."""
    reads = Reads()
    token = _reads.set(reads)
    try:
        yield reads
    finally:
        _reads.reset(token)


def record(
    actor: Actor,
    action: Action | str,
    subject_type: str,
    subject_ids: Iterable[uuid.UUID],
    *,
    groups: Iterable[Group] = (),
    reason: str = "",
) -> None:
    """Write down an act: a change in the caller's transaction, a look when the request ends."""
    act = Act(
        user_id=actor.who,
        roles=" ".join(sorted(actor.roles)),
        action=str(action),
        request_id=actor.request_id,
        reason=reason[:500],
        types={subject_type: None},
        subjects=dict.fromkeys(subject_ids),
        groups=dict.fromkeys(group.value for group in groups),
    )
    reads = _reads.get()
    if act.action == Action.READ and reads is not None:
        reads.add(act)
    elif act.action == Action.CREATE and act.groups and act.groups.keys() <= MAY_BE_OWED:
        _write_or_owe(act)
    else:
        _write(act)


def _write_or_owe(act: Act) -> None:
    try:
        with transaction.atomic():
            _write(act)
    except DatabaseError as error:
        log.error("the audit is away (%s): a row is owed", type(error).__name__)
        with transaction.atomic():
            outbox.publish(OWED, uuid.uuid4(), act.data())


@outbox.handler(OWED, name="platform.write_owed_audit")
def write_owed(claim: outbox.Claim) -> None:
    """Write a row that the audit could not take when it happened."""
    event = outbox.Event.objects.filter(type=OWED, subject=claim.subject).first()
    with claim.finishing():
        if event is not None:
            _write(Act.owed(event.data), at=event.occurred_at)


def _write(act: Act, **columns: Any) -> None:
    named = pseudonyms([*act.subjects, *([act.user_id] if act.user_id else [])])
    subjects = [named[subject] for subject in act.subjects]
    AuditEntry.objects.create(
        who=named[act.user_id] if act.user_id else None,
        roles=act.roles,
        action=act.action,
        subject_type=" ".join(act.types)[:120],
        subjects=subjects,
        groups=list(act.groups),
        reason_sealed=seal_reason(act.reason, subjects),
        request_id=act.request_id,
        **columns,
    )
