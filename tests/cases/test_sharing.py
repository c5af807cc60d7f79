"""Sharing a case with another alliance: only with a guardian's consent, while it stands."""

import pytest
from django.db.models.functions import Now

from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case
from families.models import Alliance, Guardian, Membership, MembershipRole
from tests import factories
from tests.api.helpers import BASE, refused, upload
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db
CASES = f"{BASE}cases/"


def shared(cast: Cast, *, by: Person | None = None, case: Case | None = None) -> Case:
    """A case of no alliance that a guardian shares with the coordinator's."""
    found = case or factories.file_case(cast, status=CaseStatus.OPEN)
    answer = (
        (by or cast.guardian)
        .api()
        .post(
            f"{CASES}{found.pk}/consents/",
            {"purpose": "share", "alliance": str(cast.alliance.pk)},
        )
    )
    assert answer.status_code == 201, answer.json()
    return found


def sees(person: Person, case: Case) -> bool:
    listed = [row["id"] for row in person.api().get(CASES).json()["results"]]
    found = person.api().get(f"{CASES}{case.pk}/").status_code
    assert (str(case.pk) in listed) == (found == 200)
    return found == 200


def test_the_alliance_that_a_guardian_names_sees_the_case_and_no_other_does(cast: Cast) -> None:
    elsewhere = Alliance.objects.create(name="Elsewhere")
    Membership.objects.create(
        alliance=elsewhere, user_id=cast.other_guardian.user_id, role=MembershipRole.OWNER
    )
    Membership.objects.create(
        alliance=cast.alliance, user_id=cast.volunteer.user_id, role=MembershipRole.MEMBER
    )
    case = shared(cast)

    people = (cast.coordinator, cast.other_guardian, cast.volunteer, cast.anonymous)
    assert [sees(person, case) for person in people] == [True, False, False, False]


def test_a_shared_case_is_read_and_neither_changed_nor_are_its_contacts_told(cast: Cast) -> None:
    case = shared(cast)
    api, address = cast.coordinator.api(), f"{CASES}{case.pk}/"
    shown = api.get(address)
    assert shown.json()["child"]["full_name"] == "林小满"
    assert api.get(f"{address}photos/").status_code == 200

    refused(api.get(f"{address}guardians/"), 403, "forbidden")
    change = api.patch(address, {"story": "x"}, headers={"If-Match": shown["ETag"]})
    refused(change, 403, "forbidden")
    refused(api.post(f"{address}transitions/", {"to": "withdrawn"}), 403, "forbidden")
    photo = {"image": upload(factories.jpeg())}
    refused(api.post(f"{address}photos/", photo, format="multipart"), 403, "forbidden")
    refused(api.post(f"{address}timeline/", {"kind": "note", "note": "x"}), 403, "forbidden")
    refused(api.get(f"{address}matches/"), 404, "not_found")


def test_only_a_guardian_shares_and_names_an_alliance_that_exists(cast: Cast) -> None:
    case = factories.file_case(
        cast, status=CaseStatus.OPEN, case={"alliance": cast.alliance}, in_hand_of=[cast.reviewer]
    )
    consents = f"{CASES}{case.pk}/consents/"
    other = Alliance.objects.create(name="Elsewhere")
    body = {"purpose": "share", "alliance": str(other.pk)}
    for person in (cast.coordinator, cast.reviewer):
        refused(person.api().post(consents, body), 403, "forbidden")
    api = cast.guardian.api()
    wrong = (
        ({"purpose": "share"}, "required"),
        ({"purpose": "publish", "alliance": str(other.pk)}, "not_used"),
        ({"purpose": "share", "alliance": str(case.pk)}, "unknown_alliance"),
    )
    for sent, code in wrong:
        assert refused(api.post(consents, sent), 400, "invalid") == {"/alliance": code}


def test_consent_taken_back_ends_the_sharing_at_once(cast: Cast) -> None:
    case = shared(cast)
    [consent] = cast.guardian.api().get(f"{CASES}{case.pk}/consents/").json()["results"]
    assert consent["alliance"] == str(cast.alliance.pk)
    cast.guardian.api().delete(f"{CASES}{case.pk}/consents/{consent['id']}/")
    assert not sees(cast.coordinator, case)


def test_a_guardian_who_objects_holds_against_one_who_shares(cast: Cast) -> None:
    case = shared(cast)
    Guardian.objects.create(family=case.family, user=cast.other_guardian.user)
    [consent] = cast.other_guardian.api().get(f"{CASES}{case.pk}/consents/").json()["results"]
    cast.other_guardian.api().delete(f"{CASES}{case.pk}/consents/{consent['id']}/")

    shared(cast, case=case)
    assert not sees(cast.coordinator, case)
    shared(cast, by=cast.other_guardian, case=case)
    assert sees(cast.coordinator, case)


def test_the_sharing_ends_with_the_guardian_who_agreed_and_with_leading_the_alliance(
    cast: Cast,
) -> None:
    case = shared(cast)
    Membership.objects.filter(user=cast.coordinator.user).update(role=MembershipRole.MEMBER)
    assert not sees(cast.coordinator, case)
    Membership.objects.filter(user=cast.coordinator.user).update(role=MembershipRole.OWNER)
    assert sees(cast.coordinator, case)
    Guardian.objects.filter(family=case.family).update(ended_at=Now())
    assert not sees(cast.coordinator, case)
