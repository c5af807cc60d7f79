"""No oracle: whether a match exists or not, a reporter is answered the same."""

import re
from typing import Any

from casemgr.platform.vocabularies import CaseStatus
from searches.models import Match
from tests import factories
from tests.api.helpers import RECEIPT, SIGHTINGS, receipt_header
from tests.cast import Cast

FACTS: dict[str, Any] = {
    "kind": "seeker",
    "sex": "female",
    "name_heard": "林小满",
    "birth_date": "2006-05-21",
    "separated_at": "summer 2011",
    "separated_from": {"text": "by the west gate market", "division_code": "530112"},
    "marks": [{"kind": "birthmark", "body_part": "shoulder", "side": "left", "text": "red, round"}],
    "memories": "A market by the west gate, lanterns.",
}
VARIES = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9]{6}(-[a-z0-9]{6}){2}"
    r"|\d{4}-\d\d-\d\dT[\d:.]+Z"
)


def blurred(response: Any) -> tuple[int, str, dict[str, str]]:
    """An answer without ids, receipts and moments."""
    headers = {
        name: value
        for name, value in response.items()
        if name not in {"X-Request-Id", "ETag", "Content-Security-Policy"}
    }
    return response.status_code, VARIES.sub("*", response.content.decode()), headers


def told(cast: Cast) -> tuple[list[Any], Any]:
    """All that the reporter is answered, before and after matching and review."""
    api = cast.anonymous.api()
    answers = [api.post(SIGHTINGS, FACTS)]
    received = answers[0].json()
    mine = receipt_header(received["receipt"])

    def ask() -> list[Any]:
        own = f"{SIGHTINGS}{received['id']}/"
        return [
            api.get(address, headers=mine)
            for address in (RECEIPT, own, SIGHTINGS, f"{own}photos/", f"{own}matches/")
        ]

    before = ask()
    factories.work_off()
    for match in Match.objects.filter(sighting=received["id"]):
        for reviewer in (cast.reviewer, cast.second_reviewer):
            reviewer.api().post(
                f"/api/v1/matches/{match.pk}/reviews/",
                {"decision": "accept", "reason": "It all fits."},
            )
    after = ask()
    assert [answer.content for answer in before] == [answer.content for answer in after]
    assert [answer.get("ETag") for answer in before] == [answer.get("ETag") for answer in after]
    return [blurred(answer) for answer in (*answers, *before, *after)], received["id"]


def test_a_reporter_cannot_tell_whether_the_child_is_on_file(cast: Cast) -> None:
    without, sighting = told(cast)
    assert not Match.objects.filter(sighting=sighting).exists()
    factories.file_case(
        cast,
        status=CaseStatus.OPEN,
        marks=[{**FACTS["marks"][0], "public": False}],
        in_hand_of=[cast.reviewer, cast.second_reviewer],
    )
    # Of reports that say the same, a case that opens afterwards is held against the first alone.
    factories.work_off()
    with_match, sighting = told(cast)
    assert Match.objects.get(sighting=sighting).status == "lead"
    assert with_match == without


def test_a_guardian_cannot_tell_whether_there_is_a_match(cast: Cast) -> None:
    case = factories.file_case(
        cast,
        public=True,
        marks=[{**FACTS["marks"][0], "public": False}],
        in_hand_of=[cast.reviewer, cast.second_reviewer],
    )
    api, outside = cast.guardian.api(), cast.anonymous.api()
    parts = ("", "photos/", "timeline/", "consents/", "guardians/", "matches/")

    def ask() -> list[Any]:
        address = f"/api/v1/cases/{case.pk}/"
        answers = [api.get(f"{address}{part}") for part in parts]
        answers += [api.get("/api/v1/cases/"), outside.get(address), outside.get("/api/v1/cases/")]
        return [(answer.status_code, answer.content, answer.get("ETag")) for answer in answers]

    before = ask()
    told(cast)
    assert Match.objects.get(case=case).status == "lead"
    assert ask() == before
