"""Showing a case: two people agree, one takes it down, and the more protective wish holds."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from casemgr.platform import audit
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, publication, services
from cases.models import Case, Consent, ConsentPurpose, PageReport, PageReportKind
from families.models import Alliance, Guardian, Membership, MembershipRole
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
CASES = f"{BASE}cases/"


def consented(cast: Cast, *in_hand_of: Person, by: Person | None = None) -> Case:
    """An open case whose guardian agreed to its being shown."""
    case = factories.file_case(cast, by=by, status=CaseStatus.OPEN, in_hand_of=in_hand_of)
    filer = (by or cast.guardian).actor
    services.give_consent(actor=filer, case=case, purpose=ConsentPurpose.PUBLISH)
    return case


def is_up(cast: Cast, case: Case) -> bool:
    return cast.anonymous.api().get(f"{CASES}{case.pk}/").status_code == 200


def approve(person: Person, case: Case) -> bool:
    return publication.approve_publication(actor=person.actor, case=case)


def ally(*people: Person) -> None:
    alliance = Alliance.objects.create(name="Reviewers together")
    for person in people:
        Membership.objects.create(
            alliance=alliance, user_id=person.user_id, role=MembershipRole.MEMBER
        )


def second_guardian(cast: Cast, case: Case) -> Person:
    Guardian.objects.create(family=case.family, user=cast.other_guardian.user)
    return cast.other_guardian


def late(case: Case, by: timedelta) -> None:
    """Move the end of an emergency as if time had passed on the database's clock."""
    Case.objects.filter(pk=case.pk).update(public_until=Now() - by)
    Job.objects.filter(handler=publication.COMES_DOWN).update(due_at=Now() - by)


# --- two reviewers ------------------------------------------------------------------------------


def test_the_second_reviewers_yes_puts_the_card_up_and_the_firsts_twice_does_not(
    cast: Cast,
) -> None:
    case = consented(cast, cast.reviewer, cast.second_reviewer)

    assert [approve(cast.reviewer, case), approve(cast.reviewer, case)] == [False, False]
    assert not is_up(cast, case)
    assert approve(cast.second_reviewer, case)
    assert is_up(cast, case)


def test_a_reviewer_who_speaks_for_the_child_agrees_to_nothing(cast: Cast) -> None:
    case = consented(cast, by=cast.reviewer)

    with pytest.raises(Forbidden):
        approve(cast.reviewer, case)
    steps = f"{CASES}{case.pk}/transitions/"
    other = factories.file_case(cast, by=cast.reviewer, status=CaseStatus.SUBMITTED)
    refused(cast.reviewer.api().post(f"{CASES}{other.pk}/transitions/", {"to": "verified"}), 403,
            "forbidden")  # fmt: skip
    refused(cast.reviewer.api().post(steps, {"to": "located"}), 403, "forbidden")


def test_kin_in_another_family_is_kin_and_former_guardians_stay_so(cast: Cast) -> None:
    case = consented(cast, cast.reviewer, cast.second_reviewer)
    shared = factories.file_case(cast, by=cast.guardian)
    Guardian.objects.create(family=shared.family, user=cast.second_reviewer.user, ended_at=Now())
    assert approve(cast.reviewer, case) is False

    with pytest.raises(Forbidden):
        approve(cast.second_reviewer, case)
    assert not is_up(cast, case)


def test_an_ally_of_the_first_is_second_only_where_nobody_else_could_be_and_that_is_written_down(
    cast: Cast,
) -> None:
    case = consented(cast, cast.reviewer, cast.second_reviewer)
    ally(cast.reviewer, cast.second_reviewer)
    approve(cast.reviewer, case)

    with pytest.raises(Forbidden):
        approve(cast.second_reviewer, case)
    for person in cast.desk:
        assert person.user is not None
        person.user.grants.update(revoked_at=Now())
    assert approve(cast.second_reviewer, case)
    assert audit.AuditEntry.objects.filter(action="same_alliance").count() == 1


# --- emergency ----------------------------------------------------------------------------------


def emergency(person: Person, case: Case, reference: str = "KM-2026-118") -> None:
    publication.publish_in_emergency(actor=person.actor, case=case, police_reference=reference)


def test_in_an_emergency_one_reviewer_with_a_police_reference_shows_a_case_for_72_hours(
    cast: Cast,
) -> None:
    case = consented(cast, cast.reviewer)
    with pytest.raises(Invalid):
        emergency(cast.reviewer, case, " ")
    emergency(cast.reviewer, case)
    assert is_up(cast, case)

    factories.work_off()
    assert is_up(cast, case)
    hours = Case.objects.get(pk=case.pk)
    assert hours.public_since is not None
    assert hours.public_until is not None
    assert hours.public_until - hours.public_since == publication.EMERGENCY


def test_it_comes_down_by_itself_on_the_minute_and_the_job_writes_that_down(cast: Cast) -> None:
    case = consented(cast, cast.reviewer)
    emergency(cast.reviewer, case)
    late(case, timedelta(seconds=1))

    refused(cast.anonymous.api().get(f"{CASES}{case.pk}/"), 410, "gone")
    assert cast.anonymous.api().get(CASES).json()["results"] == []
    assert cast.guardian.api().get(f"{CASES}{case.pk}/").json()["public"] is False
    factories.work_off()
    case.refresh_from_db()
    assert (case.public_since, case.public_until) == (None, None)
    assert not case.approvals.filter(ended_at__isnull=True).exists()


def test_a_second_reviewers_yes_in_time_keeps_the_card_up(cast: Cast) -> None:
    case = consented(cast, cast.reviewer, cast.second_reviewer)
    emergency(cast.reviewer, case)
    assert approve(cast.reviewer, case)

    assert approve(cast.second_reviewer, case)
    case.refresh_from_db()
    assert case.public_until is None
    Job.objects.filter(handler=publication.COMES_DOWN).update(due_at=Now() - timedelta(hours=1))
    factories.work_off()
    assert is_up(cast, case)


def test_a_yes_after_the_72_hours_is_a_first_yes_and_there_is_no_second_emergency(
    cast: Cast,
) -> None:
    case = consented(cast, cast.reviewer, cast.second_reviewer)
    emergency(cast.reviewer, case)
    late(case, timedelta(seconds=1))

    assert approve(cast.second_reviewer, case) is False
    assert not is_up(cast, case)
    publication.unpublish(actor=cast.second_reviewer.actor, case=case, reason="to start afresh")
    for person in (cast.reviewer, cast.second_reviewer):
        with refuses(Conflict, "emergency_used"):
            emergency(person, case)


# --- withdrawing --------------------------------------------------------------------------------


def ask_withdrawal(person: Person, case: Case) -> Any:
    return person.api().post(f"{CASES}{case.pk}/transitions/", {"to": "withdrawn"})


def test_a_guardians_withdrawal_ends_publicity_at_once_and_matching_only_when_confirmed(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    factories.store_match(case, factories.log_sighting(cast).sighting)

    answer = ask_withdrawal(cast.guardian, case).json()
    assert (answer["status"], answer["public"]) == ("open", False)
    assert answer["withdrawal_asked_at"] is not None
    refused(cast.anonymous.api().get(f"{CASES}{case.pk}/"), 410, "gone")
    assert Case.objects.live().filter(pk=case.pk).exists()

    confirmed = ask_withdrawal(cast.reviewer, case).json()
    assert confirmed["status"] == "withdrawn"
    assert not Case.objects.live().filter(pk=case.pk).exists()
    assert not Consent.objects.filter(case=case, revoked_at__isnull=True).exists()


def test_while_a_withdrawal_waits_the_case_is_not_shown_again(cast: Cast) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    ask_withdrawal(cast.guardian, case)
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)

    for person in (cast.reviewer, *cast.desk):
        with refuses(Conflict, "not_publishable"):
            approve(person, case)


def test_a_withdrawal_that_was_not_the_familys_wish_is_declined_and_the_search_goes_on(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    ask_withdrawal(cast.guardian, case)
    with pytest.raises(Forbidden):
        lifecycle.decline_withdrawal(actor=cast.guardian.actor, case=case, reason="not I")

    lifecycle.decline_withdrawal(
        actor=cast.reviewer.actor, case=case, reason="spoke to the grandmother"
    )
    case.refresh_from_db()
    assert (case.status, case.withdrawal_asked_at, case.public) == ("open", None, False)
    with pytest.raises(Conflict):
        lifecycle.decline_withdrawal(actor=cast.reviewer.actor, case=case, reason="again")


def test_a_draft_is_withdrawn_without_anybody(cast: Cast) -> None:
    case = factories.file_case(cast)
    assert ask_withdrawal(cast.guardian, case).json()["status"] == "withdrawn"


# --- guardians who disagree ---------------------------------------------------------------------


@pytest.mark.parametrize("door", ["consent", "unpublish", "withdrawal"])
def test_one_guardians_no_stands_against_the_others_yes(cast: Cast, door: str) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    other = second_guardian(cast, case)
    if door == "consent":
        mine = Consent.objects.get(case=case)
        other.api().delete(f"{CASES}{case.pk}/consents/{mine.pk}/")
    elif door == "unpublish":
        publication.unpublish(actor=other.actor, case=case, reason="we are followed")
    else:
        ask_withdrawal(other, case)
        lifecycle.decline_withdrawal(actor=cast.reviewer.actor, case=case, reason="not confirmed")
    assert not is_up(cast, case)

    def publish() -> None:
        for person in cast.desk:
            approve(person, case)

    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    with refuses(Conflict, "not_publishable"):
        publish()
    services.give_consent(actor=other.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    publish()
    assert is_up(cast, case)


# --- photos on the card -------------------------------------------------------------------------


def shown_photos(cast: Cast, case: Case) -> int:
    return len(cast.anonymous.api().get(f"{CASES}{case.pk}/").json()["photos"])


def tick(person: Person, case: Case, photo: Any, *, public: bool) -> Any:
    api, address = person.api(), f"{CASES}{case.pk}/photos/{photo.pk}/"
    return api.patch(
        address, {"consent_public": public}, headers={"If-Match": api.get(address)["ETag"]}
    )


def test_a_photo_ticked_on_a_public_case_waits_for_a_reviewers_yes(cast: Cast) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    photo = services.add_photo(
        actor=cast.guardian.actor, case=case, data=factories.jpeg(), consent_public=True
    )
    factories.work_off("cases.develop_photo")
    assert shown_photos(cast, case) == 0
    with pytest.raises(Forbidden):
        publication.approve_photo(actor=cast.guardian.actor, photo=photo)

    publication.approve_photo(actor=cast.reviewer.actor, photo=photo)
    assert shown_photos(cast, case) == 1
    photo.refresh_from_db()
    assert photo.ever_public


def test_only_a_guardian_ticks_a_photo_and_a_reviewer_may_untick_it(cast: Cast) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    photo = services.add_photo(actor=cast.guardian.actor, case=case, data=factories.jpeg())
    factories.work_off("cases.develop_photo")
    refused(tick(cast.reviewer, case, photo, public=True), 403, "forbidden")
    assert tick(cast.guardian, case, photo, public=True).json()["consent_public"] is True
    publication.approve_photo(actor=cast.reviewer.actor, photo=photo)
    assert shown_photos(cast, case) == 1

    assert tick(cast.reviewer, case, photo, public=False).json()["consent_public"] is False
    assert shown_photos(cast, case) == 0
    with pytest.raises(Conflict):
        publication.approve_photo(actor=cast.reviewer.actor, photo=photo)


def test_a_photo_nobody_could_look_at_yet_does_not_go_up_with_the_card(cast: Cast) -> None:
    case = consented(cast)
    services.add_photo(
        actor=cast.guardian.actor, case=case, data=factories.jpeg(), consent_public=True
    )
    for person in cast.desk:
        approve(person, case)
    factories.work_off("cases.develop_photo")
    assert shown_photos(cast, case) == 0


def test_consent_to_photos_taken_back_unticks_them(cast: Cast) -> None:
    case = consented(cast)
    services.add_photo(
        actor=cast.guardian.actor, case=case, data=factories.jpeg(), consent_public=True
    )
    factories.work_off("cases.develop_photo")
    agreed = services.give_consent(
        actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH_PHOTO
    )
    for person in cast.desk:
        approve(person, case)
    assert shown_photos(cast, case) == 1

    cast.guardian.api().delete(f"{CASES}{case.pk}/consents/{agreed.pk}/")
    assert (is_up(cast, case), shown_photos(cast, case)) == (True, 0)


# --- reports on a page --------------------------------------------------------------------------


def test_any_reviewer_hides_a_reported_page_with_one_act(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    report = publication.report_page(
        actor=cast.anonymous.actor, case=case, kind=PageReportKind.ABOUT_ME, words="That is me."
    )
    for person in (cast.anonymous, cast.volunteer, cast.coordinator, cast.guardian):
        with pytest.raises(Forbidden):
            publication.hide_page(actor=person.actor, report=report)
    assert is_up(cast, case)

    publication.hide_page(actor=cast.third_reviewer.actor, report=report)
    refused(cast.anonymous.api().get(f"{CASES}{case.pk}/"), 410, "gone")
    handled = PageReport.objects.get()
    assert (handled.handled_by, handled.hid_page) == (cast.third_reviewer.user, True)
    assert handled.words == "That is me."


def test_a_page_that_is_right_stays_up_when_a_reviewer_with_the_case_says_so(cast: Cast) -> None:
    case = factories.file_case(cast, public=True, in_hand_of=[cast.reviewer])
    report = publication.report_page(
        actor=cast.anonymous.actor, case=case, kind=PageReportKind.REPORT
    )
    with pytest.raises(Forbidden):
        publication.keep_page(actor=cast.third_reviewer.actor, report=report)

    publication.keep_page(actor=cast.reviewer.actor, report=report)
    assert is_up(cast, case)


def test_what_is_not_shown_cannot_be_reported(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    with pytest.raises(Conflict):
        publication.report_page(actor=cast.anonymous.actor, case=case, kind=PageReportKind.REPORT)
