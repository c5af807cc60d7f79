"""Faces that a replaced engine made: found anew by the engine of today, else soon forgotten."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now

from casemgr.platform import faces, outbox


def renew(rows: "models.QuerySet[Any]", *, handler: str, limit: int) -> int:
    """Have the photos of at most `limit` old faces developed anew; take away what is left of them.

    Developing a photo replaces its face. One that could not be developed loses its old face after
    `PERIODS.replaced_face`, since faces of two engines are never compared.
    """
    old = rows.exclude(engine=faces.engine().name)
    unasked = old.filter(replaced_at__isnull=True).order_by("pk")[:limit]
    with transaction.atomic():
        found = list(unasked.values_list("pk", "photo"))
        for _face, photo in found:
            outbox.owe(handler, photo)
        rows.filter(pk__in=[face for face, _photo in found]).update(replaced_at=Now())
    over = old.filter(replaced_at__lt=Now() - settings.PERIODS.replaced_face)
    gone = rows.filter(pk__in=list(over.values_list("pk", flat=True)[:limit])).delete()[0]
    return max(len(found), gone)
