"""How reviewing goes: every figure is that of a plain count, and reviewers alone read them."""

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from casemgr.platform import references
from cases.models import Case, Child
from families.models import Family
from searches.models import Match, Review, SecondLook, Sighting
from searches.review_figures import review_figures
from tests.cast import Cast
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PAGE = "/review/figures/"


def invent(cast: Cast, count: int) -> None:
    """Matches of all bands, some decided by one to three reviewers, some looked at once more."""
    chance, now = random.Random(4), timezone.now()
    people = [cast.reviewer, cast.second_reviewer, cast.third_reviewer]
    case = Case.objects.create(
        family=Family.objects.create(),
        reference=references.generate(),
        status="open",
        missing_at_text="then",
    )
    Child.objects.create(case=case, sex="female")
    sightings = Sighting.objects.bulk_create(
        Sighting(kind="street", receipt_digest=f"{number:064}") for number in range(count)
    )
    matches = Match.objects.bulk_create(
        Match(
            case=case,
            sighting=sighting,
            weight_bits=1.0,
            prior_bits=-13.0,
            probability=0.1,
            band=chance.choice(["strong", "possible", "weak"]),
            status=chance.choice(["proposed", "in_review", "lead", "confirmed", "rejected"]),
            engine_version="1",
            case_revision=1,
            sighting_revision=1,
            created_at=now - timedelta(hours=chance.randrange(500, 900)),
        )
        for sighting in sightings
    )
    for match in matches:
        for person in people[: chance.randrange(4)]:
            Review.objects.create(
                match=match,
                reviewer_id=person.user_id,
                decision=chance.choice(["accept", "accept", "reject", "needs_information"]),
                reason="looked",
                created_at=match.created_at + timedelta(minutes=chance.randrange(20_000)),
                ended_at=now if chance.random() < 0.15 else None,
            )
        if chance.random() < 0.3:
            decided = chance.random() < 0.7
            SecondLook.objects.create(
                match=match,
                standing=chance.choice(["accept", "reject"]),
                reviewer=cast.fourth_reviewer.user if decided else None,
                decision=chance.choice(["accept", "reject"]) if decided else "",
                decided_at=now if decided else None,
            )


def asked(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_every_figure_is_that_of_a_plain_count(cast: Cast) -> None:
    invent(cast, 240)
    found = review_figures()
    [(pairs, agreed)] = asked("""
        SELECT count(*), count(*) FILTER (WHERE said[1] = said[2]) FROM (
            SELECT array_agg(decision ORDER BY created_at, id) said FROM searches_review
            WHERE ended_at IS NULL AND decision IN ('accept', 'reject') GROUP BY match_id) of_match
        WHERE cardinality(said) >= 2
    """)
    assert 0 < agreed < pairs
    assert (found.first_two.pairs, found.first_two.agreed) == (pairs, agreed)
    assert found.first_two.share == agreed / pairs
    [(looks, same)] = asked("""
        SELECT count(*), count(*) FILTER (WHERE decision = standing) FROM searches_secondlook
        WHERE decided_at IS NOT NULL
    """)
    assert 0 < same < looks
    assert (found.second_looks.pairs, found.second_looks.agreed) == (looks, same)

    counts = dict.fromkeys(["strong", "possible", "weak"], (0, 0)) | {
        band: (leads, rejected)
        for band, leads, rejected in asked("""
            SELECT band, sum((status IN ('lead', 'confirmed'))::int),
                   sum((status = 'rejected')::int) FROM searches_match GROUP BY band
        """)
    }
    assert {line.band: (line.leads, line.rejected) for line in found.bands} == counts
    for line in found.bands:
        assert line.precision == counts[line.band][0] / sum(counts[line.band])

    waits: dict[str, list[float]] = defaultdict(list)
    for band, seconds in asked("""
        SELECT m.band, extract(epoch FROM r.first - m.created_at) FROM searches_match m
        JOIN (SELECT match_id, min(created_at) first FROM searches_review
              WHERE ended_at IS NULL GROUP BY match_id) r ON r.match_id = m.id
    """):
        waits[band].append(float(seconds))
    waiting = {
        band: (number, oldest)
        for band, number, oldest in asked("""
            SELECT band, count(*), min(created_at) FROM searches_match
            WHERE status IN ('proposed', 'in_review', 'needs_information') GROUP BY band
        """)
    }
    for times in found.queue:
        assert times.half_within is not None
        assert times.nine_in_ten_within is not None
        assert times.decided == len(waits[times.band])
        half, most = np.percentile(waits[times.band], [50, 90])
        assert times.half_within.total_seconds() == pytest.approx(half)
        assert times.nine_in_ten_within.total_seconds() == pytest.approx(most)
        assert times.waiting == waiting[times.band][0]
        assert times.oldest == found.as_of - waiting[times.band][1]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_reviewers_alone_read_them_and_before_anything_was_decided(
    cast: Cast, language: str
) -> None:
    empty = cast.reviewer.browser(language=language).get(PAGE)
    assert empty.status_code == 200
    assert "–" in text_of(empty)
    invent(cast, 12)
    found = review_figures()
    page = text_of(cast.reviewer.browser(language=language).get(PAGE))
    assert f">{found.first_two.pairs}</td>" in page
    for person in (cast.guardian, cast.coordinator, cast.volunteer):
        assert person.browser().get(PAGE).status_code == 404
    assert cast.anonymous.browser().get(PAGE).status_code == 302
    assert PAGE in text_of(cast.reviewer.browser().get("/statistics/"))
    assert PAGE not in text_of(cast.volunteer.browser().get("/statistics/"))


def test_more_rows_are_no_more_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    for count in (0, 15):
        if count:
            invent(cast, count)
        with django_assert_num_queries(5):
            review_figures()
