"""Lists: by cursor, newest first, filtered by what may be asked, in a fixed number of queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case, CasePhoto
from searches.models import Match, Sighting, SightingPhoto
from tests import factories
from tests.api.helpers import BASE, SIGHTINGS, refused
from tests.cast import Cast

CASES = f"{BASE}cases/"
MATCHES = f"{BASE}matches/"


def logged(cast: Cast, count: int) -> list[str]:
    """Ids of the volunteer's new sightings, oldest first, a second apart."""
    made = []
    for number in range(count):
        sighting = factories.log_sighting(cast, by=cast.volunteer).sighting
        at = timezone.now() - timedelta(hours=1) + timedelta(seconds=number)
        Sighting.objects.filter(pk=sighting.pk).update(created_at=at)
        made.append(str(sighting.pk))
    return made


def ids(page: dict[str, Any]) -> list[str]:
    return [row["id"] for row in page["results"]]


def test_pages_lead_to_each_other_and_stay_put_while_rows_are_added(cast: Cast) -> None:
    made = logged(cast, 7)[::-1]
    api = cast.volunteer.api()
    first = api.get(SIGHTINGS, {"page_size": 3}).json()
    assert (ids(first), first["previous"]) == (made[:3], None)
    newer = str(factories.log_sighting(cast, by=cast.volunteer).sighting.pk)
    second = api.get(first["next"]).json()
    assert ids(second) == made[3:6]
    third = api.get(second["next"]).json()
    assert (ids(third), third["next"]) == (made[6:], None)
    assert ids(api.get(third["previous"]).json()) == made[3:6]
    back = api.get(second["previous"]).json()
    assert ids(back) == made[:3]
    top = api.get(back["previous"]).json()
    assert (ids(top), top["previous"]) == ([newer], None)
    assert ids(api.get(top["next"]).json()) == made[:3]


def test_rows_of_one_moment_are_neither_lost_nor_repeated(cast: Cast) -> None:
    made = set(logged(cast, 6))
    Sighting.objects.update(created_at=timezone.now())
    api, seen = cast.volunteer.api(), []
    address: str | None = f"{SIGHTINGS}?page_size=2"
    while address:
        page = api.get(address).json()
        seen += ids(page)
        address = page["next"]
    assert len(seen) == 6
    assert set(seen) == made


def test_cursors_are_opaque_and_a_broken_one_is_refused(cast: Cast) -> None:
    made = logged(cast, 3)
    api = cast.volunteer.api()
    link = api.get(SIGHTINGS, {"page_size": 1}).json()["next"]
    cursor = link.split("cursor=")[1].split("&")[0]
    assert made[2] not in cursor
    for broken in ("x", "é", cursor[:-4], cursor[:-1] + ("A" if cursor[-1] != "A" else "B") * 3):
        response = api.get(SIGHTINGS, {"cursor": broken})
        refused(response, 400, "broken_cursor")
        assert response.json()["errors"][0]["parameter"] == "cursor"


def test_a_page_holds_up_to_two_hundred(cast: Cast) -> None:
    api = cast.volunteer.api()
    assert api.get(SIGHTINGS, {"page_size": 200}).status_code == 200
    for size in ("0", "201", "-1", "ten", "1" * 5_000, "٣"):
        response = api.get(SIGHTINGS, {"page_size": size})
        refused(response, 400, "out_of_range")
        assert response.json()["errors"][0]["parameter"] == "page_size"


def test_parameters_that_nobody_reads_are_refused_by_name(cast: Cast) -> None:
    case = factories.file_case(cast)
    api = cast.guardian.api()
    for address in (CASES, f"{CASES}{case.pk}/", f"{CASES}{case.pk}/timeline/", SIGHTINGS):
        response = api.get(address, {"ordering": "child__full_name"})
        refused(response, 400, "unknown_parameter")
        assert response.json()["errors"] == [
            {
                "pointer": "",
                "code": "unknown_parameter",
                "detail": "There is no parameter of this name here.",
                "parameter": "ordering",
            }
        ]
    response = api.get(CASES, {"sex": "robot"})
    refused(response, 400, "invalid")
    assert response.json()["errors"][0]["parameter"] == "sex"
    for address, name in ((CASES, "public"), (SIGHTINGS, "danger_now")):
        wrong = {"2": "invalid", "yes": "invalid", "\u00b9": "invalid", "": "required"}
        for value, code in wrong.items():
            response = api.get(address, {name: value})
            refused(response, 400, code)
            assert response.json()["errors"][0]["parameter"] == name
        for value in ("true", "False", "1", "0"):
            assert api.get(address, {name: value}).status_code == 200


def test_sightings_and_matches_are_filtered_by_their_fields(cast: Cast) -> None:
    api = cast.volunteer.api()
    street = factories.log_sighting(cast, by=cast.volunteer, danger_now=True).sighting
    online = factories.log_sighting(cast, by=cast.volunteer, kind="online", sex="male").sighting
    for query, found in (
        ({"kind": "online"}, [online]),
        ({"sex": "female"}, [street]),
        ({"danger_now": "true"}, [street]),
        ({"updated_since": online.updated_at.isoformat()}, [online]),
        ({"updated_since": (timezone.now() + timedelta(hours=1)).isoformat()}, []),
    ):
        assert ids(api.get(SIGHTINGS, query).json()) == [str(row.pk) for row in found], query
    refused(api.get(SIGHTINGS, {"updated_since": "lately"}), 400, "invalid")


@pytest.mark.parametrize("address", [CASES, SIGHTINGS])
def test_moments_with_any_offset_are_compared_as_moments(cast: Cast, address: str) -> None:
    api = cast.volunteer.api()
    for moment in ("2020-01-01T00:00:00+23:59", "2020-01-01T00:00:00-23:59"):
        assert api.get(address, {"updated_since": moment}).status_code == 200, moment
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        refused(api.get(address, {"updated_since": moment}), 400, "invalid")


@pytest.mark.parametrize("end", ["earliest", "latest"])
def test_a_date_with_an_offset_that_no_place_has_is_refused(cast: Cast, end: str) -> None:
    when = {"text": "then", end: "2011-01-01T00:00:00+23:59"}
    answer = cast.guardian.api().post(CASES, {"missing_at": when})

    assert refused(answer, 400, "invalid") == {f"/missing_at/{end}": "invalid"}


def test_a_reference_is_looked_up_however_it_was_typed(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    hidden = factories.file_case(cast)
    api = cast.anonymous.api()
    for typed in (case.reference, case.reference.lower(), case.reference.replace("-", " ")):
        assert ids(api.get(CASES, {"reference": typed}).json()) == [str(case.pk)]
    last = case.reference[-1]
    wrong = case.reference[:-1] + ("2" if last != "2" else "3")
    response = api.get(CASES, {"reference": wrong})
    refused(response, 400, "reference_mistyped")
    assert wrong not in response.content.decode()
    refused(api.get(CASES, {"reference": "HW"}), 400, "reference_malformed")
    unknown = factories.file_case(cast).reference
    Case.objects.filter(reference=unknown).delete()
    for reference in (hidden.reference, unknown):
        assert ids(api.get(CASES, {"reference": reference}).json()) == []


def test_private_fields_of_a_public_case_cannot_be_asked_for(cast: Cast) -> None:
    case = factories.file_case(
        cast, public=True, case={"place_type": "market", "alliance": cast.alliance}
    )
    questions = (
        {"place_type": "market"},
        {"status": "open"},
        {"alliance": str(cast.alliance.pk)},
    )
    for query in questions:
        for outsider in (cast.anonymous, cast.volunteer):
            assert ids(outsider.api().get(CASES, query).json()) == [], query
        assert ids(cast.guardian.api().get(CASES, query).json()) == [str(case.pk)], query
    since = {"updated_since": (case.public_since or timezone.now()).isoformat()}
    assert ids(cast.anonymous.api().get(CASES, since).json()) == [str(case.pk)]
    Case.objects.update(updated_at=timezone.now() + timedelta(minutes=1))
    since = {"updated_since": (timezone.now() + timedelta(seconds=1)).isoformat()}
    assert ids(cast.anonymous.api().get(CASES, since).json()) == []
    assert ids(cast.guardian.api().get(CASES, since).json()) == [str(case.pk)]


def test_a_list_holds_own_cases_whole_and_others_as_cards(cast: Cast) -> None:
    mine = factories.file_case(cast)
    others = factories.file_case(cast, by=cast.other_guardian, status=CaseStatus.DRAFT)
    public = factories.file_case(cast, public=True)
    theirs = {row["id"]: row for row in cast.other_guardian.api().get(CASES).json()["results"]}
    assert theirs.keys() == {str(others.pk), str(public.pk)}
    assert "child" in theirs[str(others.pk)]
    assert "child" not in theirs[str(public.pk)]
    api = cast.guardian.api()
    assert ids(api.get(CASES, {"public": "true"}).json()) == [str(public.pk)]
    assert ids(api.get(CASES, {"public": "false"}).json()) == [str(mine.pk)]


def queries(api: APIClient, address: str) -> int:
    """How many queries the list costs, asked the second time."""
    assert api.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        api.get(address)
    return len(captured)


def more_cases(cast: Cast, count: int) -> str:
    for _ in range(count):
        case = factories.file_case(cast, marks=[{"kind": "scar"}])
        CasePhoto.objects.create(case=case, original=f"x{case.pk}", original_bytes=1)
    Case.objects.filter(pk__in=list(Case.objects.values_list("pk", flat=True)[::2])).update(
        status="open", public_since=timezone.now(), ever_public=True
    )
    return CASES


def more_sightings(cast: Cast, count: int) -> str:
    for sighting in (factories.log_sighting(cast, by=cast.guardian).sighting for _ in range(count)):
        SightingPhoto.objects.create(sighting=sighting, original="x", original_bytes=1)
    return SIGHTINGS


def more_matches(cast: Cast, count: int) -> str:
    case = Case.objects.first() or factories.file_case(cast, in_hand_of=[cast.reviewer])
    for _ in range(count):
        factories.store_match(case, factories.log_sighting(cast).sighting)
    return MATCHES


def more_photos(cast: Cast, count: int) -> str:
    case = Case.objects.first() or factories.file_case(cast)
    for number in range(count):
        CasePhoto.objects.create(case=case, original=f"x{number}", original_bytes=1)
    return f"{CASES}{case.pk}/photos/"


@pytest.mark.parametrize("more", [more_cases, more_sightings, more_matches, more_photos])
def test_a_list_of_fifty_costs_as_many_queries_as_one_of_two(
    cast: Cast, more: Callable[[Cast, int], str]
) -> None:
    who = cast.reviewer if more is more_matches else cast.guardian
    address = more(cast, 2)
    few = queries(who.api(), address)
    more(cast, 48)
    assert queries(who.api(), address) == few
    assert len(who.api().get(address).json()["results"]) == 50
    assert few <= 16


def test_matches_have_no_totals_to_count_by(cast: Cast) -> None:
    more_matches(cast, 3)
    page = cast.reviewer.api().get(MATCHES, {"page_size": 2}).json()
    assert page.keys() == {"next", "previous", "results"}
    assert Match.objects.count() == 3
