"""No case is forgotten: the clock of each, and whose turn comes first."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from casemgr.platform import retention
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case
from searches import fairness
from searches.models import CaseClock, Match
from searches.queue import waiting_cases
from tests import factories
from tests.cast import Cast

pytestmark = pytest.mark.django_db

RULE = "cases held against all sightings again"
DAY = timedelta(days=1)


def run_rule() -> None:
    [rule] = [rule for rule in retention.rules() if rule.name == RULE]
    rule.run(retention.BATCH)


def set_clock(case: Case, *, rematched: int | None, looked: int | None = None) -> None:
    """The clock as it stands so many days ago."""
    now = timezone.now()
    CaseClock.objects.update_or_create(
        case=case,
        defaults={
            "rematched_at": None if rematched is None else now - rematched * DAY,
            "looked_at": None if looked is None else now - looked * DAY,
        },
    )


def test_a_case_that_was_matched_has_had_its_turn(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    assert list(fairness.due()) == [case]
    factories.work_off()
    assert CaseClock.objects.get(case=case).rematched_at is not None
    assert list(fairness.due()) == []


def test_after_a_year_it_is_held_against_all_sightings_again(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    factories.log_sighting(cast, name_heard="林小满")
    factories.work_off()
    Match.objects.all().delete()
    a_year = settings.PERIODS.yearly_look.days
    set_clock(case, rematched=a_year - 1)
    run_rule()
    factories.work_off()
    assert not Match.objects.exists()

    set_clock(case, rematched=a_year + 1)
    run_rule()
    run_rule()
    assert Job.objects.filter(handler=fairness.REMATCH).count() == 1
    assert Job.objects.get(handler=fairness.REMATCH).turn_at is not None
    factories.work_off()
    assert Match.objects.get().case == case
    assert list(fairness.due()) == []


def test_the_most_neglected_have_their_turn_first_and_the_ended_none(cast: Cast) -> None:
    cases = [factories.file_case(cast, status=CaseStatus.SUBMITTED) for _ in range(4)]
    draft = factories.file_case(cast)
    never, seldom, lately, unmatched = cases
    set_clock(never, rematched=400)
    set_clock(seldom, rematched=400, looked=300)
    set_clock(lately, rematched=900, looked=3)
    set_clock(unmatched, rematched=None)
    set_clock(draft, rematched=900)
    assert list(fairness.due()) == [unmatched, never, seldom, lately]


def test_what_another_version_judged_is_judged_again(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    factories.log_sighting(cast, name_heard="林小满")
    factories.work_off()
    before = Match.objects.get().engine_version
    Match.objects.update(engine_version="0.9", weight_bits=1.0)
    assert list(fairness.due()) == [case]
    run_rule()
    factories.work_off()
    again = Match.objects.get()
    assert (again.engine_version, again.weight_bits > 1) == (before, True)
    assert list(fairness.due()) == []


def test_looking_at_a_match_is_looking_at_its_case_and_puts_it_behind_others(cast: Cast) -> None:
    seen = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    other = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    stored = [
        factories.store_match(case, factories.log_sighting(cast).sighting) for case in (other, seen)
    ]

    Match.objects.filter(case=other).update(created_at=timezone.now() - DAY)

    def order() -> list[str]:
        return [row.reference for row in waiting_cases(cast.reviewer.actor, start=0, size=9)]

    assert order() == [seen.reference, other.reference]
    page = cast.reviewer.browser().get(f"/review/matches/{stored[1].pk}/")
    assert page.status_code == 200
    assert CaseClock.objects.get(case=seen).looked_at is not None
    assert order() == [other.reference, seen.reference]
