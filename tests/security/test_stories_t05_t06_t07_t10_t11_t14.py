"""Abuse cases T5, T6, T7, T10, T11 and T14 of the threat model, each told as somebody tries it."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image
from pytest_django.fixtures import Settings

from casemgr.platform import reading_alarm, storage
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.audit import AuditEntry
from casemgr.platform.notify.models import Notice
from casemgr.platform.vocabularies import CaseStatus, PhotoStatus
from cases.models import Case
from searches.models import Sighting, SightingPhoto
from tests import factories
from tests.api.helpers import BASE, SIGHTINGS, nothing_of_a_sighting, upload
from tests.cast import Cast, Person
from tests.platform import hostile
from tests.platform.hostile import CANARY

pytestmark = pytest.mark.django_db
CASES = f"{BASE}cases/"


def sent(cast: Cast, data: bytes) -> Any:
    """A report of one photo, from nobody."""
    body = {"data": '{"kind": "street"}', "photos": [upload(data)]}
    return cast.anonymous.api().post(SIGHTINGS, body, format="multipart")


# --- T5 -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "data",
    [hostile.SVG, hostile.EPS, hostile.PDF, b"<html><script>alert(1)</script></html>"],
    ids=["SVG", "EPS", "PDF", "HTML"],
)
def test_a_page_that_calls_itself_a_photo_is_refused_and_nothing_of_it_stays(
    cast: Cast, data: bytes
) -> None:
    """T5: a drawing, a document or a page under the name of a photo."""
    answer = sent(cast, data)
    assert answer.status_code == 400
    assert "not_a_photo" in answer.content.decode()
    nothing_of_a_sighting()


def test_a_photo_that_is_a_page_too_is_served_as_pixels_and_nothing_else(cast: Cast) -> None:
    """T5: a ZIP and a script behind a JPEG open for nobody, under headers that run nothing."""
    hidden = hostile.zip_behind_jpeg() + b"<script>" + CANARY + b"</script>"
    factories.log_sighting(cast, by=cast.volunteer, photos=[hidden])
    factories.work_off()
    photo = SightingPhoto.objects.get()

    answer = cast.volunteer.browser().get(f"/media/sighting/{photo.pk}/public/")

    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Disposition"] == 'inline; filename="photo.jpg"'
    for word in (CANARY, b"PK\x03\x04", b"<script"):
        assert word not in answer.content
    assert Image.open(io.BytesIO(answer.content)).format == "JPEG"


# --- T6 -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "bomb",
    [
        hostile.png_bomb(9_460, 9_460),
        hostile.png_bomb(40_000, 40_000),
        hostile.jpeg_of_claimed_size(60_000, 60_000),
        hostile.animated("WEBP"),
    ],
    ids=["quiet", "wide", "claimed", "frames"],
)
def test_a_bomb_is_refused_at_the_door_and_the_next_report_is_worked_on(
    cast: Cast, bomb: bytes
) -> None:
    """T6: little that unpacks into much; whoever reports next is served as ever."""
    answer = sent(cast, bomb)
    assert answer.status_code == 400
    nothing_of_a_sighting()

    assert sent(cast, factories.jpeg()).status_code == 201
    factories.work_off()
    assert SightingPhoto.objects.get().status == PhotoStatus.READY


# --- T7 -----------------------------------------------------------------------------------------
def test_a_photo_does_not_tell_where_the_shelter_is(cast: Cast) -> None:
    """T7: the camera wrote a place; it is kept apart and told to nobody, in words or in bytes."""
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    received = factories.log_sighting(
        cast, by=cast.volunteer, photos=[hostile.jpeg_full_of_canaries()]
    )
    factories.work_off()
    photo = SightingPhoto.objects.get()
    assert photo.captured_latitude == pytest.approx(hostile.LATITUDE, abs=1e-3)
    match = factories.store_match(case, received.sighting)

    told: list[Any] = [
        cast.volunteer.api().get(f"{SIGHTINGS}{received.sighting.pk}/"),
        cast.volunteer.api().get(f"{SIGHTINGS}{received.sighting.pk}/photos/"),
        cast.anonymous.browser().post("/receipt/", {"code": received.receipt}),
        cast.reviewer.browser().get(f"/review/matches/{match.pk}/"),
        cast.reviewer.api().get(f"{BASE}matches/{match.pk}/"),
    ]
    said = b"".join(answer.content for answer in told)
    pictures = [photo.reviewer_file, photo.public_file, photo.thumb_file]
    for each in (said, *(storage.read(name) for name in pictures)):
        assert CANARY not in each
        assert f"{hostile.LATITUDE:.3f}".encode() not in each
        assert f"{hostile.LONGITUDE:.3f}".encode() not in each


# --- T10 ----------------------------------------------------------------------------------------
def test_an_id_from_another_alliance_opens_nothing_and_looks_like_no_id_at_all(cast: Cast) -> None:
    """T10: a coordinator tries the ids of others by every door, and reads what nobody's id says."""
    case = factories.file_case(
        cast, by=cast.other_guardian, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer]
    )
    sighting = factories.log_sighting(cast, by=cast.volunteer).sighting
    match = factories.store_match(case, sighting)
    before = Case.objects.filter(pk=case.pk).values().get()
    api = cast.coordinator.api()
    doors = {
        f"{CASES}{{}}/": case.pk,
        f"{CASES}{{}}/photos/": case.pk,
        f"{CASES}{{}}/timeline/": case.pk,
        f"{CASES}{{}}/consents/": case.pk,
        f"{CASES}{{}}/guardians/": case.pk,
        f"{CASES}{{}}/matches/": case.pk,
        f"{SIGHTINGS}{{}}/": sighting.pk,
        f"{SIGHTINGS}{{}}/photos/": sighting.pk,
        f"{BASE}matches/{{}}/": match.pk,
        f"{BASE}matches/{{}}/reviews/": match.pk,
    }
    for door, theirs in doors.items():
        for verb in ("get", "post", "patch", "delete", "put"):
            answers = [getattr(api, verb)(door.format(each), {}) for each in (theirs, uuid4())]
            assert answers[0].status_code == answers[1].status_code, (verb, door)
            assert answers[0].status_code in {403, 404, 405, 415}, (verb, door)
            assert answers[0].content == answers[1].content, (verb, door)
    assert Case.objects.filter(pk=case.pk).values().get() == before


# --- T11 ----------------------------------------------------------------------------------------
def test_a_field_that_nobody_offered_is_refused_and_changes_nothing(cast: Cast) -> None:
    """T11: every column of a case, a child and a sighting is sent on every write."""
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    shown = cast.guardian.api().get(f"{CASES}{case.pk}/")
    offered, version = set(shown.json()), {"If-Match": shown["ETag"]}
    columns = {each.name for each in Case._meta.get_fields()} - offered
    assert len(columns) > 15
    before = Case.objects.filter(pk=case.pk).values().get()
    api = cast.guardian.api()
    for name in sorted(columns):
        for value in ("1", True, None, str(uuid4())):
            answer = api.patch(f"{CASES}{case.pk}/", {name: value}, headers=version)
            assert answer.status_code == 400, name
    assert Case.objects.filter(pk=case.pk).values().get() == before

    hidden = {each.name for each in Sighting._meta.get_fields()} & {
        "receipt_digest", "reporter", "withdrawn_at", "matched_at", "revision", "matches", "tokens"
    }  # fmt: skip
    assert len(hidden) >= 5
    for name in hidden:
        answer = cast.anonymous.api().post(SIGHTINGS, {"kind": "street", name: "1"})
        assert answer.status_code == 400, name
    assert not Sighting.objects.exists()


def test_no_list_is_sorted_or_narrowed_by_what_it_does_not_show(cast: Cast) -> None:
    """T11: a filter or an order that nobody offered is refused, whatever it would have found."""
    factories.file_case(cast, public=True, child={"full_name": "林小满"})
    for api in (cast.anonymous.api(), cast.guardian.api(), cast.reviewer.api()):
        for query in (
            {"ordering": "child__full_name"},
            {"child__full_name__startswith": "林"},
            {"full_name": "林小满"},
            {"family__guardians__contact__phone": "1"},
            {"matches__weight_bits__gt": "10"},
            {"protection_flags__isnull": "false"},
        ):
            assert api.get(CASES, query).status_code == 400, query


def test_no_list_says_how_many_there_are(cast: Cast) -> None:
    for _ in range(3):
        factories.file_case(cast, public=True)
    for api in (cast.anonymous.api(), cast.guardian.api()):
        body = api.get(CASES, {"limit": "1"}).json()
        assert not {"count", "total", "pages"} & set(body), body.keys()


# --- T14 ----------------------------------------------------------------------------------------
def test_a_reviewer_who_browses_is_seen_by_the_officer_and_by_the_family(
    settings: Settings, cast: Cast
) -> None:
    """T14: without a case in hand there is nothing to see; with many, the officers are told."""
    settings.READS_ALARM = 4
    officer = Person(User.objects.create_user(email="officer@example.org"))
    RoleGrant.objects.create(user_id=officer.user_id, role=StaffRole.DATA_PROTECTION)
    cases = [factories.file_case(cast, status=CaseStatus.OPEN) for _ in range(4)]
    browser = cast.reviewer.browser()
    for case in cases:
        assert browser.get(f"/review/cases/{case.reference}/").status_code == 404
    for case in cases:
        browser.post("/review/take/", {"reference": case.reference})
        assert browser.get(f"/review/cases/{case.reference}/").status_code == 404
        browser.post("/review/take/", {"reference": case.reference, "why": "new"})
        assert browser.get(f"/review/cases/{case.reference}/").status_code == 200

    assert reading_alarm.watch() == 1

    assert Notice.objects.get(kind="many_reads").person_id == officer.user_id
    taken = AuditEntry.objects.filter(action="take_in_hand")
    assert {entry.user_id for entry in taken} >= {cast.reviewer.user_id}
    assert {entry.reason for entry in taken} == {"new"}
    page = officer.browser().get("/audit/", {"by": str(cast.reviewer.user_id)})
    for case in cases:
        assert str(case.pk).encode() in page.content


def test_nobody_carries_the_house_away_in_one_file(cast: Cast) -> None:
    """T14: the only copy that leaves is of the asker's own data, and it is data, not a program."""
    theirs = factories.file_case(cast, by=cast.other_guardian, in_hand_of=[cast.reviewer])
    factories.log_sighting(cast, by=cast.reviewer, description='=HYPERLINK("http://evil")')
    answer = cast.reviewer.browser().post("/account/data/", {"act": "copy"})

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["data.json"]
        data = json.loads(archive.read("data.json"))
    assert str(theirs.pk) not in json.dumps(data)
    assert data["sightings"][0]["description"].startswith("=HYPERLINK")
    assert AuditEntry.objects.filter(action="X").latest("pk").user_id == cast.reviewer.user_id
    assert AuditEntry.objects.latest("pk").at > timezone.now() - timedelta(minutes=5)
