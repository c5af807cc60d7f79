"""One account that looks at very many cases in a day is told of, once, to the officers."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from casemgr.platform import reading_alarm
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.notify.models import Notice
from casemgr.platform.vocabularies import CaseStatus
from tests.cast import Cast, Person
from tests.factories import file_case, log_sighting, store_match

pytestmark = pytest.mark.django_db


def officer() -> Person:
    person = Person(User.objects.create_user(email="officer@example.org"))
    RoleGrant.objects.create(user_id=person.user_id, role=StaffRole.DATA_PROTECTION)
    return person


def browse(person: Person, references: list[str]) -> None:
    for reference in references:
        assert person.browser().get(f"/review/cases/{reference}/").status_code == 200


def test_three_hundred_is_what_a_house_that_sets_nothing_goes_by() -> None:
    assert django_settings.READS_ALARM == 300


def test_the_officers_are_told_once_a_day_of_an_account_that_browses(
    settings: Settings, cast: Cast
) -> None:
    settings.READS_ALARM = 3
    someone = officer()
    cases = [file_case(cast, in_hand_of=[cast.reviewer, cast.second_reviewer]) for _ in range(3)]
    references = [case.reference for case in cases]
    Notice.objects.all().delete()
    browse(cast.reviewer, [*references[:2], *references[:2]])
    browse(cast.second_reviewer, references[:1])
    assert reading_alarm.watch() == 0

    browse(cast.reviewer, references[2:])
    assert (reading_alarm.watch(), reading_alarm.watch()) == (1, 0)

    notice = Notice.objects.get()
    assert (notice.person_id, notice.kind) == (someone.user_id, "many_reads")
    assert str(cast.reviewer.user_id) not in notice.about
    body = str(notice.words["body"])
    assert not any(reference in body for reference in references)

    browse(cast.second_reviewer, references)
    assert reading_alarm.watch() == 1


def test_who_browses_slowly_is_told_of_once_in_thirty_days(settings: Settings, cast: Cast) -> None:
    settings.READS_ALARM, settings.READS_ALARM_30_DAYS = 300, 3
    someone = officer()
    cases = [file_case(cast, in_hand_of=[cast.reviewer, cast.second_reviewer]) for _ in range(3)]
    references = [case.reference for case in cases]
    browse(cast.second_reviewer, references[:2])
    browse(cast.reviewer, references)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert reading_alarm.watch_slowly() == 0
    with time_machine.travel(timezone.now() + timedelta(days=20), tick=False):
        assert (reading_alarm.watch(), reading_alarm.watch_slowly()) == (0, 1)
        assert reading_alarm.watch_slowly() == 0
    notice = Notice.objects.get(kind="many_reads_30_days")
    assert notice.person_id == someone.user_id


def test_yesterdays_looks_do_not_count(settings: Settings, cast: Cast) -> None:
    settings.READS_ALARM = 2
    officer()
    cases = [file_case(cast, in_hand_of=[cast.reviewer]) for _ in range(2)]
    browse(cast.reviewer, [case.reference for case in cases])
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert reading_alarm.watch() == 0
    assert reading_alarm.watch() == 1


def test_what_is_no_case_is_not_counted(settings: Settings, cast: Cast) -> None:
    """Matches and sightings stand in the same rows, and make no cases of themselves."""
    settings.READS_ALARM = 2
    officer()
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    for _ in range(3):
        match = store_match(case, log_sighting(cast).sighting)
        page = cast.reviewer.browser().get(f"/review/matches/{match.pk}/")
        assert page.status_code == 200
    assert reading_alarm.watch() == 0
