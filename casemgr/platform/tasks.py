"""The bell and the clock: each task is one call into the outbox."""

from uuid import UUID

from celery import shared_task

from casemgr.platform import audit, erasure, outbox, reading_alarm, retention
from casemgr.platform.erasure.verifying import verify_erased


@shared_task(name="homeward.run_job")
def run_job(job_id: str) -> None:
    """Do the job that a message rang for."""
    outbox.run(UUID(job_id))


@shared_task(name="homeward.reconcile")
def reconcile() -> int:
    """Ring again for whatever is overdue."""
    return outbox.reconcile()


@shared_task(name="homeward.seal_audit")
def seal_audit() -> int:
    """Bind the audit rows that wait into the chain."""
    return audit.seal()


@shared_task(name="homeward.advance_erasures")
def advance_erasures() -> int:
    """Take up every erasure whose time has come."""
    return erasure.advance_due()


@shared_task(name="homeward.retain")
def retain() -> int:
    """Owe its daily run to every rule of how long data is kept."""
    return retention.owe_due()


@shared_task(name="homeward.watch_reading")
def watch_reading() -> int:
    """Raise the alarm for accounts that looked at very many cases today."""
    return reading_alarm.watch()


@shared_task(name="homeward.watch_reading_slowly")
def watch_reading_slowly() -> int:
    """Raise the alarm for accounts that looked at very many cases in 30 days."""
    return reading_alarm.watch_slowly()


@shared_task(name="homeward.verify_erasures", soft_time_limit=1_500, time_limit=1_600)
def verify_erasures() -> dict[str, int]:
    """Search everything for what was erased."""
    return verify_erased()
