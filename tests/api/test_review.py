"""The reviewers' side: matches of cases in hand, explained, and decided by two."""

from typing import Any
from uuid import uuid4

from casemgr.platform.vocabularies import CaseStatus
from tests import factories
from tests.api.helpers import BASE, SIGHTINGS, refused
from tests.cast import Cast

MATCHES = f"{BASE}matches/"
YES = {"decision": "accept", "reason": "The scar and the village agree."}


def matched(cast: Cast) -> Any:
    reviewers = [cast.reviewer, cast.second_reviewer]
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers)
    return factories.store_match(case, factories.log_sighting(cast).sighting)


def test_a_match_is_told_whole_to_the_reviewer_of_its_case(cast: Cast) -> None:
    match = matched(cast)
    api = cast.reviewer.api()
    body = api.get(f"{MATCHES}{match.pk}/").json()
    assert body == {
        "id": str(match.pk),
        "case": str(match.case_id),
        "sighting": str(match.sighting_id),
        "weight_bits": 14.0,
        "probability": 2 / 3,
        "band": "possible",
        "status": "proposed",
        "evidence": [
            {
                "comparison": "sex",
                "weight_bits": 14.0,
                "level": "same",
                "case_value": "female",
                "sighting_value": "female",
                "explanation": "Both are said to be a girl.",
            }
        ],
        "settling_question": None,
        "engine_version": match.engine_version,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    page = {"next": None, "previous": None, "results": [body]}
    assert api.get(MATCHES).json() == page
    assert api.get(f"{BASE}cases/{match.case_id}/matches/").json() == page
    assert api.get(f"{SIGHTINGS}{match.sighting_id}/matches/").json() == page
    assert api.get(f"{MATCHES}?band=strong").json()["results"] == []
    assert api.get(f"{MATCHES}?case={match.case_id}&status=proposed").json() == page
    sighting = api.get(f"{SIGHTINGS}{match.sighting_id}/")
    assert sighting.status_code == 200
    assert "contact" not in sighting.json()


def test_nobody_else_learns_that_there_are_matches(cast: Cast) -> None:
    match = matched(cast)
    addresses = [
        MATCHES,
        f"{MATCHES}{match.pk}/",
        f"{MATCHES}{match.pk}/reviews/",
        f"{BASE}cases/{match.case_id}/matches/",
        f"{SIGHTINGS}{match.sighting_id}/matches/",
    ]
    for address in addresses:
        refused(cast.anonymous.api().get(address), 401, "not_authenticated")
        for person in (cast.guardian, cast.volunteer, cast.coordinator):
            refused(person.api().get(address), 404, "not_found")
    without = cast.third_reviewer.api()
    assert without.get(MATCHES).json()["results"] == []
    absent = without.get(f"{MATCHES}{uuid4()}/")
    for address in addresses[1:]:
        answer = without.get(address)
        assert (answer.status_code, answer.content) == (404, absent.content)
    answer = without.post(addresses[2], YES)
    assert (answer.status_code, answer.content) == (404, absent.content)


def test_two_different_reviewers_make_a_lead(cast: Cast) -> None:
    match = matched(cast)
    reviews = f"{MATCHES}{match.pk}/reviews/"
    first = cast.reviewer.api().post(reviews, YES)
    assert first.status_code == 201
    assert first.json() == {
        "id": first.json()["id"],
        "reviewer": str(cast.reviewer.user_id),
        **YES,
        "created_at": first.json()["created_at"],
        "updated_at": first.json()["created_at"],
    }
    refused(cast.reviewer.api().post(reviews, YES), 409, "decided_by_you")
    assert cast.reviewer.api().get(f"{MATCHES}{match.pk}/").json()["status"] == "in_review"
    assert cast.second_reviewer.api().post(reviews, YES).status_code == 201
    assert cast.reviewer.api().get(f"{MATCHES}{match.pk}/").json()["status"] == "lead"
    assert len(cast.reviewer.api().get(reviews).json()["results"]) == 2


def test_a_decision_needs_a_reason(cast: Cast) -> None:
    match = matched(cast)
    reviews = f"{MATCHES}{match.pk}/reviews/"
    response = cast.reviewer.api().post(reviews, {"decision": "maybe"})
    assert refused(response, 400, "invalid") == {
        "/decision": "invalid_choice",
        "/reason": "required",
    }
    response = cast.reviewer.api().post(reviews, {"decision": "accept", "reason": " "})
    assert refused(response, 400, "invalid") == {"/reason": "required"}
