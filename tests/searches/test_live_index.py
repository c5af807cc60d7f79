"""Live cases in a worker's memory: what it proposes keeps up with the database, and by indexes."""

from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgr.platform.vocabularies import CaseStatus
from cases import services
from cases.models import Case
from searches import candidates, context, live_index, prepared, profiles
from searches.live_index import LiveIndex
from searches.matching.batch.pack import VERSION
from searches.matching.types import FacePrint, PicturePrint, SightingProfile
from searches.models import Match, PreparedCase, Sighting
from tests import factories
from tests.cast import Cast


def told_of(cast: Cast) -> SightingProfile:
    """A sighting that fits the factories' case well."""
    received = factories.log_sighting(cast, name_heard="林小满")
    return profiles.of_sighting(Sighting.objects.with_detail().get(pk=received.sighting.pk))


def proposed(index: LiveIndex, sighting: SightingProfile) -> set[UUID]:
    index.refresh()
    return index.propose(sighting, context.build())


def roughly(index: LiveIndex, sighting: SightingProfile) -> float:
    """The rough weight of the one case on file, by the latest that is known of it."""
    index.refresh()
    found = [
        bits for level in index.levels for bits, _ in level.propose(sighting, context.build(), -99)
    ]
    return found[-1]


def filed(cast: Cast) -> Case:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    factories.work_off()
    return case


def test_a_case_filed_after_loading_is_proposed(cast: Cast) -> None:
    index = LiveIndex()
    sighting = told_of(cast)
    assert proposed(index, sighting) == set()
    first = filed(cast)
    assert proposed(index, sighting) == {first.pk}
    second = filed(cast)
    assert proposed(index, sighting) == {first.pk, second.pk}


def test_a_changed_case_is_weighed_by_what_it_says_now(cast: Cast) -> None:
    index = LiveIndex()
    case = filed(cast)
    sighting = told_of(cast)
    before = roughly(index, sighting)
    services.update_case(
        actor=cast.guardian.actor, case=case, case_changes={}, child_changes={"sex": "male"}
    )
    factories.work_off()
    assert roughly(index, sighting) < before - 3


def test_many_changes_are_set_aside_and_then_loaded_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_index, "RECENT", 2)
    index = LiveIndex()
    sighting = told_of(cast)
    every = {filed(cast).pk for _ in range(12)}
    assert proposed(index, sighting) == every
    sizes = []
    for _ in range(7):
        every.add(filed(cast).pk)
        assert proposed(index, sighting) == every
        sizes.append([len(level.ids) for level in index.levels])
    assert sizes[:4] == [[12, 0, 1], [12, 0, 2], [12, 3, 0], [12, 3, 1]]
    assert [18, 0, 0] in sizes


def test_a_sighting_told_in_words_alone_finds_a_case_that_was_held_against_all_before(
    cast: Cast,
) -> None:
    case = filed(cast)
    told_of(cast)
    factories.work_off()
    assert Match.objects.get().case == case


def test_a_closed_case_is_kept_ready_no_more(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.LOCATED, in_hand_of=[cast.reviewer])
    factories.work_off()
    assert PreparedCase.objects.filter(case=case).exists()
    factories.end_case(cast, case)
    factories.work_off()
    assert not PreparedCase.objects.exists()
    told_of(cast)
    factories.work_off()
    assert not Match.objects.exists()


def test_nothing_is_kept_of_a_case_that_moved_on_while_it_was_read(cast: Cast) -> None:
    case = filed(cast)
    profile = profiles.of_case(case)
    PreparedCase.objects.all().delete()
    prepared.keep([(case.revision - 1, profile)])
    assert not PreparedCase.objects.exists()
    Case.objects.update(status=CaseStatus.WITHDRAWN)
    prepared.keep([(case.revision, profile)])
    assert not PreparedCase.objects.exists()


def test_cases_that_another_version_prepared_are_caught_up_with(cast: Cast) -> None:
    case = filed(cast)
    PreparedCase.objects.update(version=VERSION - 1)
    sighting = told_of(cast)
    assert proposed(LiveIndex(), sighting) == set()
    assert prepared.weighed([case.pk], sighting, context.build()) == {}
    assert prepared.catch_up() == 1
    assert prepared.catch_up() == 0
    assert proposed(LiveIndex(), sighting) == {case.pk}


@pytest.mark.django_db(transaction=True)
def test_what_an_older_transaction_commits_late_is_still_found() -> None:
    cast = Cast()
    late = filed(cast)
    row = PreparedCase.objects.get()
    PreparedCase.objects.all().delete()
    sighting = told_of(cast)
    index = LiveIndex()
    index.refresh()
    with psycopg.connect(**_parameters()) as other:
        other.execute(
            "INSERT INTO searches_preparedcase VALUES"
            " (%s, %s, %s, %s, pg_current_xact_id()::text::bigint)",
            [row.case_id, row.revision, row.version, bytes(row.packed)],
        )
        sooner = filed(cast)
        assert proposed(index, sighting) == {sooner.pk}
    assert proposed(index, sighting) == {sooner.pk, late.pk}


def _parameters() -> dict[str, Any]:
    settings = connection.get_connection_params()
    return {
        name: settings[name]
        for name in ("dbname", "user", "password", "host", "port")
        if name in settings
    }


def test_no_candidate_search_reads_a_whole_table(cast: Cast) -> None:
    filed(cast)
    told = told_of(cast)
    face = FacePrint("dlib-resnet-v1", np.ones(128, np.float32), None, "good")
    picture = PicturePrint(1 << 200, False)
    sighting = SightingProfile(
        id=told.id, tokens=told.tokens, faces=(face,), pictures=(picture,), place=told.place
    )
    given = context.build()
    index = live_index.LiveIndex()
    index.refresh()
    with CaptureQueriesContext(connection) as captured:
        found = candidates.cases_for(sighting, given)
        prepared.weighed(found or {told.id}, sighting, given)
        index.refresh()
    plans = [
        _plan(query["sql"]) for query in captured if query["sql"].lstrip().startswith("SELECT")
    ]
    text = "\n".join(plans)
    for name in (
        "case_face_dlib",
        "case_photo_phash",
        "searches_preparedcase_pkey",
        "prepared_changed",
    ):
        assert name in text
    assert "Seq Scan" not in text


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())
