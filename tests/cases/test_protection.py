"""Protection flags: seen by reviewers with the case alone, and no trace of them anywhere else."""

from typing import Any

import pytest

from casemgr.platform import audit
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from casemgr.platform.outbox import Event, Job
from casemgr.platform.vocabularies import CaseStatus
from cases import assignments, protection, publication, services
from cases.models import Case, ConsentPurpose, FlagKind, ProtectionFlag
from families.models import Alliance, Membership, MembershipRole
from tests import factories
from tests.api.helpers import BASE
from tests.cast import Cast, Person
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
CASES = f"{BASE}cases/"


def flagged(person: Person, case: Case, kind: FlagKind = FlagKind.THREAT) -> ProtectionFlag:
    return protection.raise_flag(
        actor=person.actor, case=case, kind=kind, note="the uncle asked for the address"
    )


def clear(person: Person, flag: ProtectionFlag) -> bool:
    return protection.clear_flag(actor=person.actor, flag=flag, reason="the order was lifted")


def seen_by(person: Person, case: Case) -> list[ProtectionFlag]:
    return list(protection.flags_of(actor=person.actor, case=case))


def test_only_reviewers_with_the_case_in_hand_see_a_flag_and_each_look_is_written_down(
    cast: Cast,
) -> None:
    alliance = cast.alliance
    case = factories.file_case(
        cast, case={"alliance": alliance}, in_hand_of=[cast.reviewer, cast.second_reviewer]
    )
    flag = flagged(cast.reviewer, case)

    for person in (
        cast.anonymous,
        cast.guardian,
        cast.coordinator,
        cast.volunteer,
        cast.third_reviewer,
    ):
        assert seen_by(person, case) == []
        with pytest.raises(Forbidden):
            flagged(person, case)
        with pytest.raises(NotFound):
            clear(person, flag)
    assert not audit.AuditEntry.objects.filter(action="R").exists()
    for person in (cast.reviewer, cast.second_reviewer):
        [seen] = seen_by(person, case)
        assert (seen, seen.note) == (flag, "the uncle asked for the address")
    assert audit.AuditEntry.objects.filter(action="R").count() == 2


def test_a_case_put_back_shows_its_flags_no_more(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    flagged(cast.reviewer, case)
    assignments.release(actor=cast.reviewer.actor, case=case)
    assert seen_by(cast.reviewer, case) == []


@pytest.mark.parametrize("emergency", [False, True])
def test_no_single_person_publishes_a_protected_case(cast: Cast, emergency: bool) -> None:
    case = factories.file_case(
        cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer, cast.second_reviewer]
    )
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    publication.approve_publication(actor=cast.reviewer.actor, case=case)
    flagged(cast.reviewer, case)

    for person in (cast.reviewer, cast.second_reviewer, *cast.desk):
        with refuses(Conflict, "protected"):
            if emergency:
                publication.publish_in_emergency(
                    actor=person.actor, case=case, police_reference="KM-1"
                )
            else:
                publication.approve_publication(actor=person.actor, case=case)
    for stranger in (cast.guardian, cast.third_reviewer, cast.coordinator):
        with pytest.raises(Forbidden):
            publication.approve_publication(actor=stranger.actor, case=case)


def test_clearing_takes_two_and_then_publishing_takes_two_again(cast: Cast) -> None:
    reviewers = (cast.reviewer, cast.second_reviewer)
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers)
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    publication.approve_publication(actor=cast.reviewer.actor, case=case)
    flag = flagged(cast.reviewer, case)

    assert clear(cast.reviewer, flag) is False
    with refuses(Conflict, "second_person_needed"):
        clear(cast.reviewer, flag)
    assert seen_by(cast.second_reviewer, case) == [flag]
    assert clear(cast.second_reviewer, flag) is True
    assert seen_by(cast.reviewer, case) == []
    said = [publication.approve_publication(actor=person.actor, case=case) for person in reviewers]
    assert said == [False, True]


def test_allies_do_not_clear_a_flag_between_them(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer, cast.second_reviewer])
    alliance = Alliance.objects.create(name="Reviewers together")
    for person in (cast.reviewer, cast.second_reviewer):
        Membership.objects.create(
            alliance=alliance, user_id=person.user_id, role=MembershipRole.MEMBER
        )
    assert cast.third_reviewer.user is not None
    flag = flagged(cast.reviewer, case)
    clear(cast.reviewer, flag)

    with pytest.raises(Forbidden):
        clear(cast.second_reviewer, flag)


def test_a_flag_takes_a_public_card_down_as_any_unpublishing_does(cast: Cast) -> None:
    alike = [factories.file_case(cast, public=True, in_hand_of=[cast.reviewer]) for _ in range(2)]
    flagged(cast.reviewer, alike[0])
    publication.unpublish(actor=cast.reviewer.actor, case=alike[1], reason="")

    answers = [cast.anonymous.api().get(f"{CASES}{case.pk}/") for case in alike]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert answers[0].content == answers[1].content
    columns = [
        Case.objects.values("status", "public_since", "withdrawal_asked_at", "revision").get(
            pk=case.pk
        )
        for case in alike
    ]
    assert columns[0] == columns[1]


def everything(cast: Cast, case: Case) -> Any:
    """Whatever anybody but a reviewer with the case can see of the house, to the byte."""
    seen: dict[str, Any] = {}
    parts = ("", "photos/", "timeline/", "consents/", "guardians/", "matches/")
    people = {
        "anonymous": cast.anonymous,
        "guardian": cast.guardian,
        "other guardian": cast.other_guardian,
        "coordinator": cast.coordinator,
        "volunteer": cast.volunteer,
        "reviewer without the case": cast.third_reviewer,
    }
    pages = ("/", f"/cases/{case.reference}/", "/review/", "/receipt/", "/sightings/new/")
    for name, person in people.items():
        api, browser = person.api(), person.browser()
        for address in (f"{CASES}{case.pk}/{part}" for part in parts):
            answer = api.get(address)
            seen[f"{name} {address}"] = (answer.status_code, answer.content, answer.get("ETag"))
        answer = api.get(CASES)
        seen[f"{name} list"] = (answer.status_code, answer.content)
        for page in pages:
            shown = browser.get(page)
            seen[f"{name} {page}"] = (shown.status_code, len(shown.content), shown.get("ETag"))
    return seen


def test_a_flag_leaves_no_trace_in_any_answer_row_count_or_job(cast: Cast) -> None:
    case = factories.file_case(
        cast,
        status=CaseStatus.OPEN,
        case={"alliance": cast.alliance},
        in_hand_of=[cast.reviewer],
    )
    factories.store_match(case, factories.log_sighting(cast).sighting)
    before = everything(cast, case)
    row = Case.objects.values().get(pk=case.pk)
    events, jobs = Event.objects.count(), Job.objects.count()
    flagged(cast.reviewer, case)
    flagged(cast.reviewer, case, FlagKind.CUSTODY_ORDER)

    assert Case.objects.values().get(pk=case.pk) == row
    assert (Event.objects.count(), Job.objects.count()) == (events, jobs)
    assert everything(cast, case) == before
