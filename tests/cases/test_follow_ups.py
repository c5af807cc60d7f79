"""Checks after a child came home: planned, reminded of, written down, and escalated."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from casemgr.platform import retention
from casemgr.platform.errors import Conflict, Invalid, NotFound
from casemgr.platform.notify.models import Notice
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus, OutcomeKind
from cases import follow_ups, lifecycle, outcome_undo
from cases.models import Case, Concern, FollowUp, Standing
from cases.outcome_undo import Touched
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
SIDES = dict.fromkeys(("health", "schooling", "household_registration", "counselling"), "good")


def home(cast: Cast, *hands: Person) -> Case:
    """A case whose child is with the family again."""
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=hands)
    factories.end_case(cast, case, kind=OutcomeKind.REUNITED)
    return case


def first(case: Case) -> FollowUp:
    return FollowUp.objects.filter(outcome__case=case).earliest("due_on")


def record(person: Person, case: Case, concern: Concern = Concern.NONE, **more: Any) -> FollowUp:
    return follow_ups.record(
        actor=person.actor,
        follow_up=first(case),
        standings={name: Standing(code) for name, code in SIDES.items()},
        concern=concern,
        **more,
    )


def due_now(case: Case) -> FollowUp:
    """The first check, on its day."""
    found = first(case)
    FollowUp.objects.filter(pk=found.pk).update(due_on=follow_ups.today() - timedelta(days=1))
    Job.objects.filter(handler=follow_ups.REMIND, subject=found.pk).update(due_at=Now())
    return first(case)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 11, 24), 12, date(2026, 11, 24)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(
    start: date, months: int, expected: date
) -> None:
    assert follow_ups.months_after(start, months) == expected


def test_only_a_child_who_came_home_is_followed_up(cast: Cast) -> None:
    case = home(cast)
    planned = FollowUp.objects.filter(outcome__case=case)
    today = follow_ups.today()
    assert [(row.months, row.due_on) for row in planned] == [
        (months, follow_ups.months_after(today, months)) for months in (1, 3, 6, 12)
    ]
    other = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.end_case(cast, other, kind=OutcomeKind.LOCATED_IN_CARE)
    assert FollowUp.objects.count() == 4


def test_reviewers_with_the_case_are_reminded_once_and_again_after_a_week(cast: Cast) -> None:
    case = home(cast, cast.reviewer)
    factories.work_off(follow_ups.REMIND)
    assert not Notice.objects.exists()

    found = due_now(case)
    factories.work_off(follow_ups.REMIND)
    factories.work_off(follow_ups.REMIND)
    told = Counter(Notice.objects.values_list("person__display_name", "kind"))
    assert told == {
        (name, "follow_up_due"): 1 for name in ("reviewer", "first-desk", "second-desk")
    }
    weeks_ago = timezone.now() - timedelta(days=8)
    FollowUp.objects.filter(pk=found.pk).update(reminded_at=weeks_ago)
    Notice.objects.update(created_at=weeks_ago)
    Job.objects.filter(subject=found.pk).update(due_at=Now())
    factories.work_off(follow_ups.REMIND)
    assert Notice.objects.count() == 6


def test_nobody_is_reminded_of_what_was_made_or_no_longer_stands(cast: Cast) -> None:
    case, other = home(cast), home(cast)
    record(cast.desk[0], case)
    lifecycle.transition(
        actor=cast.desk[0].actor, case=other, to=CaseStatus.OPEN, reason="gone again"
    )
    for each in (case, other):
        due_now(each)
    factories.work_off(follow_ups.REMIND)
    assert not Notice.objects.exists()


def test_an_urgent_concern_reaches_others_at_once_and_waits_for_one_of_them(cast: Cast) -> None:
    case = home(cast, cast.reviewer)
    with pytest.raises(Invalid):
        record(cast.reviewer, case, Concern.URGENT)
    found = record(cast.reviewer, case, Concern.URGENT, concern_note="bruises")
    told = set(Notice.objects.values_list("person__display_name", "kind"))
    assert told == {("first-desk", "follow_up_concern"), ("second-desk", "follow_up_concern")}

    with refuses(Conflict, "second_person_needed"):
        follow_ups.handle_concern(actor=cast.reviewer.actor, follow_up=found, note="called them")
    page = cast.desk[0].browser().get("/review/follow-ups/").content.decode()
    assert "Needs a second person now" in page
    follow_ups.handle_concern(actor=cast.desk[0].actor, follow_up=found, note="police went there")
    assert not FollowUp.objects.worrying().exists()
    with refuses(Conflict, "no_concern"):
        follow_ups.handle_concern(actor=cast.desk[1].actor, follow_up=found, note="again")


def test_no_follow_up_is_made_twice_or_on_a_case_that_goes_on(cast: Cast) -> None:
    case = home(cast)
    record(cast.desk[0], case)
    with refuses(Conflict, "already_made"):
        follow_ups.record(
            actor=cast.desk[0].actor,
            follow_up=FollowUp.objects.get(done_at__isnull=False),
            standings={},
            concern=Concern.NONE,
        )
    other = home(cast)
    lifecycle.transition(
        actor=cast.desk[0].actor, case=other, to=CaseStatus.WITHDRAWN, reason="their wish"
    )
    with refuses(Conflict, "not_home"):
        record(cast.desk[0], other)


def test_the_end_is_not_taken_back_once_a_follow_up_was_made(cast: Cast) -> None:
    case, other = home(cast), home(cast)
    record(cast.desk[0], case)
    with refuses(Conflict, "built_on"):
        outcome_undo.undo(actor=cast.desk[0].actor, case=case, reason="not her")
    touched = outcome_undo.undo(actor=cast.desk[0].actor, case=other, reason="not her")
    assert Touched.FOLLOW_UPS in touched
    assert not FollowUp.objects.filter(outcome__case=other).exists()


@pytest.mark.parametrize("who", ["guardian", "coordinator", "volunteer", "third_reviewer"])
def test_nobody_without_the_case_in_hand_learns_of_follow_ups(cast: Cast, who: str) -> None:
    case = home(cast)
    person: Person = getattr(cast, who)
    found = first(case)
    assert not FollowUp.objects.visible_to(person.actor).exists()
    with pytest.raises(NotFound):
        record(person, case)
    assert person.browser().get(f"/review/follow-ups/{found.pk}/").status_code == 404
    refused(person.api().get(f"{BASE}follow-ups/{found.pk}/"), 404, "not_found")
    refused(person.api().post(f"{BASE}follow-ups/{found.pk}/record/", {"concern": "none"}), 404,
            "not_found")  # fmt: skip


def test_a_check_is_written_down_from_its_page(cast: Cast) -> None:
    case = home(cast)
    address = f"/review/follow-ups/{first(case).pk}/"
    browser = cast.desk[0].browser()
    for bad in (
        {**SIDES, "concern": "some"},
        {**SIDES, "concern": "panic"},
        {**SIDES, "concern": "none", "note": "x" * 4_001},
        {"concern": "none"},
    ):
        assert browser.post(address, bad).status_code == 400
    assert browser.post(address, {**SIDES, "concern": "none"}).status_code == 302
    assert "Good" in browser.get(address).content.decode()
    found = FollowUp.objects.get(done_at__isnull=False)
    assert (found.health, found.schooling) == ("good", "good")


def test_a_check_is_not_written_down_before_its_time_unless_the_child_may_be_in_danger(
    cast: Cast,
) -> None:
    case = home(cast)
    checks = FollowUp.objects.filter(outcome__case=case)
    browser, api = cast.desk[0].browser(), cast.desk[0].api()
    last = checks.get(months=12)
    address = f"/review/follow-ups/{last.pk}/"

    assert "This check is for later" in browser.get(address).content.decode()
    early = browser.post(address, {**SIDES, "concern": "some", "concern_note": "thin"})
    assert early.status_code == 400
    assert checks.get(months=6).due_on.isoformat() in early.content.decode()
    said = {"concern": "none"}
    refused(api.post(f"{BASE}follow-ups/{last.pk}/record/", said), 409, "too_early")
    assert not checks.filter(done_at__isnull=False).exists()
    worry = {**SIDES, "concern": "urgent", "concern_note": "bruises"}
    assert browser.post(address, worry).status_code == 302

    checks.filter(months=1).update(due_on=follow_ups.today())
    due = checks.get(months=3)
    address = f"/review/follow-ups/{due.pk}/"
    assert "This check is for later" not in browser.get(address).content.decode()
    assert browser.post(address, {**SIDES, "concern": "none"}).status_code == 302
    assert set(checks.filter(done_at__isnull=False)) == {last, due}


def test_a_check_is_written_down_by_the_api(cast: Cast) -> None:
    case = home(cast)
    address = f"{BASE}follow-ups/{first(case).pk}/"
    api, other = cast.desk[0].api(), cast.desk[1].api()
    assert len(api.get(f"{BASE}follow-ups/").json()["results"]) == 4
    body = {"health": "needs_help", "concern": "urgent", "concern_note": "bruises"}
    wrong = refused(api.post(address + "record/", {**body, "mood": 1}), 400, "invalid")
    assert wrong == {"/mood": "unknown_field"}
    made = api.post(address + "record/", body).json()
    assert (made["health"], made["schooling"], made["concern"]) == (
        "needs_help",
        "unknown",
        "urgent",
    )
    handled = {"note": "police went there"}
    refused(api.post(address + "concern/", handled), 409, "second_person_needed")
    assert other.post(address + "concern/", handled).json()["handled_note"] == handled["note"]


@pytest.mark.parametrize("address", ["/review/follow-ups/", f"{BASE}follow-ups/"])
def test_the_lists_ask_no_more_of_the_database_for_more_rows(
    cast: Cast, address: str, django_assert_max_num_queries: Any
) -> None:
    client = cast.desk[0].browser()
    asked = []
    for _round in range(2):
        home(cast)
        with django_assert_max_num_queries(30) as queries:
            assert client.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_case_is_kept_until_its_last_check_could_be_made(cast: Cast) -> None:
    case = home(cast)
    [rule] = [rule for rule in retention.rules() if rule.name == "ended cases"]
    long_ago = Now() - timedelta(days=366)
    Case.objects.filter(pk=case.pk).update(ended_at=long_ago, updated_at=long_ago)
    assert rule.run(10) == 0
    FollowUp.objects.update(due_on=follow_ups.today() - timedelta(days=91))
    assert rule.run(10) == 1
