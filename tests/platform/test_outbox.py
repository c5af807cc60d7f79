"""The database is the queue of record; messages only ring."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from casemgr.platform import outbox
from casemgr.platform.outbox import Claim, Event, Job, JobState, LeaseLost

pytestmark = pytest.mark.django_db

EVENT = "test.happened"
NAME = "test.work"


class Worker:
    """A handler whose behaviour the test sets; `seen` lists the subjects it worked on."""

    def __init__(self) -> None:
        self.seen: list[uuid.UUID] = []
        self.error: Exception | None = None

    def __call__(self, claim: Claim) -> None:
        if self.error is not None:
            raise self.error
        with claim.finishing():
            self.seen.append(claim.subject)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    outbox.handler(EVENT, name=NAME)(worker)
    yield worker
    outbox.forget_handler(NAME)


def _publish(subject: uuid.UUID | None = None) -> Job:
    subject = subject or uuid.uuid4()
    with transaction.atomic():
        outbox.publish(EVENT, subject)
    return Job.objects.get(subject=subject, handler=NAME)


def _again(job: Job) -> Job:
    """As if the waiting time had passed."""
    Job.objects.filter(pk=job.pk).update(due_at=Now())
    outbox.run(job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused(worker: Worker) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.publish(EVENT, uuid.uuid4())


@pytest.mark.django_db(transaction=True)
def test_a_write_that_fails_leaves_neither_event_nor_work(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.publish(EVENT, uuid.uuid4())
        raise ZeroDivisionError
    assert not Event.objects.exists()
    assert not Job.objects.exists()


def test_work_is_done_once_however_often_it_is_rung_for(worker: Worker) -> None:
    job = _publish()
    for _ in range(3):
        outbox.run(job.pk)
    job.refresh_from_db()
    assert worker.seen == [job.subject]
    assert (job.state, job.attempts, job.lease) == (JobState.DONE, 1, None)


def test_asking_again_makes_no_second_job_but_does_the_work_again(worker: Worker) -> None:
    job = _publish()
    outbox.run(job.pk)
    assert _publish(job.subject) == job
    outbox.run(job.pk)
    assert worker.seen == [job.subject, job.subject]


def test_work_asked_for_while_it_runs_is_done_again_afterwards(worker: Worker) -> None:
    job = _publish()
    claim = outbox.claim(job.pk)
    assert claim is not None
    _publish(job.subject)
    with claim.finishing():
        pass
    job.refresh_from_db()
    assert job.state == JobState.WAITING
    outbox.run(job.pk)
    job.refresh_from_db()
    assert (job.state, worker.seen) == (JobState.DONE, [job.subject])


def test_a_worker_that_lost_its_lease_writes_nothing(worker: Worker) -> None:
    job = _publish()
    slow = outbox.claim(job.pk)
    assert slow is not None
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    outbox.run(job.pk)
    with pytest.raises(LeaseLost), slow.finishing():
        pytest.fail("the slow worker must not get here")
    assert worker.seen == [job.subject]


def test_a_job_in_hand_is_nobody_elses_until_its_lease_ends(worker: Worker) -> None:
    job = _publish()
    assert outbox.claim(job.pk) is not None
    assert outbox.claim(job.pk) is None
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert outbox.claim(job.pk) is not None


def test_a_poison_item_is_set_aside_with_its_reason_and_the_rest_goes_on(worker: Worker) -> None:
    poison = _publish()
    worker.error = ValueError("a name that must not be kept")
    for _ in range(settings.JOB_ATTEMPTS):
        poison = _again(poison)
    assert poison.state == JobState.SET_ASIDE
    assert "ValueError" in poison.reason
    assert "name" not in poison.reason

    worker.error = None
    other = _again(_publish())
    assert other.state == JobState.DONE
    assert _again(poison).state == JobState.SET_ASIDE


def test_an_item_that_kills_its_workers_is_set_aside_too(worker: Worker) -> None:
    job = _publish()
    for _ in range(settings.JOB_ATTEMPTS):
        assert outbox.claim(job.pk) is not None
        Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert outbox.claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, worker.seen) == (JobState.SET_ASIDE, [])
    assert "died" in job.reason


def test_a_failed_try_waits_before_the_next_one(worker: Worker) -> None:
    job = _publish()
    worker.error = OSError()
    outbox.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.WAITING
    assert outbox.claim(job.pk) is None


def test_asking_again_brings_back_what_was_set_aside(worker: Worker) -> None:
    job = _publish()
    worker.error = outbox.SetAside("no such thing")
    outbox.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.SET_ASIDE, "no such thing")
    worker.error = None
    _publish(job.subject)
    assert _again(job).state == JobState.DONE


def test_the_clock_rings_for_what_nobody_rang_for_and_for_dead_workers_jobs(
    worker: Worker,
) -> None:
    lost, dead, fresh, done = (_publish() for _ in range(4))
    assert outbox.claim(dead.pk) is not None
    outbox.run(done.pk)
    long_ago = Now() - timedelta(seconds=settings.RECONCILE_SECONDS)
    Job.objects.filter(pk__in=[lost.pk, dead.pk, done.pk]).update(rung_at=long_ago)
    Job.objects.filter(pk=dead.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert outbox.reconcile() == 2
    fresh.refresh_from_db()
    assert fresh.state == JobState.WAITING


def test_audit_rows_are_only_ever_added() -> None:
    from casemgr.platform import audit
    from casemgr.platform.access import ANONYMOUS, Action

    audit.record(ANONYMOUS, Action.READ, "case", [uuid.uuid4()])
    for statement in (
        "UPDATE platform_auditentry SET action = ''",
        "DELETE FROM platform_auditentry",
    ):
        with (
            pytest.raises(Exception, match="only ever added"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert audit.AuditEntry.objects.count() == 1
