"""A case is changed in the very moment in which a worker ends a job on it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from casemgr.platform.outbox import Job, JobState, claim
from casemgr.platform.vocabularies import CaseStatus
from cases import services
from cases.models import Case
from cases.querysets import lock
from searches import fairness
from tests import factories
from tests.cast import Cast


@pytest.mark.django_db(transaction=True)
def test_neither_waits_for_the_other_for_ever(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    job = Job.objects.get(handler="searches.match_case", subject=case.pk)
    held = claim(job.pk)
    assert held is not None

    def end() -> None:
        """As a worker does: the job first, then rows that point at the case."""
        try:
            with held.finishing(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                fairness.rematched(case.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        lock(Case.objects.all(), case.pk)
        pool.submit(end).result(timeout=20)
        services.announce(case)
    assert Job.objects.get(pk=job.pk).state == JobState.WAITING
