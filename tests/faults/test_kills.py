"""What was accepted is matched, whatever dies. Real web, workers, beat and brokers."""

import os
from collections.abc import Iterator

import pytest
from django.db.models import Count

from casemgr.platform import outbox
from casemgr.platform.outbox import Job, JobState
from casemgr.platform.vocabularies import CaseStatus, PhotoStatus
from searches.models import Match, Sighting, SightingPhoto
from tests import factories
from tests.cast import Cast
from tests.faults.house import House, wait_for
from tests.platform.embedded_places import new_place, remove

SIGHTINGS = 60
BROKERS = [None, *os.environ.get("TEST_BROKER_URLS", "").split()]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def _name(url: str | None) -> str:
    return "embedded" if url is None else url.partition(":")[0]


@pytest.fixture(params=BROKERS, ids=_name)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    place = new_place()
    place.var.mkdir()
    house = House(place.var, request.param)
    try:
        house.start_broker()
        house.start_beat()
        house.start_worker()
        house.start_web()
        yield house
    finally:
        house.stop()
        remove(place)


def _sighting(number: int) -> dict[str, object]:
    return {
        "kind": "street",
        "sex": "female" if number % 2 else "male",
        "seen_at": "2012-03-02",
        "place": {"text": "昆明火车站", "division_code": "530100"},
        "apparent_age_min": 5,
        "apparent_age_max": 7,
        "name_heard": "Manman",
        "description": f"A child with a small scar over the left eyebrow, number {number}.",
    }


def _all_done() -> bool:
    return not outbox.waiting() and not Sighting.objects.filter(matched_at__isnull=True).exists()


def test_sixty_sightings_are_matched_though_the_worker_and_then_redis_are_killed(
    house: House, cast: Cast
) -> None:
    for number in range(5):
        factories.file_case(cast, status=CaseStatus.OPEN, child={"nicknames": [f"Manman {number}"]})

    statuses = []
    for number in range(SIGHTINGS):
        photo = factories.jpeg(number) if number % 5 == 0 else None
        statuses.append(house.post_sighting(_sighting(number), photo))
        if number == SIGHTINGS // 3:
            house.kill("worker")
        if number == SIGHTINGS // 2 and house.embedded_broker:
            house.kill_redis()
    assert statuses == [201] * SIGHTINGS, house.log()
    assert not _all_done()

    house.start_broker()
    house.start_worker()
    try:
        wait_for(_all_done, seconds=90, what="every sighting to be matched")
    except AssertionError as late:
        jobs = list(Job.objects.exclude(state=JobState.DONE).values("handler", "state", "reason"))
        raise AssertionError(f"{late}: {jobs}\n{house.log()}") from late

    assert Sighting.objects.count() == SIGHTINGS
    assert not Job.objects.filter(state=JobState.SET_ASIDE).exists()
    assert set(SightingPhoto.objects.values_list("status", flat=True)) == {PhotoStatus.READY}
    pairs = Match.objects.values("case", "sighting").annotate(times=Count("pk"))
    assert {pair["times"] for pair in pairs} == {1}
    female = Sighting.objects.filter(sex="female")
    assert not female.exclude(matches__isnull=False).exists()
