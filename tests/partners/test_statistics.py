"""Figures for programs: at the partners' level, and nothing without the scope."""

from typing import Any

import pytest

from casemgr.platform.access import SCOPES
from casemgr.platform.vocabularies import CaseStatus
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast

pytestmark = pytest.mark.django_db
STATISTICS = f"{BASE}statistics/"


def asked(cast: Cast, part: str = "", **query: str) -> Any:
    return cast.program.api("statistics:read").get(STATISTICS + part, query)


def cases_of(cast: Cast, sex: str, many: int) -> None:
    for _ in range(many):
        factories.file_case(cast, status=CaseStatus.SUBMITTED, child={"sex": sex})


def test_small_counts_are_withheld_from_partners_too(cast: Cast) -> None:
    cases_of(cast, "female", 6)
    cases_of(cast, "male", 2)
    body = asked(cast, by="sex").json()

    assert (body["level"], body["withheld_below"], body["total"]) == ("partner", 5, 8)
    # Six alone would tell the two.
    counts = {row["codes"][0]: row["count"] for row in body["rows"]}
    assert counts == {"female": None, "male": None}
    cases_of(cast, "male", 3)
    counts = {row["codes"][0]: row["count"] for row in asked(cast, by="sex").json()["rows"]}
    assert counts == {"female": 6, "male": 5}
    assert asked(cast, by="year,province").status_code == 200


def test_an_end_that_the_family_was_not_told_of_counts_as_open(cast: Cast) -> None:
    made = [factories.file_case(cast, status=CaseStatus.OPEN) for _ in range(6)]
    for case in made:
        factories.end_case(cast, case)

    def by_state() -> list[tuple[str, int | None]]:
        return [(row["codes"][0], row["count"]) for row in asked(cast, by="state").json()["rows"]]

    assert by_state() == [("open", 6)]
    for case in made:
        factories.tell_family(cast, case)
    assert by_state() == [("found", 6)]


def test_the_time_until_recovery_is_at_the_same_level(cast: Cast) -> None:
    assert asked(cast, "survival/").json() == {"level": "partner", "steps": []}


@pytest.mark.parametrize("part", ["", "survival/"])
def test_without_the_scope_a_program_reads_no_figures(cast: Cast, part: str) -> None:
    others = [scope for scope in SCOPES if scope != "statistics:read"]
    answer = cast.program.api(*others).get(STATISTICS + part)
    refused(answer, 403, "insufficient_scope")
    assert "statistics:read" in answer.json()["detail"]


def test_what_can_not_be_counted_is_refused_by_name(cast: Cast) -> None:
    assert refused(asked(cast, by="height"), 400, "invalid") == {"/height": "unknown_facet"}
    wrong = refused(asked(cast, colour="red"), 400, "unknown_parameter")
    assert wrong
