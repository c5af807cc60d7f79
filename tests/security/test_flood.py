"""What a flood of reports does: it waits its turn, shows once, and buries nobody's."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from casemgr.platform import outbox
from casemgr.platform.access import Actor
from casemgr.platform.outbox import Claim, Job, JobState
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import CaseStatus, MatchStatus
from cases.models import CaseFace
from searches import services
from searches.models import Match, Sighting
from searches.queue import waiting_cases
from searches.services import Received
from tests import factories
from tests.api.helpers import SIGHTINGS, upload
from tests.cast import Cast
from tests.pages import fresh_key, receipt_in, text_of
from tests.security.test_limits import ELSEWHERE, HERE, WORDS, allow, at

DONE = "test.told"
WORK = "test.listen"


def slow_jobs() -> list[Job]:
    """What waits in the slow lane, in the order of service."""
    return list(Job.objects.filter(turn_at__isnull=False).order_by("turn_at", "id"))


def rung() -> set[UUID]:
    """The subjects of slow jobs that are on their way to a worker."""
    under_way = Job.objects.filter(turn_at__isnull=False, state=JobState.WAITING)
    return set(under_way.filter(rung_at__gt=outbox.NEVER).values_list("subject", flat=True))


# --- nothing is refused -------------------------------------------------------------------------
def test_beyond_the_limit_a_report_is_taken_and_answered_alike(
    settings: Settings, cast: Cast
) -> None:
    allow(settings, sightings="address:1/60")
    api = cast.anonymous.api()

    first, second = (api.post(SIGHTINGS, WORDS, **at(HERE)) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json().keys() == second.json().keys()
    assert len(first.content) == len(second.content)
    told_apart_by = {"X-Request-Id", "Content-Security-Policy"}
    headers = [{k: v for k, v in r.items() if k not in told_apart_by} for r in (first, second)]
    assert headers[0] == headers[1]
    assert [str(job.subject) for job in slow_jobs()] == [second.json()["id"]]


def test_the_page_answers_alike_too(settings: Settings, cast: Cast) -> None:
    allow(settings, sightings="address:1/60")
    pages = []
    for _ in range(2):
        browser = cast.anonymous.browser()
        sent = {"key": fresh_key(browser), "description": "A boy, limping."}
        pages.append(browser.post("/sightings/new/", sent))

    assert [page.status_code for page in pages] == [201, 201]
    first, second = (text_of(page).replace(receipt_in(page), "*") for page in pages)
    assert first == second
    assert len(slow_jobs()) == 1


def test_too_many_photos_send_a_report_to_the_slow_lane_with_them(
    settings: Settings, cast: Cast
) -> None:
    allow(settings, photos="address:1/60")
    sent = {"data": '{"kind": "street"}', "photos": [upload(factories.jpeg(n)) for n in (1, 2)]}

    response = cast.anonymous.api().post(SIGHTINGS, sent, format="multipart")

    assert response.status_code == 201
    assert sorted(job.handler for job in slow_jobs()) == [
        "searches.develop_photo",
        "searches.develop_photo",
        "searches.match_sighting",
    ]


def test_a_report_sent_twice_under_one_key_is_counted_once(settings: Settings, cast: Cast) -> None:
    allow(settings, sightings="address:2/60")
    key = {"Idempotency-Key": str(uuid4())}
    for _ in range(5):
        assert cast.anonymous.api().post(SIGHTINGS, WORDS, headers=key).status_code == 201
    assert cast.anonymous.api().post(SIGHTINGS, WORDS).status_code == 201

    assert slow_jobs() == []


def test_without_counters_reports_come_in_by_the_slow_lane(
    settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    settings.LIMITS_URL = f"redis+socket://{tmp_path}/nobody-listens.sock"

    received = [cast.anonymous.api().post(SIGHTINGS, WORDS) for _ in range(3)]

    assert [response.status_code for response in received] == [201] * 3
    assert {str(job.subject) for job in slow_jobs()} == {r.json()["id"] for r in received}
    factories.work_off()
    assert Sighting.objects.filter(matched_at__isnull=True).count() == 0


def test_all_that_waited_is_matched(settings: Settings, cast: Cast) -> None:
    allow(settings, sightings="address:2/60")
    factories.file_case(cast, status=CaseStatus.OPEN)
    for number in range(12):
        sent = {**WORDS, "vehicle": f"van {number}", "sex": "female"}
        assert cast.anonymous.api().post(SIGHTINGS, sent).status_code == 201
    assert len(slow_jobs()) == 10

    factories.work_off()

    assert Sighting.objects.filter(matched_at__isnull=False).count() == 12
    assert not Job.objects.exclude(state=JobState.DONE).exists()


# --- turns --------------------------------------------------------------------------------------
class Desk:
    """A handler that writes down in which order it was served."""

    def __init__(self) -> None:
        self.served: list[UUID] = []

    def __call__(self, claim: Claim) -> None:
        with claim.finishing():
            self.served.append(claim.subject)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    outbox.handler(DONE, name=WORK)(desk)
    yield desk
    outbox.forget_handler(WORK)


def tell(turn: int | None) -> UUID:
    """Publish something with this turn."""
    subject = uuid4()
    with transaction.atomic():
        outbox.publish(DONE, subject, turn=turn)
    return subject


def serve_next() -> None:
    """Do the job that was rung first, as the one worker there is."""
    waiting = Job.objects.filter(state=JobState.WAITING, rung_at__gt=outbox.NEVER)
    outbox.run(waiting.order_by("rung_at", "turn_at").values_list("pk", flat=True)[0])


@pytest.mark.django_db(transaction=True)
def test_where_nothing_else_waits_a_turn_comes_at_once(desk: Desk) -> None:
    late = tell(turn=500)

    assert rung() == {late}
    serve_next()
    assert desk.served == [late]


@pytest.mark.django_db(transaction=True)
def test_only_a_few_slow_jobs_are_on_their_way_at_a_time(desk: Desk, settings: Settings) -> None:
    settings.SLOW_LANE_JOBS = 3
    flood = [tell(turn) for turn in range(1, 31)]

    assert rung() == set(flood[:3])
    for left in range(29, -1, -1):
        serve_next()
        assert len(rung()) == min(3, left)
    assert desk.served == flood


@pytest.mark.django_db(transaction=True)
def test_a_newcomer_is_served_before_the_flood_goes_on(desk: Desk, settings: Settings) -> None:
    settings.SLOW_LANE_JOBS = 2
    flood = [tell(turn) for turn in range(1, 31)]
    newcomers = [tell(turn=1) for _ in range(5)]

    for _ in range(2 + 5):
        serve_next()
    assert desk.served == [*flood[:2], *newcomers]
    for _ in range(28):
        serve_next()
    assert desk.served == [*flood[:2], *newcomers, *flood[2:]]


@pytest.mark.django_db(transaction=True)
def test_fast_work_waits_for_no_turn(desk: Desk, settings: Settings) -> None:
    settings.SLOW_LANE_JOBS = 2
    for turn in range(1, 11):
        tell(turn)
    other = tell(turn=None)

    for _ in range(3):
        serve_next()
    assert other in desk.served


@pytest.mark.django_db(transaction=True)
def test_what_the_broker_lost_is_rung_again_in_its_turn(desk: Desk, settings: Settings) -> None:
    settings.SLOW_LANE_JOBS = 2
    first, second, third = (tell(turn) for turn in (1, 2, 3))
    Job.objects.filter(subject=first).update(rung_at=Now() - timedelta(minutes=1))

    assert outbox.reconcile() == 1
    assert rung() == {first, second}
    assert Job.objects.get(subject=third).rung_at == outbox.NEVER


@pytest.mark.django_db(transaction=True)
def test_work_asked_for_again_keeps_its_lane(desk: Desk) -> None:
    subject = tell(turn=4)
    before = Job.objects.get(subject=subject).turn_at
    serve_next()

    with transaction.atomic():
        outbox.publish(DONE, subject)

    assert Job.objects.get(subject=subject).turn_at == before
    assert rung() == {subject}
    serve_next()
    assert desk.served == [subject, subject]


@pytest.mark.django_db(transaction=True)
def test_turns_are_each_sources_own(settings: Settings, cast: Cast) -> None:
    allow(settings, sightings="everyone:1/60")
    api = cast.anonymous.api()
    for _ in range(6):
        api.post(SIGHTINGS, WORDS, **at(HERE))
    newcomer = api.post(SIGHTINGS, WORDS, **at(ELSEWHERE)).json()["id"]
    signed_in = cast.volunteer.api().post(SIGHTINGS, WORDS, **at(HERE)).json()["id"]

    order = [str(job.subject) for job in slow_jobs()]
    assert order.index(newcomer) == 1
    assert order.index(signed_in) == 2


# --- of those that say the same, one is shown ---------------------------------------------------
TOLD: dict[str, Any] = {
    "description": "A girl of six in a red coat sells paper flowers beside the old bridge.",
}
OTHERWISE = "At night she sleeps under the stairs of the post office with an old man and a dog."


def holding(received: Received) -> Actor:
    """Whoever has the receipt."""
    return Actor(receipt=received.sighting.pk)


def shown(cast: Cast) -> int:
    """How many waiting matches the reviewers' queue counts in all."""
    rows = waiting_cases(cast.reviewer.actor, start=0, size=50)
    return sum(row.strong + row.possible + row.weak for row in rows)


def test_a_report_told_again_repeats_the_first(cast: Cast) -> None:
    first = factories.log_sighting(cast, **TOLD).sighting
    words = TOLD["description"].upper().replace(" ", "  ") + "!!"
    again = factories.log_sighting(cast, by=cast.volunteer, description=words).sighting
    other = factories.log_sighting(cast, description=OTHERWISE).sighting
    urgent = factories.log_sighting(cast, **TOLD, danger_now=True).sighting

    assert (first.repeats, again.repeats) == (None, first)
    assert (other.repeats, urgent.repeats) == (None, None)


def test_a_hundred_copies_are_all_matched_and_shown_as_one(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    factories.work_off()
    for _ in range(100):
        factories.log_sighting(cast, **TOLD, name_heard="Manman")
    genuine = factories.log_sighting(cast, description=OTHERWISE, name_heard="Manman").sighting
    factories.work_off()

    assert Match.objects.filter(case=case).count() == 101
    assert Match.objects.get(case=case, sighting=genuine)
    assert shown(cast) == 2
    page = cast.reviewer.browser().get("/review/")
    assert text_of(page).count("/review/matches/") == 2


def test_copies_of_what_was_decided_do_not_come_back(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    first, *copies = (factories.log_sighting(cast, **TOLD).sighting for _ in range(5))
    for sighting in (first, *copies):
        factories.store_match(case, sighting)
    assert shown(cast) == 1

    Match.objects.filter(sighting=first).update(status=MatchStatus.REJECTED)

    assert shown(cast) == 0


def test_other_words_with_the_same_picture_come_one_at_a_time_heaviest_first(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    picture = factories.jpeg(7)
    sightings = [
        factories.log_sighting(cast, description=f"told in way {number}", photos=[picture]).sighting
        for number in range(4)
    ]
    matches = [
        factories.store_match(case, sighting, bits=12.0 + number)
        for number, sighting in enumerate(sightings)
    ]
    waiting = Match.objects.filter(case=case).waiting()

    for heaviest in reversed(matches):
        assert list(waiting.collapsed()) == [heaviest]
        Match.objects.filter(pk=heaviest.pk).update(status=MatchStatus.REJECTED)
    assert shown(cast) == 0


def test_what_is_left_out_is_a_click_away(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    same = [factories.log_sighting(cast, **TOLD).sighting for _ in range(3)]
    first, *left_out = (factories.store_match(case, sighting) for sighting in same)
    factories.store_match(case, factories.log_sighting(cast, description=OTHERWISE).sighting)

    page = text_of(cast.reviewer.browser().get(f"/review/matches/{first.pk}/"))

    assert "Told again, or with the same picture" in page
    assert all(f"/review/matches/{match.pk}/" in page for match in left_out)
    alone = text_of(cast.reviewer.browser().get(f"/review/matches/{left_out[0].pk}/"))
    assert f"/review/matches/{first.pk}/" in alone


def test_a_picture_is_known_again_after_another_compression(cast: Cast) -> None:
    first = factories.log_sighting(cast, description="one", photos=[factories.jpeg(3)]).sighting
    smaller = factories.jpeg(3, size=(240, 300), quality=60)
    again = factories.log_sighting(cast, description="two", photos=[smaller]).sighting
    other = factories.log_sighting(cast, description="three", photos=[factories.jpeg(4)]).sighting
    assert len({first.likeness, again.likeness, other.likeness}) == 3

    factories.work_off("searches.develop_photo")
    for sighting in (first, again, other):
        sighting.refresh_from_db()

    assert again.likeness == first.likeness
    assert other.likeness != first.likeness
    assert again.repeats is None


def test_words_that_differ_in_numbers_only_are_alike_but_no_repetition(cast: Cast) -> None:
    first, second = (
        factories.log_sighting(cast, description=f"{TOLD['description']} Bus {number}.").sighting
        for number in (17, 71)
    )

    assert second.repeats is None
    assert first.likeness == second.likeness != ""
    few = factories.log_sighting(cast, description="A girl.", place=Place()).sighting
    assert few.likeness == ""


# --- the original goes, or changes --------------------------------------------------------------
def test_when_the_original_is_taken_back_the_next_one_stands_for_the_others(cast: Cast) -> None:
    first, second, third = (factories.log_sighting(cast, **TOLD) for _ in range(3))
    factories.work_off()
    # A case that came later was held against the original alone.
    case = factories.file_case(cast, status=CaseStatus.OPEN, child={"nicknames": ["flower girl"]})
    factories.work_off()
    held = Match.objects.filter(case=case).values_list("sighting", flat=True)
    assert second.sighting.pk not in held

    services.withdraw(actor=holding(first), sighting=first.sighting)
    factories.work_off()

    second.sighting.refresh_from_db()
    third.sighting.refresh_from_db()
    assert second.sighting.repeats is None
    assert third.sighting.repeats == second.sighting
    assert Match.objects.filter(case=case, sighting=second.sighting).exists()


def test_a_repetition_that_tells_more_stands_by_itself(cast: Cast) -> None:
    first, second = (factories.log_sighting(cast, **TOLD) for _ in range(2))

    services.update_sighting(
        actor=holding(second),
        sighting=second.sighting,
        changes={"vehicle": "a white van"},
    )

    second.sighting.refresh_from_db()
    assert second.sighting.repeats is None
    services.add_photo(actor=holding(first), sighting=first.sighting, data=factories.jpeg())
    first.sighting.refresh_from_db()
    assert first.sighting.repeats is None
    assert first.sighting.content_print != second.sighting.content_print


# --- room for the genuine one -------------------------------------------------------------------
def test_a_crowd_alike_leaves_room_for_others_when_a_case_comes_later(cast: Cast) -> None:
    for number in range(60):
        factories.log_sighting(
            cast,
            name_heard="林小满",
            description=f"{TOLD['description']} Her name is Manman. Number {number}.",
        )
    genuine = factories.log_sighting(cast, description=OTHERWISE, name_heard="Manman").sighting
    factories.work_off()

    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.work_off()

    matches = Match.objects.filter(case=case).order_by("weight_bits")
    assert matches.count() == 20
    assert matches.first() == matches.get(sighting=genuine)


def test_a_flood_with_photos_adds_nothing_to_what_is_searched_for(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    before = (CaseFace.objects.count(), case.photos.count(), case.revision)
    for number in range(3):
        factories.log_sighting(cast, photos=[factories.jpeg(number)])
    factories.work_off()

    case.refresh_from_db()
    assert (CaseFace.objects.count(), case.photos.count(), case.revision) == before
