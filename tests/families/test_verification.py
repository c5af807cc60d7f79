"""Guardians are verified by a reviewer who is not kin, from papers or a police reference."""

from typing import Any

import pytest
from django.db.models.functions import Now

from casemgr.platform.access import Role
from casemgr.platform.audit import AuditEntry
from casemgr.platform.errors import Conflict, Forbidden, Invalid, NotFound
from cases import assignments
from cases.models import Case
from families.models import Guardian, Verification, VerificationBasis
from tests import factories
from tests.api.helpers import BASE
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db
POLICE, PAPERS = VerificationBasis.POLICE, VerificationBasis.PAPERS


def verify(person: Person, case: Case, guardian: Guardian | None = None, **how: Any) -> None:
    how = how or {"basis": POLICE, "police_reference": "KM-2011-7"}
    assignments.verify_guardian(
        actor=person.actor,
        case=case,
        guardian=guardian or case.family.guardians.get(),
        **how,
    )


def test_filing_verifies_nobody_and_a_reviewer_does(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    assert Role.GUARDIAN_UNVERIFIED in cast.guardian.actor.roles
    verify(cast.reviewer, case)

    roles = cast.guardian.actor.roles
    assert Role.GUARDIAN in roles
    assert Role.GUARDIAN_UNVERIFIED not in roles
    guardian = case.family.guardians.get()
    assert guardian.verified_by == cast.reviewer.user
    found = Verification.objects.get()
    assert (found.basis, found.police_reference) == ("police", "KM-2011-7")
    assert AuditEntry.objects.filter(action="verify").count() == 1
    listed = cast.guardian.api().get(f"{BASE}cases/{case.pk}/guardians/").json()["results"]
    assert listed[0]["verified_at"] is not None
    assert "KM-2011-7" not in str(listed)


def test_neither_kin_nor_strangers_verify_anybody(cast: Cast) -> None:
    own = factories.file_case(cast, by=cast.reviewer)
    case = factories.file_case(cast, in_hand_of=[cast.second_reviewer, cast.third_reviewer])
    shared = factories.file_case(cast)
    Guardian.objects.create(family=shared.family, user=cast.second_reviewer.user, ended_at=Now())

    with pytest.raises(Forbidden):
        verify(cast.reviewer, own)
    others = (cast.reviewer, cast.second_reviewer, cast.guardian, cast.volunteer, cast.coordinator)
    for person in others:
        with pytest.raises(Forbidden):
            verify(person, case)
    with pytest.raises(NotFound):
        verify(cast.third_reviewer, case, own.family.guardians.get())
    assert not Guardian.objects.filter(verified_at__isnull=False).exists()


@pytest.mark.parametrize(
    "how",
    [
        {"basis": POLICE, "police_reference": " "},
        {"basis": POLICE, "note": "papers"},
        {"basis": PAPERS, "police_reference": "KM-1"},
    ],
)
def test_a_verification_names_what_it_rests_on(cast: Cast, how: dict[str, Any]) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    with pytest.raises(Invalid):
        verify(cast.reviewer, case, **how)
    verify(cast.reviewer, case, basis=PAPERS, note="household register, seen in person")
    with pytest.raises(Conflict):
        verify(cast.reviewer, case)


def test_a_verification_is_taken_back_by_one_and_can_be_given_anew(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer, cast.second_reviewer])
    verify(cast.reviewer, case)
    guardian = case.family.guardians.get()

    def end(person: Person) -> None:
        assignments.end_verification(
            actor=person.actor, case=case, guardian=guardian, reason="the register was forged"
        )

    for person in (cast.guardian, cast.third_reviewer):
        with pytest.raises(Forbidden):
            end(person)
    end(cast.second_reviewer)
    assert Role.GUARDIAN not in cast.guardian.actor.roles
    with pytest.raises(Conflict):
        end(cast.second_reviewer)
    verify(cast.reviewer, case)
    assert Verification.objects.count() == 2
