"""Abuse cases T3, T4, T15 and T16 of the threat model, each told as somebody tries it."""

import os
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from casemgr.platform import outbox
from casemgr.platform.outbox import Job, JobState
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from cases import services as case_services
from searches.models import Match, Sighting
from tests import factories
from tests.api.helpers import BASE, RECEIPT, SIGHTINGS, receipt_header, upload
from tests.api.test_two_worlds import VARIES, blurred
from tests.cast import Cast
from tests.pages import fresh_key, receipt_in
from tests.searches.test_matching_end_to_end import as_jpeg, drawn
from tests.security.test_limits import allow, at
from tests.security.test_photo_bytes import case_photo

# `make races` asks for ten thousand.
TRIALS = int(os.environ.get("RACE_TRIALS", "2"))
THREADS = 50


# --- T3 -----------------------------------------------------------------------------------------
REFERENCE = re.compile(r"/cases/(HW-[0-9A-Z-]+)/")
PICTURE = re.compile(r"/media/case/[0-9a-f-]+/\w+/")


class Crawler:
    """Follows every link to children and their pictures, from ever other addresses."""

    def __init__(self) -> None:
        self.browser = Client()
        self.addresses = [f"10.{n // 20}.{n % 20}.{n}" for n in range(200)]
        self.answers: Counter[tuple[str, int]] = Counter()
        self.children: set[str] = set()
        self.pictures: set[str] = set()

    def get(self, address: str, hop: int) -> Any:
        response = self.browser.get(address, **at(self.addresses[hop % 200]))
        kind = "picture" if address.startswith("/media/") else "page"
        self.answers[kind, response.status_code] += 1
        if kind == "picture" and response.status_code == 200:
            self.pictures.add(address)
        return response

    def crawl(self, hops: int) -> None:
        """From each address by turns one page and one picture of those that it knows of."""
        pages, pictures = ["/"], ["/media/case/none/"]
        for hop in range(hops):
            page = self.get(pages[hop % len(pages)], hop).content.decode()
            self.children |= set(REFERENCE.findall(page))
            pages = ["/", *(f"/cases/{reference}/" for reference in sorted(self.children))]
            pictures = sorted({*pictures, *PICTURE.findall(page)})
            self.get(pictures[hop % len(pictures)], hop)


def test_a_scraper_gets_what_is_public_and_no_more_of_it_than_the_budget(
    settings: Settings, cast: Cast
) -> None:
    """T3: from two hundred addresses by turns, every link to a child and a picture followed."""
    shown = [case_photo(cast, ticked=True) for _ in range(4)]
    hidden = [case_photo(cast, ticked=False) for _ in range(2)]
    away = factories.file_case(cast, status=CaseStatus.OPEN)
    lifecycle.transition(actor=cast.desk[0].actor, case=hidden[1].case, to=CaseStatus.LOCATED)
    allow(settings, reads="address:1/3600 everyone:120/3600", pictures="everyone:50/3600")
    crawler = Crawler()

    crawler.crawl(hops=250)

    assert crawler.children == {photo.case.reference for photo in [*shown, hidden[0]]}
    assert away.reference not in crawler.children
    seen = {where.split("/")[3] for where in crawler.pictures}
    assert seen == {str(photo.pk) for photo in shown}
    assert crawler.answers["page", 200] == 120
    assert crawler.answers["page", 429] == 250 - 120
    assert 8 <= crawler.answers["picture", 200] <= 50
    assert crawler.answers["picture", 429] >= 250 - 50 - crawler.answers["picture", 404]


def test_what_is_public_asks_search_engines_to_keep_nothing(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    browser = cast.anonymous.browser()

    for address in ("/", f"/cases/{case.reference}/", f"{BASE}cases/", f"{BASE}cases/{case.pk}/"):
        asked = browser.get(address)["X-Robots-Tag"].split(", ")
        assert {"noindex", "noarchive", "noimageindex"} <= set(asked), address


def test_nothing_public_can_be_counted_through(cast: Cast) -> None:
    first, second = (factories.file_case(cast, public=True) for _ in range(2))

    assert first.pk.version == second.pk.version == 4
    plain = [int(re.sub(r"\W|HW", "", case.reference)[:-1], 36) for case in (first, second)]
    assert abs(plain[0] - plain[1]) > 1
    neighbours = ("0" * 8 + str(first.pk)[8:], str(uuid4()))
    for guess in neighbours:
        assert cast.anonymous.browser().get(f"{BASE}cases/{guess}/").status_code == 404


# --- T4 -----------------------------------------------------------------------------------------
def answers_to(cast: Cast, photo: bytes) -> tuple[list[Any], list[str]]:
    """All that a face search by sighting is told, before matching and after, and its queries."""
    api = cast.anonymous.api()
    sent = {"data": '{"kind": "street"}', "photos": [upload(photo)]}
    with CaptureQueriesContext(connection) as asked:
        told = [api.post(SIGHTINGS, sent, format="multipart")]
    mine = receipt_header(told[0].json()["receipt"])
    told.append(api.get(RECEIPT, headers=mine))
    factories.work_off()
    told.append(api.get(RECEIPT, headers=mine))
    shapes = [re.sub(r"'[^']*'|\b\d+\b", "?", query["sql"])[:80] for query in asked]
    return told, shapes


@pytest.mark.slow
def test_a_sighting_is_no_search_for_a_face(cast: Cast) -> None:
    """T4: whether she is on file: not from the answer, what it costs, or what it becomes later."""
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    case_services.add_photo(actor=cast.guardian.actor, case=case, data=as_jpeg(drawn(3)))
    factories.work_off()

    enrolled, of_enrolled = answers_to(cast, as_jpeg(drawn(3, variation=2)))
    unknown, of_unknown = answers_to(cast, as_jpeg(drawn(9, variation=2)))

    assert Match.objects.filter(case=case, sighting=enrolled[0].json()["id"]).exists()
    assert [blurred(answer) for answer in enrolled] == [blurred(answer) for answer in unknown]
    assert len(enrolled[0].content) == len(unknown[0].content)
    later = [VARIES.sub("*", answer.content.decode()) for answer in enrolled[1:]]
    assert "processing" not in later[1]
    assert of_enrolled == of_unknown


# --- T15 ----------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_flood_buries_no_genuine_report(settings: Settings, cast: Cast) -> None:
    """T15: one crowd of addresses, all counters full: the genuine ones are served in their turn."""
    crowd, waves, genuine = 6, 10, 5
    settings.SLOW_LANE_JOBS = 2
    allow(settings, sightings="address:1/600 everyone:4/600")
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.work_off()
    api = cast.anonymous.api()

    def send(address: str, words: str) -> str:
        sent = {"kind": "street", "name_heard": "Manman", "sex": "female", "description": words}
        response = api.post(SIGHTINGS, sent, **at(address))
        assert response.status_code == 201
        return str(response.json()["id"])

    fakes, real = [], []
    for wave in range(waves):
        fakes += [send(f"10.0.{bot}.1", f"fake {bot} {wave} {uuid4()}") for bot in range(crowd)]
        if wave == waves - 1:
            real = [send(f"192.0.2.{n}", f"By the bridge, {n} o'clock.") for n in range(genuine)]

    served: list[str] = []
    while under_way := _under_way():
        job = under_way[0]
        outbox.run(job.pk)
        served.append(str(job.subject))

    assert sorted(served) == sorted([*fakes, *real])
    assert Sighting.objects.filter(matched_at__isnull=True).count() == 0
    # Before them came the few within the limits, what was on its way, and one turn of each bot.
    assert max(served.index(subject) for subject in real) < 4 + 2 + crowd + genuine
    held = {str(pk) for pk in Match.objects.filter(case=case).values_list("sighting", flat=True)}
    assert set(real) <= held


def _under_way() -> list[Job]:
    """What a worker would take next: rung, not done, first come first."""
    rung = Job.objects.filter(state=JobState.WAITING, rung_at__gt=outbox.NEVER)
    return list(rung.order_by("rung_at", "turn_at")[:1])


# --- T16 ----------------------------------------------------------------------------------------
def together(many: int, act: Callable[[int], Any]) -> list[Any]:
    """`act` in as many threads at the same moment."""
    start = Barrier(many)

    def run(number: int) -> Any:
        start.wait()
        try:
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(run, range(many)))


@pytest.mark.django_db(transaction=True)
def test_fifty_taps_make_one_sighting_and_all_that_are_answered_get_one_answer(
    settings: Settings,
) -> None:
    """T16: a finger that taps again and again, under one key."""
    for trial in range(TRIALS):
        key = {"Idempotency-Key": str(uuid4())}
        body = {"kind": "street", "description": f"A girl selling flowers, trial {trial}."}

        def tap(_number: int, key: Any = key, body: Any = body) -> tuple[int, bytes]:
            response = APIClient().post(SIGHTINGS, body, headers=key)
            return response.status_code, response.content

        answers = together(THREADS, tap)
        later = APIClient().post(SIGHTINGS, body, headers=key)

        assert Sighting.objects.count() == trial + 1
        assert {status for status, _content in answers} <= {201, 409}
        assert {content for status, content in answers if status == 201} == {later.content}


@pytest.mark.django_db(transaction=True)
def test_a_page_sent_again_from_a_pocket_makes_one_sighting() -> None:
    for trial in range(TRIALS):
        key = fresh_key(Client())
        sent = {"key": key, "description": f"A boy, limping, trial {trial}."}

        def tap(_number: int, sent: Any = sent) -> str:
            response = Client().post("/sightings/new/", sent)
            assert response.status_code == 201
            return receipt_in(response)

        assert len(set(together(10, tap))) == 1
        assert Sighting.objects.count() == trial + 1


@pytest.mark.django_db(transaction=True)
def test_two_who_change_the_same_case_at_once_do_not_overwrite_each_other(cast: Cast) -> None:
    case = factories.file_case(cast)
    address = f"{BASE}cases/{case.pk}/"
    clients = [cast.guardian.api() for _ in range(8)]
    version = {"If-Match": cast.guardian.api().get(address)["ETag"]}

    def change(number: int) -> int:
        body = {"story": f"story {number}"}
        return int(clients[number].patch(address, body, headers=version).status_code)

    assert sorted(together(8, change)) == [200] + [412] * 7


@pytest.mark.django_db(transaction=True)
def test_a_decision_tapped_twice_counts_once(cast: Cast) -> None:
    """T16: eight windows of one reviewer, the same yes in each."""
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    match = factories.store_match(case, factories.log_sighting(cast).sighting)
    clients = [cast.reviewer.api() for _ in range(8)]
    sent = {"decision": "accept", "reason": "The scar and the year fit."}

    def decide(number: int) -> int:
        address = f"{BASE}matches/{match.pk}/reviews/"
        return int(clients[number].post(address, sent).status_code)

    assert Counter(together(8, decide)) == {201: 1, 409: 7}
    assert match.reviews.count() == 1
