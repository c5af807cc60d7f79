"""A program that sends one thing from fifty threads at once makes it once."""

import os
from typing import Any, Final
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from cases.models import Case, OutcomeProposal
from tests.api.helpers import BASE
from tests.cast import Cast
from tests.security.test_stories_t03_t04_t15_t16 import together

THREADS: Final = 50
TRIALS: Final = int(os.environ.get("RACE_TRIALS", "2"))


def race(address: str, token: str, body: dict[str, Any]) -> bytes:
    """Send `body` from all threads under one key; the one answer that those got who were heard."""
    headers = {"Idempotency-Key": str(uuid4()), "Authorization": f"Bearer {token}"}

    def send(_number: int) -> tuple[int, bytes]:
        response = APIClient().post(address, body, format="json", headers=headers)
        return response.status_code, response.content

    answers = together(THREADS, send)
    status, later = send(0)
    assert status == 201
    assert {status for status, _content in answers} <= {201, 409}
    assert {content for status, content in answers if status == 201} <= {later}
    return later


@pytest.mark.django_db(transaction=True)
def test_a_program_that_sends_a_case_from_fifty_threads_files_one(cast: Cast) -> None:
    token = cast.program.token("cases:write")
    for trial in range(TRIALS):
        body = {"child": {"sex": "female", "full_name": "林小满"}, "story": f"trial {trial}"}
        race(f"{BASE}cases/", token, body)
        assert Case.objects.count() == trial + 1


@pytest.mark.django_db(transaction=True)
def test_a_proposal_from_fifty_threads_is_received_once(cast: Cast) -> None:
    facts = {"child": {"sex": "female", "full_name": "林小满"}, "missing_at": "2011"}
    where = f"{BASE}cases/{cast.program.api().post(f'{BASE}cases/', facts).json()['id']}/"
    cast.program.api().post(f"{where}transitions/", {"to": "submitted"})
    for trial in range(TRIALS):
        token = cast.program.token("outcomes:propose")
        race(f"{where}outcome/", token, {"kind": "reunited", "note": f"trial {trial}"})
        assert OutcomeProposal.objects.count() == trial + 1
