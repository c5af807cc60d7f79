"""Who gets the bytes of a photo: asked each time, and never an original."""

from collections.abc import Mapping

import pytest

from casemgr.platform.audit import AuditEntry
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from cases import services as case_services
from cases.models import CasePhoto, ConsentPurpose
from searches.models import SightingPhoto
from tests.cast import Cast, Person
from tests.factories import file_case, jpeg, log_sighting, store_match, work_off

pytestmark = pytest.mark.django_db
SIZES = ("thumb", "public", "reviewer")


def case_photo(cast: Cast, *, ticked: bool, in_hand_of: Person | None = None) -> CasePhoto:
    """A developed photo of a case whose card is up."""
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[in_hand_of] if in_hand_of else [])
    guardian = cast.guardian.actor
    photo = case_services.add_photo(actor=guardian, case=case, data=jpeg(3), consent_public=ticked)
    work_off("cases.develop_photo")
    case_services.give_consent(actor=guardian, case=case, purpose=ConsentPurpose.PUBLISH)
    for person in cast.desk:
        lifecycle.approve_publication(actor=person.actor, case=case)
    photo.refresh_from_db()
    return photo


def statuses(person: Person, kind: str, photo: CasePhoto | SightingPhoto) -> Mapping[str, int]:
    browser = person.browser()
    return {size: browser.get(f"/media/{kind}/{photo.pk}/{size}/").status_code for size in SIZES}


def test_a_ticked_photo_is_everybodys_while_the_card_is_up(cast: Cast) -> None:
    photo = case_photo(cast, ticked=True)

    assert statuses(cast.anonymous, "case", photo) == {
        "thumb": 200,
        "public": 200,
        "reviewer": 404,
    }
    response = cast.anonymous.browser().get(f"/media/case/{photo.pk}/public/")
    assert response.content.startswith(b"\xff\xd8\xff")
    assert {name: response.headers[name] for name in HEADERS} == HEADERS


HEADERS = {
    "Cache-Control": "public, max-age=60",
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Type": "image/jpeg",
    "X-Content-Type-Options": "nosniff",
}


def test_a_photo_leaves_the_public_with_its_card(cast: Cast) -> None:
    photo = case_photo(cast, ticked=True)
    lifecycle.transition(actor=cast.desk[0].actor, case=photo.case, to=CaseStatus.LOCATED)

    assert set(statuses(cast.anonymous, "case", photo).values()) == {404}


def test_a_photo_that_was_not_ticked_is_for_those_who_may_see_the_case(cast: Cast) -> None:
    photo = case_photo(cast, ticked=False, in_hand_of=cast.reviewer)

    nobody = dict.fromkeys(SIZES, 404)
    assert statuses(cast.anonymous, "case", photo) == nobody
    assert statuses(cast.volunteer, "case", photo) == nobody
    assert statuses(cast.other_guardian, "case", photo) == nobody
    assert statuses(cast.second_reviewer, "case", photo) == nobody
    assert statuses(cast.guardian, "case", photo) == nobody | {"thumb": 200, "public": 200}
    assert statuses(cast.reviewer, "case", photo) == dict.fromkeys(SIZES, 200)


def test_a_street_photo_is_for_reviewers_of_a_matching_case_and_each_look_is_written_down(
    cast: Cast,
) -> None:
    sighting = log_sighting(cast, photos=[jpeg(5)]).sighting
    work_off("searches.develop_photo")
    photo = sighting.photos.get()
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    store_match(case, sighting)

    nobody = dict.fromkeys(SIZES, 404)
    assert statuses(cast.anonymous, "sighting", photo) == nobody
    assert statuses(cast.guardian, "sighting", photo) == nobody
    assert statuses(cast.second_reviewer, "sighting", photo) == nobody
    assert not AuditEntry.objects.about(photo.pk).filter(action="R").exists()

    response = cast.reviewer.browser().get(f"/media/sighting/{photo.pk}/reviewer/")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    looks = AuditEntry.objects.about(photo.pk).filter(action="R")
    assert [look.user_id for look in looks] == [cast.reviewer.actor.user_id]


def test_originals_and_unfinished_photos_have_no_bytes_to_give(cast: Cast) -> None:
    case = file_case(cast, in_hand_of=[])
    photo = case_services.add_photo(actor=cast.guardian.actor, case=case, data=jpeg(4))
    browser = cast.guardian.browser()

    for size in (*SIZES, "original", "../original"):
        assert browser.get(f"/media/case/{photo.pk}/{size}/").status_code == 404
