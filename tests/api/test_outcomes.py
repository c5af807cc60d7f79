"""Outcomes by the API: reviewers take a case to its end, the family reads one word."""

from typing import Any

import pytest

from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db


def at(case: Case, part: str = "") -> str:
    return f"{BASE}cases/{case.pk}/outcome/{part}"


def step(person: Person, case: Case, name: str, **given: Any) -> Any:
    return person.api().post(at(case, "steps/"), {"step": name, **given})


@pytest.fixture
def case(cast: Cast) -> Case:
    hands = [cast.reviewer, cast.second_reviewer]
    return factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=hands)


def test_a_case_goes_from_a_lead_to_its_end_and_back_by_the_api(cast: Cast, case: Case) -> None:
    first, second = cast.reviewer, cast.second_reviewer
    assert first.api().get(at(case)).json() == {"status": "open"}
    steps: dict[str, dict[str, Any]] = {
        "informed": {"authority": "Kunming, KM-7"},
        "located": {"place": "Linyi"},
        "identity": {"identity_established_by": ["dna", "police"], "identity_who": "laboratory"},
        "wishes": {"child_wish": "wants", "child_words": "yes"},
    }
    for name, given in steps.items():
        assert step(first, case, name, **given).status_code == 201
    proposal = {"kind": "located_in_care", "occurred_at": "2020-03-02", "obstacle": "no_funds"}
    made = first.api().post(at(case), proposal)
    assert made.status_code == 201
    refused(step(first, case, "confirmed"), 409, "second_person_needed")
    ended = step(second, case, "confirmed")
    assert ended.status_code == 201
    body = ended.json()
    assert (body["status"], body["kind"], body["place"]) == ("closed", "located_in_care", "Linyi")
    assert body["identity_established_by"] == ["dna", "police"]
    assert [each["kind"] for each in body["steps"]] == [
        "informed",
        "located",
        "identity",
        "wishes",
        "proposed",
        "confirmed",
    ]
    assert cast.guardian.api().get(at(case)).json() == {"status": "open"}
    undone = second.api().post(at(case, "undo/"), {"reason": "not her"})
    assert undone.json() == {"touched": ["status", "searched", "partners", "words"]}


@pytest.mark.parametrize("who", ["guardian", "coordinator", "other_guardian", "third_reviewer"])
def test_nobody_else_reads_or_takes_a_step(cast: Cast, case: Case, who: str) -> None:
    step(cast.reviewer, case, "informed", authority="police")
    person: Person = getattr(cast, who)
    refused(step(person, case, "located", place="here"), 404, "not_found")
    refused(person.api().post(at(case), {"kind": "false_report"}), 404, "not_found")
    refused(person.api().post(at(case, "undo/"), {"reason": "because"}), 404, "not_found")
    if who == "guardian":
        assert person.api().get(at(case)).json() == {"status": "open"}
    else:
        refused(person.api().get(at(case)), 404, "not_found")
    assert cast.anonymous.api().get(at(case)).status_code == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"step": "proposed"}, "/step"),
        ({"step": "informed", "authority": "x" * 4_001}, "/authority"),
        ({"step": "informed", "authority": " "}, "/authority"),
        ({"step": "informed", "authority": 7, "wings": 2}, "/wings"),
        ({"step": "identity", "identity_established_by": ["horoscope"]}, None),
        ({"step": "identity", "identity_established_by": ["dna"] * 9}, "/identity_established_by"),
        ({"step": "wishes"}, "/child_wish"),
        ({}, "/step"),
    ],
)
def test_a_step_that_can_not_be_is_refused_by_field(
    cast: Cast, case: Case, body: dict[str, Any], pointer: str | None
) -> None:
    wrong = refused(cast.reviewer.api().post(at(case, "steps/"), body), 400, "invalid")
    assert pointer is None or pointer in wrong


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "vanished"},
        {"kind": "false_report", "occurred_at": {"earliest": "yesterday"}},
        {"kind": "merged", "merged_into": "00000000-0000-4000-8000-000000000000"},
        {"kind": "false_report", "place": "here"},
        {"kind": "false_report", "occurred_at": "2001-01-01"},
    ],
)
def test_an_outcome_that_can_not_be_is_refused(
    cast: Cast, case: Case, body: dict[str, Any]
) -> None:
    refused(cast.reviewer.api().post(at(case), body), 400, "invalid")


def test_a_step_sent_twice_with_one_key_is_taken_once(cast: Cast, case: Case) -> None:
    from cases.models import OutcomeStep

    key = {"Idempotency-Key": "5a0c1c1e-7d7c-4f44-8a80-6a6f2f4f7a11"}
    body = {"step": "informed", "authority": "police"}
    api = cast.reviewer.api()
    answers = [api.post(at(case, "steps/"), body, headers=key) for _ in "ab"]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert OutcomeStep.objects.count() == 1
