"""The queue of record. An effect is a row written with its cause; Celery messages only ring.

`publish` writes one Event and, for every handler registered for its type, one Job, in the caller's
transaction. A worker claims a Job by compare-and-set under a lease; what the handler writes and the
Job's end commit together under the same lease, so a worker that lost its lease writes nothing.

Work that a flood brought has a turn in the slow lane. It is rung for only while few slow jobs are
on their way, lowest turn first, so it never stands in front of other people's work, and is lost as
little as any.
"""

import logging
import random
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

log = logging.getLogger("homeward.outbox")

QUIET_SECONDS = 5.0
# How much later, in order of service, each further job of one source in the slow lane comes. No
# waiting time: where nothing else waits, the next turn is served at once.
TURN = timedelta(minutes=10)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
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
    """Work owed to one subject by one handler. `generation` grows when it is asked for again.

    `turn_at` orders the slow lane; it is null in the fast one.
    """

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
    turn_at = models.DateTimeField(null=True)
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
            ),
            models.Index(
                fields=["turn_at", "id"],
                name="job_slow_lane",
                condition=Q(state="waiting", turn_at__isnull=False),
            ),
            models.Index(
                fields=["state", "rung_at"],
                name="job_slow_under_way",
                condition=Q(state__in=["waiting", "running"], turn_at__isnull=False),
            ),
        ]


class LeaseLost(Exception):
    """Another worker has taken the job over; what this one worked out is thrown away."""


class NotYet(Exception):
    """Nothing is wrong, but it is too early: run the job again from `until` on, uncounted.

    `until` is a moment, or how long to wait by the database's clock: a process whose own clock is
    days behind must not find its jobs due at once, over and over.
    """

    def __init__(self, until: datetime | timedelta) -> None:
        super().__init__(until)
        self.until = until


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
    slow: bool

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """One transaction in which results are written and the job ends; raises LeaseLost.

        The job is locked last: who changes a subject locks that first, and owes its jobs after.
        """
        with transaction.atomic():
            held = Job.objects.filter(pk=self.job_id, lease=self.lease)
            if not held.exists():
                raise LeaseLost
            yield
            if held.select_for_update().first() is None:
                raise LeaseLost
            self._end()

    def _end(self) -> None:
        again = Job.objects.filter(pk=self.job_id, lease=self.lease)
        again.filter(generation=self.generation).update(
            state=JobState.DONE, lease=None, lease_until=None, finished_at=Now(), reason=""
        )
        if again.exists():
            again.update(
                state=JobState.WAITING,
                lease=None,
                lease_until=None,
                attempts=0,
                due_at=Now(),
                **({"rung_at": NEVER} if self.slow else {}),
            )
            if not self.slow:
                transaction.on_commit(lambda: ring(self.job_id))


Handler = Callable[[Claim], None]


@dataclass(frozen=True, slots=True)
class Registration:
    """A handler, the events it answers and the Celery queue its work waits in.

    `seconds` is how long it may work at a time, where that is longer than usual.
    """

    name: str
    events: tuple[str, ...]
    queue: str
    run: Handler
    seconds: int | None = None


_handlers: dict[str, Registration] = {}


def handler(
    *events: str, name: str, queue: str = "default", seconds: int | None = None
) -> Callable[[Handler], Handler]:
    """Register a function to be owed a job whenever one of `events` is published."""

    def register(function: Handler) -> Handler:
        _handlers[name] = Registration(name, events, queue, function, seconds)
        return function

    return register


def forget_handler(name: str) -> None:
    """Undo a registration, for handlers that live only as long as a test."""
    _handlers.pop(name, None)


def publish(
    event_type: str,
    subject: uuid.UUID,
    data: dict[str, Any] | None = None,
    *,
    turn: int | None = None,
) -> None:
    """Record that something happened and what work it makes; must run inside a transaction.

    With a `turn` the work goes to the slow lane; the lowest turns are served first.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("publish() belongs in the transaction of the write that it announces")
    Event.objects.create(type=event_type, subject=subject, data=data or {})
    for registration in _handlers.values():
        if event_type in registration.events:
            owe(registration.name, subject, turn=turn)


def owe(handler_name: str, subject: uuid.UUID, *, turn: int | None = None) -> None:
    """Make sure that `handler_name` will run for `subject` after this transaction commits.

    A job stays in the lane that it was first put in.
    """
    slow, table = turn is not None, Job._meta.db_table
    later: Any = TURN * (turn or 0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table} (id, handler, subject, state, generation, attempts, due_at, rung_at,
                                 turn_at, created_at, reason)
            VALUES (%s, %s, %s, 'waiting', 1, 0, now(), CASE WHEN %s THEN %s ELSE now() END,
                    CASE WHEN %s THEN now() + %s END, now(), '')
            ON CONFLICT (handler, subject) DO UPDATE SET
                generation = {table}.generation + 1, due_at = now(),
                rung_at = CASE WHEN {table}.turn_at IS NULL THEN now() ELSE %s END,
                state = CASE WHEN {table}.state = 'running' THEN 'running' ELSE 'waiting' END,
                attempts = CASE WHEN {table}.state = 'running' THEN {table}.attempts ELSE 0 END
            RETURNING id, turn_at IS NOT NULL
            """,  # noqa: S608 - the table's own name
            [uuid.uuid4(), handler_name, subject, slow, NEVER, slow, later, NEVER],
        )
        job_id, is_slow = cursor.fetchone()
    transaction.on_commit(ring_slow if is_slow else partial(ring, job_id), robust=True)


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
            **_time_limits(registration),
        )
    except Exception as error:  # any broker's own error types
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("could not ring for a job: %s", type(error).__name__)


def _time_limits(registration: Registration) -> dict[str, int]:
    seconds = registration.seconds
    return {"soft_time_limit": seconds, "time_limit": seconds + 5} if seconds else {}


def _lease(handler_name: str) -> timedelta:
    """Longer than the time limit, so that nobody takes over what is still being worked on."""
    registration = _handlers.get(handler_name)
    longest = (registration.seconds if registration else None) or 0
    return timedelta(seconds=max(settings.JOB_LEASE_SECONDS, longest + 10 if longest else 0))


def ring_slow() -> int:
    """Ring for slow jobs in their turn, up to `SLOW_LANE_JOBS` on their way at a time.

    Called when one is made, when one ends and by `reconcile`. Returns how many were rung.
    """
    again = Now() - timedelta(seconds=settings.RECONCILE_SECONDS)
    slow = Job.objects.filter(turn_at__isnull=False)
    on_their_way = Q(state=JobState.RUNNING) | Q(state=JobState.WAITING, rung_at__gte=again)
    room = settings.SLOW_LANE_JOBS - slow.filter(on_their_way).count()
    if room <= 0:
        return 0
    with transaction.atomic():
        waiting_ = slow.filter(state=JobState.WAITING, due_at__lte=Now(), rung_at__lt=again)
        turns = waiting_.order_by("turn_at", "id").select_for_update(skip_locked=True)[:room]
        ids = list(turns.values_list("pk", flat=True))
        Job.objects.filter(pk__in=ids).update(rung_at=Now())
    for job_id in ids:
        ring(job_id)
    return len(ids)


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
    named = candidates.values_list("handler", flat=True).first()
    if worn or named is None:
        return None
    taken = candidates.update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        lease=lease,
        lease_until=Now() + _lease(named),
    )
    if not taken:
        return None
    job = Job.objects.filter(lease=lease).first()
    if job is None:
        return None
    return Claim(
        job.pk, job.subject, lease, job.generation, job.attempts, slow=job.turn_at is not None
    )


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
    except NotYet as early:
        _postpone(held, early.until)
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
    if held.slow:
        ring_slow()


def _finish_if_held(held: Claim) -> None:
    """A handler that found nothing to write ends its job here."""
    if Job.objects.filter(pk=held.job_id, lease=held.lease).exists():
        with held.finishing():
            pass


def _postpone(held: Claim, until: datetime | timedelta) -> None:
    due = Now() + until if isinstance(until, timedelta) else until
    Job.objects.filter(pk=held.job_id, lease=held.lease).update(
        state=JobState.WAITING, lease=None, lease_until=None, attempts=0, due_at=due
    )


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
        Q(state=JobState.WAITING, due_at__lte=Now(), turn_at__isnull=True)
        | Q(state=JobState.RUNNING, lease_until__lt=Now()),
        rung_at__lt=Now() - timedelta(seconds=settings.RECONCILE_SECONDS / 2),
    ).order_by("due_at")[:limit]
    ids = list(overdue.values_list("pk", flat=True))
    Job.objects.filter(pk__in=ids).update(rung_at=Now())
    for job_id in ids:
        ring(job_id)
    return len(ids) + ring_slow()


def forget(subjects: Collection[uuid.UUID]) -> None:
    """Take away every event and job about these ids, and events that name one in their data."""
    Job.objects.filter(subject__in=subjects).delete()
    Event.objects.filter(subject__in=subjects).delete()
    named = [f"%{subject}%" for subject in subjects]
    statement = "DELETE FROM platform_event WHERE data <> '{}' AND data::text LIKE ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [named])


def forget_old(period: timedelta) -> int:
    """Delete events and finished jobs older than `period`; returns how many.

    What was set aside stays until somebody has seen to it.
    """
    old_events = Event.objects.filter(occurred_at__lt=Now() - period)
    old_jobs = Job.objects.filter(state=JobState.DONE, finished_at__lt=Now() - period)
    return old_events.delete()[0] + old_jobs.delete()[0]


def waiting(handler_name: str | None = None) -> int:
    """How many jobs are not yet done (nor set aside, nor put off to a time of their own)."""
    put_off = Q(state=JobState.WAITING, attempts=0, due_at__gt=Now())
    rows = Job.objects.filter(state__in=[JobState.WAITING, JobState.RUNNING]).exclude(put_off)
    return rows.filter(handler=handler_name).count() if handler_name else rows.count()
