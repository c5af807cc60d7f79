"""No case is forgotten: each is held against all sightings again within a year, with its child's
age of then, and those that nobody has looked at for longest have their turn first.

Whatever judges in another way than it did (a new version, a calibration) has the cases that wait
for a decision judged again too.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from casemgr.platform import outbox, retention
from casemgr.platform.outbox import Job, JobState
from cases.models import Case
from cases.querysets import CaseQuerySet
from searches import calibrations
from searches.matching.score import version_of
from searches.models import CaseClock, Match

REMATCH_DUE = "case.rematch_due"
# A job of its own, so that it may wait in the slow lane while a changed case does not.
REMATCH = "searches.rematch_case"


def rematched(case_id: UUID) -> None:
    """The case has just been held against all sightings.

    Not for the transaction that ends the job: who changes a case locks it before its job, and this
    would lock them the other way round.
    """
    _set(case_id, rematched_at=Now())


def looked_at(case_id: UUID) -> None:
    """A reviewer is looking at one of the case's matches."""
    _set(case_id, looked_at=Now())


def due() -> CaseQuerySet:
    """Live cases whose turn it is and that do not wait for it already, the most neglected first."""
    stale = Match.objects.waiting().filter(case=OuterRef("pk"))
    stale = stale.exclude(engine_version=version_of(calibrations.current()))
    waiting = Job.objects.filter(
        handler=REMATCH, subject=OuterRef("pk"), state__in=[JobState.WAITING, JobState.RUNNING]
    )
    long_ago = Q(clock__rematched_at__isnull=True) | Q(
        clock__rematched_at__lt=Now() - settings.PERIODS.yearly_look
    )
    return (
        Case.objects.live()
        .filter(long_ago | Exists(stale))
        .exclude(Exists(waiting))
        .order_by(
            F("clock__looked_at").asc(nulls_first=True),
            F("clock__rematched_at").asc(nulls_first=True),
            "pk",
        )
    )


@retention.daily("cases held against all sightings again")
def _owe_rematches(limit: int) -> int:
    ids = list(due().values_list("pk", flat=True)[:limit])
    with transaction.atomic():
        for turn, case_id in enumerate(ids):
            outbox.publish(REMATCH_DUE, case_id, turn=turn)
    return len(ids)


def _set(case_id: UUID, **columns: Any) -> None:
    if Case.objects.filter(pk=case_id).exists():
        CaseClock.objects.update_or_create(case_id=case_id, defaults=columns)
