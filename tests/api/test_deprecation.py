"""What will be removed says so, in every answer and in the schema, six months before."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from drf_spectacular.generators import SchemaGenerator

from casemgr.platform.rest.deprecation import NOTICE, Deprecated
from searches.api import SightingViewSet
from tests.api.helpers import BASE, SIGHTINGS, refused
from tests.cast import Cast

SINCE = datetime(2027, 1, 1, tzinfo=UTC)
GOING = Deprecated(SINCE, SINCE + NOTICE, "https://homeward.example/docs/instead")


@pytest.fixture
def going(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of sightings is to be removed; nothing else."""
    monkeypatch.setattr(SightingViewSet, "deprecated", {"list": GOING})


def test_answers_and_refusals_of_what_will_go_say_since_when_and_until(
    cast: Cast, going: None
) -> None:
    api = cast.volunteer.api()
    answer, refusal = api.get(SIGHTINGS), api.get(SIGHTINGS, {"colour": "red"})

    assert answer.status_code == 200
    refused(refusal, 400, "unknown_parameter")
    for response in (answer, refusal):
        assert response["Deprecation"] == f"@{int(SINCE.timestamp())}"
        assert parsedate_to_datetime(response["Sunset"]) == SINCE + NOTICE
        assert response["Link"] == '<https://homeward.example/docs/instead>; rel="deprecation"'


def test_what_stays_says_nothing(cast: Cast, going: None) -> None:
    api = cast.volunteer.api()
    made = api.post(SIGHTINGS, {"kind": "street", "description": "a girl"})

    for response in (made, api.get(f"{SIGHTINGS}{made.json()['id']}/"), api.get(f"{BASE}cases/")):
        assert response.status_code in (200, 201)
        assert not {"Deprecation", "Sunset", "Link"} & set(response.headers)


def test_the_schema_marks_what_will_go(going: None) -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]  # type: ignore[no-untyped-call]
    marked = [
        (path, verb)
        for path, verbs in paths.items()
        for verb, operation in verbs.items()
        if operation.get("deprecated")
    ]
    assert marked == [("/api/v1/sightings/", "get")]


def test_less_notice_than_was_promised_is_no_notice() -> None:
    with pytest.raises(ValueError, match="six months"):
        Deprecated(SINCE, SINCE + NOTICE - timedelta(days=1), "https://homeward.example/")
