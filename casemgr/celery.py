"""The worker's entry point, and the beat schedule, which is code."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgr.settings")

app = Celery("homeward")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["casemgr.platform", "searches"])


@worker_init.connect
@beat_init.connect
def _start_embedded(**_: Any) -> None:
    from casemgr.platform import embedded

    embedded.ensure()


@app.on_after_finalize.connect
def _schedule(sender: Celery, **_: Any) -> None:
    from django.conf import settings

    from casemgr.platform import tasks

    sender.add_periodic_task(settings.RECONCILE_SECONDS, tasks.reconcile.s(), name="reconcile")
    sender.add_periodic_task(settings.AUDIT_SEAL_SECONDS, tasks.seal_audit.s(), name="seal audit")
    sender.add_periodic_task(3600, tasks.retain.s(), name="retain")
    sender.add_periodic_task(60, tasks.watch_reading.s(), name="watch reading")
    slowly = tasks.watch_reading_slowly.s()
    sender.add_periodic_task(6 * 3600, slowly, name="watch reading slowly")
    nightly = crontab(hour="3", minute="0")
    # By its name: the platform loads this module and knows no app above it.
    watch_pairs = sender.signature("homeward.watch_pairs")
    sender.add_periodic_task(nightly, watch_pairs, name="watch pairs")
    advance, verify = tasks.advance_erasures.s(), tasks.verify_erasures.s()
    sender.add_periodic_task(settings.ERASURE_SECONDS, advance, name="advance erasures")
    sender.add_periodic_task(settings.ERASURE_VERIFY_SECONDS, verify, name="verify erasures")
