"""The queue of record. An effect is a row written with its cause; Celery messages only ring.

`publish` writes one Event and, for every handler registered for its type, one Job, in the caller's
transaction. A worker claims a Job by compare-and-set under a lease; what the handler writes and the
Job's end commit together under the same lease, so a worker that lost its lease writes nothing.
"""

import logging
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

log = logging.getLogger("homeward.outbox")

QUIET_SECONDS = 5.0
_quiet_until = 0.0


class Event(models.Model):
    """One thing that happened, in order. `data` holds ids and codes only."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=60)
    subject = models.UUIDField()
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "platform"
        ordering = ("id",)


class JobState(models.TextChoices):
    """waiting → running → done; set_aside after too many tries, with its reason."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SET_ASIDE = "set_aside"


class Job(models.Model):
    """Work owed to one subject by one handler. `generation` grows when it is asked for again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    handler = models.CharField(max_length=60)
    subject = models.UUIDField()
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    generation = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "platform"
        constraints = [
            models.UniqueConstraint(fields=["handler", "subject"], name="job_once_per_subject"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease__isnull=False, lease_until__isnull=False),
                name="job_running_has_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="job_waiting", condition=Q(state__in=["waiting", "running"])
            )
        ]


class LeaseLost(Exception):
    """Another worker has taken the job over; what this one worked out is thrown away."""


class SetAside(Exception):
    """Trying again can't help: set the job aside at once, with this reason (no personal data)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one job until the lease ends."""

    job_id: uuid.UUID
    subject: uuid.UUID
    lease: uuid.UUID
    generation: int
    attempts: int

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """One transaction in which results are written and the job ends; raises LeaseLost."""
        with transaction.atomic():
            held = Job.objects.select_for_update().filter(pk=self.job_id, lease=self.lease)
            if not held.exists():
                raise LeaseLost
            yield
            self._end()

    def _end(self) -> None:
        again = Job.objects.filter(pk=self.job_id, lease=self.lease)
        again.filter(generation=self.generation).update(
            state=JobState.DONE, lease=None, lease_until=None, finished_at=Now(), reason=""
        )
        if again.exists():
            again.update(
                state=JobState.WAITING, lease=None, lease_until=None, attempts=0, due_at=Now()
            )
            transaction.on_commit(lambda: ring(self.job_id))


Handler = Callable[[Claim], None]


@dataclass(frozen=True, slots=True)
class Registration:
    """A handler, the events it answers and the Celery queue its work waits in."""

    name: str
    events: tuple[str, ...]
    queue: str
    run: Handler


_handlers: dict[str, Registration] = {}


def handler(*events: str, name: str, queue: str = "default") -> Callable[[Handler], Handler]:
    """Register a function to be owed a job whenever one of `events` is published."""

    def register(function: Handler) -> Handler:
        _handlers[name] = Registration(name, events, queue, function)
        return function

    return register


def forget_handler(name: str) -> None:
    """Undo a registration, for handlers that live only as long as a test."""
    _handlers.pop(name, None)


def publish(event_type: str, subject: uuid.UUID, data: dict[str, Any] | None = None) -> None:
    """Record that something happened and what work it makes; must run inside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("publish() belongs in the transaction of the write that it announces")
    Event.objects.create(type=event_type, subject=subject, data=data or {})
    for registration in _handlers.values():
        if event_type in registration.events:
            owe(registration.name, subject)


def owe(handler_name: str, subject: uuid.UUID) -> None:
    """Make sure that `handler_name` will run for `subject` after this transaction commits."""
    table = Job._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table} (id, handler, subject, state, generation, attempts, due_at, rung_at,
                                 created_at, reason)
            VALUES (%s, %s, %s, 'waiting', 1, 0, now(), now(), now(), '')
            ON CONFLICT (handler, subject) DO UPDATE SET
                generation = {table}.generation + 1, due_at = now(), rung_at = now(),
                state = CASE WHEN {table}.state = 'running' THEN 'running' ELSE 'waiting' END,
                attempts = CASE WHEN {table}.state = 'running' THEN {table}.attempts ELSE 0 END
            RETURNING id
            """,  # noqa: S608 - the table's own name
            [uuid.uuid4(), handler_name, subject],
        )
        (job_id,) = cursor.fetchone()
    transaction.on_commit(lambda: ring(job_id), robust=True)


def ring(job_id: uuid.UUID) -> None:
    """Tell a worker that a job is waiting. A broker that is away costs delay, never the work.

    After a failed try this process stays quiet for a while, so that a broker which hangs holds up
    one person and not everybody; `reconcile` rings for what was left out.
    """
    global _quiet_until
    from casemgr.platform import tasks

    if time.monotonic() < _quiet_until:
        return
    queue = Job.objects.filter(pk=job_id).values_list("handler", flat=True).first()
    registration = _handlers.get(queue or "")
    if registration is None:
        return
    try:
        tasks.run_job.apply_async(
            args=[str(job_id)],
            queue=settings.QUEUE_PREFIX + registration.queue,
            retry=False,
            expires=3600,
        )
    except Exception as error:  # any broker's own error types
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("could not ring for a job: %s", type(error).__name__)


def claim(job_id: uuid.UUID) -> Claim | None:
    """Take the job if it is free and due; None when somebody else has it or it is done.

    A job whose worker died five times is set aside here: nobody was left to say so.
    """
    lease = uuid.uuid4()
    free = Q(state=JobState.WAITING, due_at__lte=Now()) | Q(
        state=JobState.RUNNING, lease_until__lt=Now()
    )
    candidates = Job.objects.filter(free, pk=job_id)
    worn = candidates.filter(attempts__gte=settings.JOB_ATTEMPTS).update(
        state=JobState.SET_ASIDE,
        lease=None,
        lease_until=None,
        finished_at=Now(),
        reason=f"the worker died {settings.JOB_ATTEMPTS} times",
    )
    if worn:
        return None
    taken = candidates.update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        lease=lease,
        lease_until=Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS),
    )
    if not taken:
        return None
    job = Job.objects.filter(lease=lease).first()
    if job is None:
        return None
    return Claim(job.pk, job.subject, lease, job.generation, job.attempts)


def run(job_id: uuid.UUID) -> None:
    """Claim and do one job. Safe to call twice, and for a job that is gone."""
    held = claim(job_id)
    if held is None:
        return
    registration = _handlers.get(Job.objects.values_list("handler", flat=True).get(pk=job_id))
    try:
        if registration is None:
            raise SetAside("no handler of this name")
        registration.run(held)
        _finish_if_held(held)
    except LeaseLost:
        log.info("job %s was taken over", job_id)
    except SetAside as reason:
        _release(held, str(reason), aside=True)
    except Exception as error:
        log.exception("job %s failed, try %s", job_id, held.attempts)
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        line = f" at line {where.tb_lineno}" if where else ""
        _release(
            held,
            f"{type(error).__name__}{line}",
            aside=held.attempts >= settings.JOB_ATTEMPTS,
        )


def _finish_if_held(held: Claim) -> None:
    """A handler that found nothing to write ends its job here."""
    if Job.objects.filter(pk=held.job_id, lease=held.lease).exists():
        with held.finishing():
            pass


def _release(held: Claim, reason: str, *, aside: bool) -> None:
    wait = min(2**held.attempts, 60) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
    Job.objects.filter(pk=held.job_id, lease=held.lease).update(
        state=JobState.SET_ASIDE if aside else JobState.WAITING,
        lease=None,
        lease_until=None,
        reason=reason[:300],
        due_at=Now() + timedelta(seconds=wait),
        **({"finished_at": Now()} if aside else {}),
    )


def reconcile(limit: int = 500) -> int:
    """Ring again for what is overdue: never rung, lost by the broker, or left by a dead worker.

    Returns how many were rung.
    """
    overdue = Job.objects.filter(
        Q(state=JobState.WAITING, due_at__lte=Now())
        | Q(state=JobState.RUNNING, lease_until__lt=Now()),
        rung_at__lt=Now() - timedelta(seconds=settings.RECONCILE_SECONDS / 2),
    ).order_by("due_at")[:limit]
    ids = list(overdue.values_list("pk", flat=True))
    Job.objects.filter(pk__in=ids).update(rung_at=Now())
    for job_id in ids:
        ring(job_id)
    return len(ids)


def waiting(handler_name: str | None = None) -> int:
    """How many jobs are not yet done (nor set aside)."""
    rows = Job.objects.filter(state__in=[JobState.WAITING, JobState.RUNNING])
    return rows.filter(handler=handler_name).count() if handler_name else rows.count()
