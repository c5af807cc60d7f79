"""What programs do with cases: their own organisation's, and those shared with it, by scope."""

from typing import Any

import pytest

from casemgr.platform.audit import AuditEntry
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from cases.models import (
    Case,
    CaseLink,
    CasePhoto,
    Consent,
    ConsentPurpose,
    Objection,
    TakeReason,
)
from cases.services import give_consent, take_in_hand
from families.models import Contact, Guardian
from tests import factories
from tests.api.helpers import BASE, refused, upload
from tests.cast import Cast

pytestmark = pytest.mark.django_db
CASES = f"{BASE}cases/"
NEW = {
    "public_name": "Xiaoman",
    "child": {"sex": "female", "full_name": "林小满", "marks": [{"kind": "scar"}]},
    "missing_at": "summer 2011",
    "external_ids": [{"system": "lighthouse", "id": "L-1"}],
}


def filed(cast: Cast, **changes: Any) -> Case:
    answer = cast.program.api().post(CASES, {**NEW, **changes})
    assert answer.status_code == 201, answer.json()
    return Case.objects.get(pk=answer.json()["id"])


def shared(cast: Cast) -> Case:
    case = factories.file_case(cast)
    give_consent(
        actor=cast.guardian.actor,
        case=case,
        purpose=ConsentPurpose.SHARE,
        partner=cast.partner,
    )
    return case


def test_a_program_files_a_case_for_its_organisation_and_for_no_guardian(cast: Cast) -> None:
    case = filed(cast)

    assert (case.partner, case.status) == (cast.partner, CaseStatus.DRAFT)
    assert case.family.guardians.count() == 0
    entry = AuditEntry.objects.get(action="C", subject_type="case")
    assert (entry.user_id, entry.subject_ids) == (cast.program.client.pk, [case.pk])
    seen = cast.program.api("cases:read").get(f"{CASES}{case.pk}/").json()
    assert seen["child"]["full_name"] == "林小满"


def test_without_the_scope_to_read_only_that_it_was_written_is_answered(cast: Cast) -> None:
    api = cast.program.api("cases:write")
    answer = api.post(CASES, NEW)
    told = {"id", "reference", "status", "external_ids", "created_at", "updated_at"}
    assert (answer.status_code, set(answer.json())) == (201, told)
    where = f"{CASES}{answer.json()['id']}/"
    api.patch(where, {}, headers={"If-Match": "x"})
    full = cast.program.api().get(where)
    changed = api.patch(where, {"story": "s"}, headers={"If-Match": full["ETag"]})
    assert (changed.status_code, set(changed.json())) == (200, told)
    moved = api.post(f"{where}transitions/", {"to": "submitted"})
    assert (moved.status_code, set(moved.json())) == (200, told)
    refused(api.get(where), 404, "not_found")
    refused(api.get(f"{where}timeline/"), 403, "insufficient_scope")


def test_another_organisation_sees_nothing_of_it(cast: Cast) -> None:
    case, api = filed(cast), cast.other_program.api()
    where = f"{CASES}{case.pk}/"

    for address in (where, f"{where}photos/", f"{where}timeline/", f"{where}links/"):
        refused(api.get(address), 404, "not_found")
    for address in ("transitions/", "timeline/", "consents/", "guardians/", "links/"):
        refused(api.post(where + address, {}), 404, "not_found")
    refused(api.patch(where, {}, headers={"If-Match": "x"}), 404, "not_found")
    for query in ("", "?external_ids=lighthouse:L-1", f"?reference={case.reference}"):
        assert api.get(CASES + query).json()["results"] == []


def test_a_case_shared_by_consent_is_read_and_changed_until_that_ends(cast: Cast) -> None:
    case, api = shared(cast), cast.program.api()
    where = f"{CASES}{case.pk}/"
    seen = api.get(where)
    assert seen.json()["child"]["full_name"] == "林小满"
    assert [row["id"] for row in api.get(CASES).json()["results"]] == [str(case.pk)]
    sent = {"If-Match": seen["ETag"]}
    assert api.patch(where, {"story": "more"}, headers=sent).status_code == 200
    refused(api.post(f"{where}transitions/", {"to": "withdrawn"}), 403, "forbidden")
    refused(api.post(f"{where}guardians/", {"relation": "aunt"}), 403, "forbidden")
    ours = {"external_ids": [{"system": "x", "id": "1"}]}
    sent = {"If-Match": api.get(where)["ETag"]}
    refused(api.patch(where, ours, headers=sent), 403, "forbidden")
    refused(cast.other_program.api().get(where), 404, "not_found")

    lifecycle.revoke_consent(actor=cast.guardian.actor, consent=Consent.objects.get())
    refused(api.get(where), 404, "not_found")


def test_a_child_who_was_located_stays_open_to_the_partner_until_the_family_was_told(
    cast: Cast,
) -> None:
    case, api = shared(cast), cast.program.api()
    lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.SUBMITTED)
    desk = cast.desk[0].actor
    take_in_hand(actor=desk, reference=case.reference, why=TakeReason.NEW)
    for step in (CaseStatus.VERIFIED, CaseStatus.OPEN):
        lifecycle.transition(actor=desk, case=case, to=step)
    before = api.get(f"{CASES}{case.pk}/")
    lifecycle.transition(actor=desk, case=case, to=CaseStatus.LOCATED)

    after = api.get(f"{CASES}{case.pk}/")
    assert (after.content, after["ETag"]) == (before.content, before["ETag"])


def test_the_same_external_id_is_never_given_twice_by_one_organisation(cast: Cast) -> None:
    case = filed(cast)
    api = cast.program.api()

    refused(api.post(CASES, NEW), 409, "external_id_taken")
    assert Case.objects.count() == 1
    found = api.get(f"{CASES}?external_ids=lighthouse:L-1").json()["results"]
    assert [row["id"] for row in found] == [str(case.pk)]
    assert cast.other_program.api().post(CASES, NEW).status_code == 201


def test_an_idempotency_key_is_the_clients_own(cast: Cast) -> None:
    api, other = cast.program.api(), cast.other_program.api()
    key = {"Idempotency-Key": "row 17"}
    first, again = api.post(CASES, NEW, headers=key), api.post(CASES, NEW, headers=key)

    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert other.post(CASES, NEW, headers=key).json()["id"] != first.json()["id"]


def test_a_guardians_contact_is_written_and_never_read_back(cast: Cast) -> None:
    case, api = filed(cast), cast.program.api()
    where = f"{CASES}{case.pk}/guardians/"
    contact = {"name": "林秀英", "phone": "+86 10 0000 0000"}

    answer = api.post(where, {"relation": "grandmother", "contact": contact})
    assert (answer.status_code, answer.json()["relation"]) == (201, "grandmother")
    assert "林秀英" not in answer.content.decode()
    assert Contact.objects.get().phone == "+86 10 0000 0000"
    refused(api.get(where), 404, "not_found")
    assert refused(api.post(where, {"contact": {"fax": "1"}}), 400, "invalid") == {
        "/contact/fax": "unknown_field"
    }
    for _ in range(9):
        api.post(where, {"relation": "aunt"})
    refused(api.post(where, {"relation": "aunt"}), 409, "too_many_guardians")
    guardian_api = cast.guardian.api()
    own = factories.file_case(cast)
    refused(guardian_api.post(f"{CASES}{own.pk}/guardians/", {}), 403, "forbidden")


def test_a_program_gives_and_takes_back_the_word_of_guardians_that_it_entered(cast: Cast) -> None:
    case, api = filed(cast), cast.program.api()
    where = f"{CASES}{case.pk}/consents/"
    refused(api.post(where, {"purpose": "publish"}), 403, "forbidden")
    guardian = Guardian.objects.create(family=case.family, relation="grandmother")
    elsewhere = factories.file_case(cast).family.guardians.get()
    for other in (elsewhere, Guardian.objects.create(family=case.family, user=cast.guardian.user)):
        body = {"purpose": "publish", "guardian": str(other.pk)}
        refused(api.post(where, body), 403, "forbidden")

    body = {"purpose": "publish", "guardian": str(guardian.pk)}
    made = api.post(where, body)
    assert (made.status_code, made.json()["guardian"]) == (201, str(guardian.pk))
    assert api.delete(f"{where}{made.json()['id']}/").status_code == 204
    assert Consent.objects.get().revoked_at is not None
    assert Objection.objects.get().guardian == guardian


def test_a_photo_is_ticked_only_on_a_guardians_recorded_word(cast: Cast) -> None:
    case, api = filed(cast), cast.program.api()
    where = f"{CASES}{case.pk}/photos/"

    def send(seed: int) -> Any:
        body = {"image": upload(factories.jpeg(seed)), "consent_public": "true"}
        return api.post(where, body, format="multipart")

    refused(send(1), 400, "invalid")
    guardian = Guardian.objects.create(family=case.family)
    body = {"purpose": "publish_photo", "guardian": str(guardian.pk)}
    assert api.post(f"{CASES}{case.pk}/consents/", body).status_code == 201
    assert send(2).status_code == 201
    assert CasePhoto.objects.get().consent_public


def test_a_program_fetches_the_picture_and_never_the_reviewers_size(cast: Cast) -> None:
    case, api = filed(cast), cast.program.api()
    sent = api.post(
        f"{CASES}{case.pk}/photos/", {"image": upload(factories.jpeg())}, format="multipart"
    )
    factories.work_off("cases.develop_photo")
    photo = api.get(f"{CASES}{case.pk}/photos/{sent.json()['id']}/").json()

    assert api.get(photo["image_url"]).status_code == 200
    assert api.get(photo["image_url"].replace("public", "reviewer")).status_code == 404
    assert cast.program.api("events:read").get(photo["image_url"]).status_code == 404
    assert cast.other_program.api().get(photo["image_url"]).status_code == 404
    harmful = f"{CASES}{case.pk}/photos/{photo['id']}/harmful/"
    refused(api.post(harmful, {"reason": "x"}), 404, "not_found")


def test_links_read_the_same_from_both_ends_and_only_to_who_sees_both(cast: Cast) -> None:
    one, two = filed(cast), filed(cast, external_ids=[])
    theirs = factories.file_case(cast)
    api = cast.program.api()
    where = f"{CASES}{one.pk}/links/"

    made = api.post(where, {"kind": "sibling", "case": str(two.pk)})
    assert (made.status_code, made.json()["case"]) == (201, str(two.pk))
    again = api.post(f"{CASES}{two.pk}/links/", {"kind": "sibling", "case": str(one.pk)})
    assert (again.json()["id"], again.json()["case"]) == (made.json()["id"], str(one.pk))
    for other, code in ((theirs, "unknown_case"), (one, "invalid")):
        body = {"kind": "duplicate", "case": str(other.pk)}
        assert refused(api.post(where, body), 400, "invalid") == {"/case": code}
    assert refused(api.post(where, {"kind": "cousin", "case": str(two.pk)}), 400, "invalid") == {
        "/kind": "invalid_choice"
    }
    hidden = sorted((one, theirs), key=lambda case: case.pk)
    CaseLink.objects.create(one=hidden[0], other=hidden[1], kind="duplicate")
    assert [row["case"] for row in api.get(where).json()["results"]] == [str(two.pk)]
    assert api.delete(f"{where}{made.json()['id']}/").status_code == 204
    assert api.get(where).json()["results"] == []


def test_a_list_of_many_cases_takes_no_more_queries(cast: Cast) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    api, counts = cast.program.api(), []
    api.get(CASES)
    for more in (1, 4):
        for _ in range(more):
            case = filed(cast, external_ids=[])
            shared(cast)
        counts.append(0)
        for address in (CASES, f"{CASES}{case.pk}/links/"):
            with CaptureQueriesContext(connection) as seen:
                assert api.get(address).status_code == 200
            counts[-1] += len(seen)

    assert counts[0] == counts[1]
