"""The bell and the clock: each task is one call into the outbox."""

from uuid import UUID

from celery import shared_task

from casemgr.platform import audit, outbox


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
