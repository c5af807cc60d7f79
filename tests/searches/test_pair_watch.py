"""The nightly look at who decided with whom, and the officers' page."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgr.celery import app
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.notify.models import Notice
from casemgr.platform.vocabularies import CaseStatus
from searches.models import Match, Review, Sighting
from searches.tasks import watch_pairs
from tests.cast import Cast, Person
from tests.factories import file_case, log_sighting, store_match
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Person:
    user = User.objects.create_user(email="officer@example.org", display_name="officer")
    RoleGrant.objects.create(user=user, role=StaffRole.DATA_PROTECTION)
    return Person(user)


def decided(first: Match, *, by: tuple[Person, Person], alike: int, apart: int) -> None:
    """So many matches that the two decided, as rows: what is counted, and nothing else."""
    sighting = first.sighting
    sightings = [
        Sighting(kind=sighting.kind, receipt_digest=uuid4().hex) for _ in range(alike + apart)
    ]
    matches = [
        Match(case=first.case, sighting=each, **_judged(first))
        for each in Sighting.objects.bulk_create(sightings)
    ]
    rows = []
    for number, match in enumerate(Match.objects.bulk_create(matches)):
        second = "accept" if number < alike else "reject"
        for person, said in zip(by, ("accept", second), strict=True):
            rows.append(Review(match=match, reviewer_id=person.user_id, decision=said, reason="x"))
    Review.objects.bulk_create(rows)


def _judged(match: Match) -> dict[str, object]:
    numbers = ("weight_bits", "prior_bits", "probability", "case_revision", "sighting_revision")
    return {name: getattr(match, name) for name in (*numbers, "band", "engine_version")}


@pytest.fixture
def desk(cast: Cast) -> None:
    """Two who always agree, among others who agree in four of five."""
    case = file_case(cast, status=CaseStatus.OPEN)
    first = store_match(case, log_sighting(cast).sighting)
    one, two, three = cast.reviewer, cast.second_reviewer, cast.third_reviewer
    decided(first, by=(one, two), alike=120, apart=0)
    decided(first, by=(one, three), alike=80, apart=20)
    decided(first, by=(two, three), alike=80, apart=20)


def test_the_officers_are_told_once_and_see_names_and_numbers_alone(
    cast: Cast, officer: Person, desk: None
) -> None:
    Notice.objects.all().delete()
    assert (watch_pairs(), watch_pairs()) == (1, 0)
    notice = Notice.objects.get()
    assert (notice.person_id, notice.kind) == (officer.user_id, "pair_agrees")
    assert not any(str(key) in notice.about for key in (cast.reviewer.user_id, UUID(int=0)))

    page = text_of(officer.browser().get("/audit/pairs/"))
    assert page.count("stands out") == 1
    assert page.index("120") < page.index("stands out") + 400
    for person in (cast.reviewer, cast.second_reviewer, cast.third_reviewer):
        assert person.user is not None
        assert person.user.display_name in page
    for reference in set(Match.objects.values_list("case__reference", flat=True)):
        assert reference not in page


def test_what_was_taken_back_is_not_counted(cast: Cast, officer: Person, desk: None) -> None:
    Review.objects.filter(reviewer=cast.second_reviewer.user).update(ended_at="2026-01-01T00:00Z")
    assert watch_pairs() == 0
    assert "stands out" not in text_of(officer.browser().get("/audit/pairs/"))


def test_the_page_is_the_officers_alone(cast: Cast, officer: Person) -> None:
    assert "No match has been decided by two yet." in text_of(
        officer.browser(language="en").get("/audit/pairs/")
    )
    for person in (cast.reviewer, cast.coordinator, cast.guardian, cast.admin):
        assert person.browser().get("/audit/pairs/").status_code == 404
    assert cast.anonymous.browser().get("/audit/pairs/").status_code == 302


def test_the_page_asks_the_database_as_often_for_many_pairs(
    cast: Cast, officer: Person, desk: None
) -> None:
    browser = officer.browser()

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/audit/pairs/").status_code == 200
        return len(asked)

    few = queries()
    first = Match.objects.earliest("created_at")
    for other in (cast.reviewer, cast.second_reviewer, cast.third_reviewer):
        decided(first, by=(cast.fourth_reviewer, other), alike=3, apart=1)
    assert queries() == few


def test_the_clock_looks_every_night() -> None:
    [entry] = [
        each for each in app.conf.beat_schedule.values() if each["task"] == "homeward.watch_pairs"
    ]
    assert entry["schedule"].hour == {3}
