"""What programs do with sightings: send them, read back their organisation's, add photos."""

import pytest

from searches.models import Sighting, SightingPhoto
from tests import factories
from tests.api.helpers import BASE, RECEIPT, SIGHTINGS, receipt_header, refused, upload
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NEW = {
    "kind": "street",
    "description": "A girl selling flowers.",
    "contact": {"name": "Fay", "phone": "+86 10 0000 0000"},
    "external_ids": [{"system": "lighthouse", "id": "S-1"}],
}


def test_a_sighting_is_its_organisations_and_its_receipt_changes_it(cast: Cast) -> None:
    answer = cast.program.api("sightings:write").post(SIGHTINGS, NEW)
    assert set(answer.json()) == {"id", "receipt"}
    sighting = Sighting.objects.get()
    assert (sighting.partner, sighting.reporter) == (cast.partner, None)
    where = f"{SIGHTINGS}{sighting.pk}/"
    reader = cast.program.api("sightings:read")

    seen = reader.get(where)
    assert seen.json()["description"] == "A girl selling flowers."
    assert "Fay" not in seen.content.decode()
    assert [row["id"] for row in reader.get(SIGHTINGS).json()["results"]] == [str(sighting.pk)]
    asked = reader.get(f"{SIGHTINGS}?external_ids=lighthouse:S-1").json()["results"]
    assert [row["id"] for row in asked] == [str(sighting.pk)]
    sent = {"If-Match": seen["ETag"]}
    refused(cast.program.api().patch(where, {"vehicle": "van"}, headers=sent), 404, "not_found")
    mine = receipt_header(answer.json()["receipt"])
    changed = cast.anonymous.api().patch(RECEIPT, {"vehicle": "van"}, headers={**mine, **sent})
    assert changed.status_code == 200


def test_others_sightings_are_not_there_whatever_the_scopes(cast: Cast) -> None:
    factories.log_sighting(cast)
    cast.other_program.api().post(SIGHTINGS, NEW)
    api = cast.program.api()

    assert api.get(SIGHTINGS).json()["results"] == []
    assert api.get(f"{SIGHTINGS}?external_ids=lighthouse:S-1").json()["results"] == []
    for sighting in Sighting.objects.all():
        where = f"{SIGHTINGS}{sighting.pk}/"
        refused(api.get(where), 404, "not_found")
        body = {"image": upload(factories.jpeg())}
        refused(api.post(f"{where}photos/", body, format="multipart"), 404, "not_found")
        refused(api.get(f"{where}matches/"), 404, "not_found")


def test_the_scope_to_write_adds_photos_and_reads_nothing(cast: Cast) -> None:
    api = cast.program.api("sightings:write")
    made = api.post(SIGHTINGS, NEW).json()
    where = f"{SIGHTINGS}{made['id']}/photos/"

    sent = api.post(where, {"image": upload(factories.jpeg())}, format="multipart")
    assert sent.status_code == 201
    assert SightingPhoto.objects.get().sighting_id == Sighting.objects.get().pk
    refused(api.get(where), 403, "insufficient_scope")
    refused(api.get(SIGHTINGS), 403, "insufficient_scope")
    harmful = f"{where}{sent.json()['id']}/harmful/"
    refused(cast.program.api().post(harmful, {"reason": "x"}), 404, "not_found")


def test_the_same_external_id_is_never_given_twice_by_one_organisation(cast: Cast) -> None:
    api = cast.program.api()
    assert api.post(SIGHTINGS, NEW).status_code == 201

    refused(api.post(SIGHTINGS, NEW), 409, "external_id_taken")
    assert Sighting.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["matches/", "cases/{case}/matches/", "sightings/{id}/matches/"]
)
def test_a_program_never_reads_a_match(cast: Cast, address: str) -> None:
    api = cast.program.api()
    case = api.post(f"{BASE}cases/", {"missing_at": "2011"}).json()["id"]
    sighting = api.post(SIGHTINGS, NEW).json()["id"]

    refused(api.get(BASE + address.format(case=case, id=sighting)), 404, "not_found")
