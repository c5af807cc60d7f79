"""That the searches which find whom to judge can be answered by their indexes."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgr.platform import faces
from searches import candidates
from searches.matching.types import FacePrint

pytestmark = pytest.mark.django_db
CASES = ("cases_caseface", "cases_casephoto", "case_id")
SIGHTINGS = ("searches_sightingface", "searches_sightingphoto", "sighting_id")


def plan_of(seen: CaptureQueriesContext) -> str:
    """How PostgreSQL would answer the last query, were the tables too large to be read whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {seen.captured_queries[-1]['sql']}")
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("tables", "index"), [(CASES, "case_face_dlib"), (SIGHTINGS, "sighting_face_dlib")]
)
def test_faces_are_found_by_their_index(tables: tuple[str, str, str], index: str) -> None:
    engine = faces.engine()
    vector = np.full(engine.dimension, 0.1, dtype=np.float32)
    face = FacePrint(engine=engine.name, vector=vector, taken=None, quality="good")
    with CaptureQueriesContext(connection) as seen:
        assert candidates.by_face(*tables, face) == set()
    assert f"using {index}" in plan_of(seen)


@pytest.mark.parametrize(
    ("tables", "index"), [(CASES, "case_photo_phash"), (SIGHTINGS, "sighting_photo_phash")]
)
def test_pictures_are_found_by_their_index(tables: tuple[str, str, str], index: str) -> None:
    with CaptureQueriesContext(connection) as seen:
        assert candidates.by_picture(*tables[1:], phash=5) == set()
    assert f"using {index}" in plan_of(seen).lower()
