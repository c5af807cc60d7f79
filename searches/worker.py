"""What a worker that matches does before its first job."""

import logging
from typing import Any

from celery.signals import celeryd_after_setup
from django.conf import settings
from django.db import DatabaseError, connections

from searches import live_index

log = logging.getLogger("homeward.matching")


def load_cases(instance: Any, **_: Any) -> None:
    """Have every live case in memory before the worker divides into processes, so that these share
    one copy and no sighting waits for it."""
    if f"{settings.QUEUE_PREFIX}matching" not in instance.app.amqp.queues.consume_from:
        return
    try:
        live_index.load()
    except DatabaseError as error:
        log.warning("cases are loaded with the first sighting: %s", type(error).__name__)
    connections.close_all()


celeryd_after_setup.connect(load_cases)
