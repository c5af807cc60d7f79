"""The feed: what happened, in order, for each partner what it may know, and nothing twice."""

import os
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.models.functions import Now

from casemgr.platform import outbox
from casemgr.platform.partners import feed
from casemgr.platform.partners.models import FeedEvent, FeedHead
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, publication
from cases.models import Case, Child, ConsentPurpose, TakeReason
from cases.services import give_consent, take_in_hand, update_case
from tests import factories
from tests.api.helpers import BASE, SIGHTINGS, refused
from tests.cast import Cast

EVENTS = f"{BASE}events/"


def told(cast: Cast, api: Any = None) -> list[tuple[str, str]]:
    """Type and subject of everything that the program is told, after the workers' work."""
    factories.work_off("cases.feed")
    events = (api or cast.program.api("events:read")).get(EVENTS).json()["results"]
    return [(each["type"], next(iter(each["data"].values()))) for each in events]


@pytest.mark.django_db
def test_a_card_going_up_changing_and_coming_down_is_told_to_everybody(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    pk = str(case.pk)
    assert told(cast) == [("case.opened", pk)]
    update_case(
        actor=cast.guardian.actor, case=case, case_changes={"public_name": "Man"}, child_changes={}
    )
    assert told(cast) == [("case.opened", pk), ("case.updated", pk)]
    update_case(actor=cast.guardian.actor, case=case, case_changes={"story": "x"}, child_changes={})
    publication.unpublish(actor=cast.guardian.actor, case=case, reason="enough")
    assert told(cast) == [("case.opened", pk), ("case.updated", pk), ("case.withdrawn", pk)]
    events = FeedEvent.objects.all()
    assert {str(event.data) for event in events} == {str({"case": pk, "reference": case.reference})}


@pytest.mark.django_db
@pytest.mark.parametrize("cause", ["located", "withdrawn", "unpublished"])
def test_outsiders_are_told_the_same_whatever_took_a_card_down(cast: Cast, cause: str) -> None:
    case = factories.file_case(cast, public=True)
    desk = cast.desk[0].actor
    told(cast)
    if cause == "located":
        lifecycle.transition(actor=desk, case=case, to=CaseStatus.LOCATED)
    elif cause == "withdrawn":
        lifecycle.transition(actor=desk, case=case, to=CaseStatus.WITHDRAWN)
    else:
        publication.unpublish(actor=desk, case=case, reason="doubt")

    assert told(cast) == [("case.opened", str(case.pk)), ("case.withdrawn", str(case.pk))]


@pytest.mark.django_db
def test_a_case_that_was_never_public_is_told_to_those_who_read_it_alone(cast: Cast) -> None:
    case = factories.file_case(cast)
    give_consent(
        actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.SHARE, partner=cast.partner
    )
    lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.SUBMITTED)

    assert told(cast) == [("case.updated", str(case.pk))]
    assert told(cast, cast.other_program.api()) == []


@pytest.mark.django_db
def test_of_a_located_child_its_partner_is_told_as_the_family_is(cast: Cast) -> None:
    case = factories.file_case(cast)
    give_consent(
        actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.SHARE, partner=cast.partner
    )
    lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.SUBMITTED)
    for actor in (person.actor for person in cast.desk):
        take_in_hand(actor=actor, reference=case.reference, why=TakeReason.NEW)
    desk = cast.desk[0].actor
    for step in (CaseStatus.VERIFIED, CaseStatus.OPEN):
        lifecycle.transition(actor=desk, case=case, to=step)
        told(cast)
    before = told(cast)
    lifecycle.transition(actor=desk, case=case, to=CaseStatus.LOCATED)
    assert told(cast) == before

    Case.objects.filter(pk=case.pk).update(family_told_at=Now(), updated_at=Now())
    with transaction.atomic():
        outbox.publish("case.updated", case.pk)
    assert told(cast) == [*before, ("case.updated", str(case.pk))]


@pytest.mark.django_db
def test_a_sighting_is_told_to_the_organisation_that_sent_it_alone(cast: Cast) -> None:
    body = {"kind": "street", "description": "x"}
    pk = cast.program.api().post(SIGHTINGS, body).json()["id"]
    cast.anonymous.api().post(SIGHTINGS, body)

    assert told(cast) == [("sighting.received", pk)]
    assert told(cast, cast.other_program.api()) == []


@pytest.mark.django_db
def test_nothing_of_a_match_ever_reaches_the_feed(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    before = told(cast)
    sighting = factories.log_sighting(cast).sighting
    factories.store_match(case, sighting)

    assert told(cast) == before


@pytest.mark.django_db
def test_an_erased_case_leaves_nothing_but_that_it_is_to_be_dropped(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    told(cast)
    with transaction.atomic():
        feed.forget([case.pk])
        Child.objects.filter(case=case).delete()
        outbox.publish("case.erased", case.pk)

    assert told(cast) == [("case.withdrawn", str(case.pk))]
    assert case.reference not in str(FeedEvent.objects.get().data)


@pytest.mark.django_db
def test_next_is_where_one_stopped_and_no_other_partners_cursor_opens_it(cast: Cast) -> None:
    cases = []
    for _ in range(3):
        cases.append(factories.file_case(cast, public=True))
        factories.work_off("cases.feed")
    api = cast.program.api()
    page = api.get(f"{EVENTS}?page_size=2").json()
    assert [each["data"]["case"] for each in page["results"]] == [str(c.pk) for c in cases[:2]]
    assert page["previous"] is None
    last = api.get(page["next"]).json()
    assert [each["data"]["case"] for each in last["results"]] == [str(cases[2].pk)]
    assert api.get(last["next"]).json()["results"] == []
    factories.file_case(cast, public=True)
    factories.work_off("cases.feed")
    assert len(api.get(last["next"]).json()["results"]) == 1

    refused(cast.other_program.api().get(page["next"]), 400, "broken_cursor")
    for cursor in ("x", "SFdTRUFMMQ", "%E5"):
        refused(api.get(f"{EVENTS}?cursor={cursor}"), 400, "broken_cursor")
    refused(api.get(f"{EVENTS}?type=case.opened"), 400, "unknown_parameter")


@pytest.mark.django_db
def test_who_stopped_reading_too_long_ago_is_told_so(cast: Cast) -> None:
    factories.file_case(cast, public=True)
    factories.work_off("cases.feed")
    api = cast.program.api()
    start = api.get(f"{EVENTS}?page_size=1").json()["next"]
    for _ in range(2):
        factories.file_case(cast, public=True)
    factories.work_off("cases.feed")
    FeedEvent.objects.update(occurred_at=Now() - timedelta(days=31))
    assert feed.forget_old(timedelta(days=30)) == 3

    refused(api.get(start), 410, "gone")
    fresh = api.get(EVENTS).json()
    assert fresh["results"] == []
    factories.file_case(cast, public=True)
    factories.work_off("cases.feed")
    assert len(api.get(fresh["next"]).json()["results"]) == 1


@pytest.mark.django_db
def test_a_page_of_the_feed_takes_one_count_of_queries(cast: Cast) -> None:
    from django.test.utils import CaptureQueriesContext

    api, counts = cast.program.api(), []
    api.get(EVENTS)
    for many in (1, 20):
        for _ in range(many):
            with transaction.atomic():
                feed.append("case.opened", uuid4(), {"case": "x"})
        with CaptureQueriesContext(connection) as seen:
            api.get(EVENTS)
        counts.append(len(seen))
    assert counts[0] == counts[1]


# --- readers beside writers ---------------------------------------------------------------------
WRITERS = 8
EACH = int(os.environ.get("FEED_WRITES", "480")) // WRITERS


@pytest.fixture
def partner(transactional_db: None) -> UUID:
    return uuid4()


def test_readers_beside_writers_miss_nothing_and_see_nothing_out_of_order(partner: UUID) -> None:
    """Writers hold their transactions open for different times, and every third one gives up."""
    over = threading.Event()
    seen: list[int] = []

    def write(number: int) -> None:
        for turn in range(EACH):
            try:
                with transaction.atomic():
                    feed.append("case.opened", uuid4(), {"n": f"{number}.{turn}"})
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(%s)", [(number + turn) % 4 / 2000])
                    if (number + turn) % 3 == 0:
                        raise KeyError
            except KeyError:
                pass
        connections.close_all()

    def read() -> None:
        after = 0
        while True:
            last_round = over.is_set()
            page = feed.for_partner(partner).filter(position__gt=after).order_by("position")
            positions = list(page.values_list("position", flat=True)[:7])
            seen.extend(positions)
            after = positions[-1] if positions else after
            if last_round and not positions:
                break
        connections.close_all()

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    reader.join()

    written = list(FeedEvent.objects.order_by("position").values_list("position", flat=True))
    assert len(written) == sum(1 for n in range(WRITERS) for t in range(EACH) if (n + t) % 3)
    assert seen == written == list(range(1, len(written) + 1))
    assert FeedHead.objects.get().position == len(written)
