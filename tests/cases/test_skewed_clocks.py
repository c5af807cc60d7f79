"""A process whose clock is a day off ends nothing early, nothing late and nothing twice (T20)."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models.functions import Now
from django.utils import timezone

from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus
from cases import publication, second_seat, services
from cases.models import Case, ConsentPurpose, SecondSeat
from tests import factories
from tests.cast import Cast, give_factor

pytestmark = pytest.mark.django_db
FOUR_DAYS = timedelta(days=4)


def in_emergency(cast: Cast) -> Case:
    """A card that is up on one word, while a second reviewer is drawn."""
    people = [cast.reviewer, cast.second_reviewer, cast.third_reviewer]
    give_factor(*people)
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=people)
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    publication.publish_in_emergency(actor=cast.reviewer.actor, case=case, police_reference="KM-7")
    return case


@pytest.mark.parametrize("off", [FOUR_DAYS, -FOUR_DAYS], ids=["ahead", "behind"])
def test_nothing_ends_by_a_clock_that_is_days_off(cast: Cast, off: timedelta) -> None:
    case = in_emergency(cast)
    seat = SecondSeat.objects.get()
    with time_machine.travel(timezone.now() + off, tick=False):
        factories.work_off()
        publication.end_if_overdue(Case.objects.get(pk=case.pk))
        assert Case.objects.public().filter(pk=case.pk).exists()
        assert SecondSeat.objects.get(ended_at__isnull=True) == seat


@pytest.mark.parametrize("off", [FOUR_DAYS, -FOUR_DAYS], ids=["ahead", "behind"])
def test_what_is_over_by_the_databases_clock_ends_once(cast: Cast, off: timedelta) -> None:
    case = in_emergency(cast)
    Case.objects.filter(pk=case.pk).update(public_until=Now())
    SecondSeat.objects.update(until=Now())
    mine = [publication.COMES_DOWN, second_seat.TIME_IS_OVER]
    Job.objects.filter(handler__in=mine).update(due_at=Now())
    with time_machine.travel(timezone.now() + off, tick=False):
        factories.work_off(second_seat.TIME_IS_OVER)
        factories.work_off(second_seat.TIME_IS_OVER)
        assert SecondSeat.objects.count() == 2, "one was drawn after the first, and one alone"
        factories.work_off(publication.COMES_DOWN)
        assert not Case.objects.public().filter(pk=case.pk).exists()
    assert not SecondSeat.objects.filter(ended_at__isnull=True).exists()
