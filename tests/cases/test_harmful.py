"""Images that nobody may see again: sealed at once, out of matching, and kept out."""

import io
from typing import Any

import pytest

from casemgr.demo import portraits
from casemgr.platform.audit import AuditEntry
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.vocabularies import CaseStatus
from cases import harmful, services
from cases.models import CaseFace, CasePhoto, HarmfulImage
from searches.models import SightingFace, SightingPhoto
from tests import factories
from tests.api.helpers import BASE, receipt_header, refused
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db
SIZES = ("thumb", "public", "reviewer")
WHY = {"reason": "must not be seen"}


def drawn(number: int = 0) -> bytes:
    """A drawn portrait as a JPEG, with a face that the engine finds."""
    picture = portraits.draw(portraits.identity(number), 1, age_years=8)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def sent(cast: Cast, data: bytes, *, by: Person | None = None) -> tuple[SightingPhoto, str]:
    """A developed photo of a sighting that may be of a case in the reviewer's hand; its receipt."""
    received = factories.log_sighting(cast, by=by, photos=[data])
    factories.work_off("searches.develop_photo")
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    factories.store_match(case, received.sighting)
    return received.sighting.photos.get(), received.receipt


def bytes_served(person: Person, photo: SightingPhoto | CasePhoto, kind: str) -> list[int]:
    browser = person.browser()
    return [browser.get(f"/media/{kind}/{photo.pk}/{size}/").status_code for size in SIZES]


def test_a_reviewer_seals_a_sightings_photo_for_good(cast: Cast) -> None:
    photo, _receipt = sent(cast, factories.jpeg(7))
    before = factories.stored_files()
    assert bytes_served(cast.reviewer, photo, "sighting") == [200, 200, 200]
    address = f"{BASE}sightings/{photo.sighting_id}/photos/{photo.pk}/harmful/"

    answer = cast.reviewer.api().post(address, WHY)
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert answer.json()["advice"] == "We can't use this picture."
    assert bytes_served(cast.reviewer, photo, "sighting") == [404, 404, 404]
    photo.refresh_from_db()
    assert (photo.phash, photo.reviewer_file, photo.public_file, photo.thumb_file) == (
        None,
        "",
        "",
        "",
    )
    assert photo.original in before
    sealed = HarmfulImage.objects.get()
    assert (sealed.sha256, sealed.reason) == (photo.original_sha256, "must not be seen")


def test_the_files_go_when_the_sealing_commits_and_the_original_stays_for_the_police(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    photo, _receipt = sent(cast, factories.jpeg(7))
    with django_capture_on_commit_callbacks(execute=True):
        cast.reviewer.api().post(
            f"{BASE}sightings/{photo.sighting_id}/photos/{photo.pk}/harmful/", WHY
        )
    assert factories.stored_files() == [photo.original]


def test_the_reporter_seals_their_own_by_account_or_receipt_and_strangers_nothing(
    cast: Cast,
) -> None:
    photo, receipt = sent(cast, factories.jpeg(7))
    address = f"{BASE}sightings/{photo.sighting_id}/photos/{photo.pk}/harmful/"
    for stranger in (cast.volunteer, cast.guardian, cast.coordinator, cast.second_reviewer):
        refused(stranger.api().post(address, WHY), 404, "not_found")
    refused(cast.anonymous.api().post(address, WHY), 401, "not_authenticated")
    assert not HarmfulImage.objects.exists()

    mine = receipt_header(receipt)
    assert cast.anonymous.api().post(address, WHY, headers=mine).status_code == 200
    assert HarmfulImage.objects.get().marked_by is None


def test_to_its_sender_a_photo_that_a_reviewer_sealed_reads_as_before(cast: Cast) -> None:
    photo, receipt = sent(cast, factories.jpeg(7))
    api, mine = cast.anonymous.api(), receipt_header(receipt)
    own = f"{BASE}sightings/{photo.sighting_id}/photos/"

    def told() -> list[Any]:
        answers = [api.get(address, headers=mine) for address in (own, f"{own}{photo.pk}/")]
        return [(answer.content, answer.get("ETag")) for answer in answers]

    before = told()
    cast.reviewer.api().post(f"{own}{photo.pk}/harmful/", WHY)
    assert told() == before


@pytest.mark.slow
def test_a_sealed_photo_is_out_of_matching(cast: Cast) -> None:
    photo, _receipt = sent(cast, drawn())
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    own = services.add_photo(actor=cast.guardian.actor, case=case, data=drawn(1))
    factories.work_off("cases.develop_photo")
    assert (SightingFace.objects.count(), CaseFace.objects.count()) == (1, 1)

    cast.reviewer.api().post(f"{BASE}sightings/{photo.sighting_id}/photos/{photo.pk}/harmful/", WHY)
    harmful.mark_case_photo(actor=cast.reviewer.actor, photo=own, reason="the same")
    assert (SightingFace.objects.count(), CaseFace.objects.count()) == (0, 0)
    assert not CasePhoto.objects.filter(phash__isnull=False).exists()
    assert not SightingPhoto.objects.filter(phash__isnull=False).exists()


def test_a_sealed_case_photo_leaves_the_card_at_once(cast: Cast) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    photo = services.add_photo(
        actor=cast.guardian.actor, case=case, data=factories.jpeg(7), consent_public=True
    )
    factories.work_off("cases.develop_photo")
    CasePhoto.objects.update(ever_public=True)
    card = f"{BASE}cases/{case.pk}/"
    assert len(cast.anonymous.api().get(card).json()["photos"]) == 1

    for stranger in (cast.volunteer, cast.other_guardian, cast.second_reviewer):
        answer = stranger.api().post(f"{card}photos/{photo.pk}/harmful/", WHY)
        refused(answer, 404, "not_found")
    assert cast.reviewer.api().post(f"{card}photos/{photo.pk}/harmful/", WHY).status_code == 200
    assert cast.anonymous.api().get(card).json()["photos"] == []
    assert bytes_served(cast.guardian, photo, "case") == [404, 404, 404]


def test_the_same_file_sent_again_is_never_developed_and_that_is_written_down(
    cast: Cast,
) -> None:
    photo, _receipt = sent(cast, factories.jpeg(7))
    cast.reviewer.api().post(f"{BASE}sightings/{photo.sighting_id}/photos/{photo.pk}/harmful/", WHY)

    again = factories.log_sighting(cast, by=cast.volunteer, photos=[factories.jpeg(7)])
    factories.work_off()
    copy = again.sighting.photos.get()
    assert (copy.status, copy.refused_code, copy.width) == ("rejected", "not_accepted", None)
    told = cast.volunteer.api().get(f"{BASE}sightings/{again.sighting.pk}/photos/{copy.pk}/")
    assert told.json()["advice"] == "We can't use this picture."
    assert AuditEntry.objects.filter(action="harmful_again").count() == 1
    assert HarmfulImage.objects.filter(sha256=photo.original_sha256).count() == 2


def test_the_same_picture_in_another_file_is_kept_out_of_cases_too(cast: Cast) -> None:
    photo, _receipt = sent(cast, factories.jpeg(7))
    cast.reviewer.api().post(f"{BASE}sightings/{photo.sighting_id}/photos/{photo.pk}/harmful/", WHY)
    case = factories.file_case(cast)
    own = services.add_photo(
        actor=cast.guardian.actor, case=case, data=factories.jpeg(7, quality=60)
    )
    other = services.add_photo(actor=cast.guardian.actor, case=case, data=factories.jpeg(8))
    factories.work_off()

    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.status, own.refused_code) == ("rejected", "not_accepted")
    assert other.status == "ready"


def test_a_photo_sealed_before_it_was_developed_stays_sealed(cast: Cast) -> None:
    received = factories.log_sighting(cast, by=cast.volunteer, photos=[factories.jpeg(7)])
    photo = received.sighting.photos.get()
    answer = cast.volunteer.api().post(
        f"{BASE}sightings/{received.sighting.pk}/photos/{photo.pk}/harmful/", WHY
    )
    assert answer.json()["status"] == "rejected"
    factories.work_off()
    photo.refresh_from_db()
    assert (photo.status, photo.reviewer_file) == ("rejected", "")


def test_the_hand_over_to_the_police_is_recorded_once_by_a_reviewer(cast: Cast) -> None:
    photo, _receipt = sent(cast, factories.jpeg(7))
    cast.reviewer.api().post(f"{BASE}sightings/{photo.sighting_id}/photos/{photo.pk}/harmful/", WHY)
    image = HarmfulImage.objects.get()

    def hand_over(person: Person, reference: str = "P-77") -> None:
        harmful.record_hand_over(actor=person.actor, image=image, police_reference=reference)

    for stranger in (cast.guardian, cast.volunteer, cast.coordinator):
        with pytest.raises(Forbidden):
            hand_over(stranger)
    with pytest.raises(Invalid):
        hand_over(cast.reviewer, " ")
    hand_over(cast.reviewer)
    with pytest.raises(Conflict):
        hand_over(cast.second_reviewer)
    image.refresh_from_db()
    assert (image.handed_over_by, image.police_reference) == (cast.reviewer.user, "P-77")
