"""The button pressed again before the first answer is there."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from searches.models import Sighting
from tests.pages import receipt_in


def send(key: str) -> str:
    try:
        response = Client().post("/sightings/new/", {"key": key, "description": "A boy, limping."})
        assert response.status_code == 201
        return receipt_in(response)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_taps_at_the_same_moment_make_one_sighting_and_all_get_its_code() -> None:
    key = str(uuid4())
    with ThreadPoolExecutor(4) as pool:
        codes = set(pool.map(send, [key] * 4))

    assert len(codes) == 1
    assert Sighting.objects.count() == 1
