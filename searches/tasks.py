"""The clock of this app: each task is one call into a service."""

from celery import shared_task

from searches import pair_watch


@shared_task(name="homeward.watch_pairs")
def watch_pairs() -> int:
    """Raise the alarm for reviewers who agree with each other more than others do."""
    return pair_watch.watch()
