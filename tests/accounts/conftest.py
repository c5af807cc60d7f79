"""Answers of pages that take the same time for everybody are not waited for here."""

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def _no_waiting(settings: Settings) -> None:
    settings.EVEN_ANSWER_SECONDS = 0.0
