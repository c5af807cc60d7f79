"""Partners propose how a case ended: received, put before reviewers, decided by two of them."""

from typing import Any

import pytest

from casemgr.platform.audit import AuditEntry
from casemgr.platform.notify.models import Notice
from casemgr.platform.partners.models import FeedEvent
from casemgr.platform.vocabularies import CaseStatus, OutcomeKind
from cases import lifecycle, outcome_proposals
from cases.models import Case, ConsentPurpose, Outcome, OutcomeProposal, ProposalEnd
from cases.services import give_consent
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db
NOTE = "The county police told us."
WORD = {
    "kind": "reunited",
    "occurred_at": "2020-03-02",
    "identity_established_by": ["dna", "police"],
    "situation_found": "in_institution",
    "note": NOTE,
}


def at(case: Case) -> str:
    return f"{BASE}cases/{case.pk}/outcome/"


@pytest.fixture
def case(cast: Cast) -> Case:
    """Open, in two reviewers' hands, shared with the partner by the guardian's consent."""
    hands = [cast.reviewer, cast.second_reviewer]
    made = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=hands)
    give_consent(
        actor=cast.guardian.actor, case=made, purpose=ConsentPurpose.SHARE, partner=cast.partner
    )
    return made


def send(cast: Cast, case: Case, **changes: Any) -> Any:
    return cast.program.api("outcomes:propose").post(at(case), {**WORD, **changes})


def page(person: Person, case: Case, **given: Any) -> Any:
    where = f"/review/cases/{case.reference}/outcome/"
    browser = person.browser()
    return browser.post(where, given) if given else browser.get(where)


def test_a_proposal_is_received_and_decides_nothing(cast: Cast, case: Case) -> None:
    answer = send(cast, case)

    assert answer.status_code == 201, answer.json()
    assert set(answer.json()) == {"id", "created_at", "updated_at"}
    kept = OutcomeProposal.objects.get()
    assert (str(kept.pk), kept.kind, kept.partner) == (
        answer.json()["id"],
        "reunited",
        cast.partner,
    )
    assert (kept.identity_by, kept.note) == (["dna", "police"], NOTE)
    assert not Outcome.objects.exists()
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN
    entry = AuditEntry.objects.get(subject_type="outcome_proposal")
    assert (entry.user_id, entry.subject_ids) == (cast.program.client.pk, [kept.pk])
    told = {notice.person_id for notice in Notice.objects.filter(kind=outcome_proposals.PROPOSED)}
    assert told >= {cast.reviewer.user_id, cast.second_reviewer.user_id}
    assert cast.third_reviewer.user_id not in told
    assert not FeedEvent.objects.filter(type="outcome.recorded").exists()


def test_two_reviewers_take_it_to_its_end_and_the_partner_reads_one_word(
    cast: Cast, case: Case
) -> None:
    sent = send(cast, case).json()
    api = cast.program.api("outcomes:propose")
    expected = {"status": "open", "proposals": [sent]}
    assert api.get(at(case)).json() == expected

    queue = cast.third_reviewer.browser().get("/review/").content.decode()
    assert case.reference in queue
    shown = page(cast.reviewer, case).content.decode()
    assert NOTE in shown
    assert '<option value="reunited" selected>' in shown

    factories.end_case(cast, case, kind=OutcomeKind.LOCATED_IN_CARE)
    assert OutcomeProposal.objects.get().ended_as == ProposalEnd.CONSIDERED
    assert api.get(at(case)).json() == expected
    factories.tell_family(cast, case)
    assert api.get(at(case)).json() == {**expected, "status": "closed"}
    assert NOTE not in str(api.get(at(case)).json())
    refused(send(cast, case), 409, "not_live")


def test_until_the_family_was_told_the_answer_is_the_same_whatever_is_known(
    cast: Cast, case: Case
) -> None:
    api = cast.program.api("outcomes:propose")
    seen = []
    for step in (None, CaseStatus.LOCATED):
        if step is not None:
            lifecycle.transition(actor=cast.reviewer.actor, case=case, to=step)
        answer = send(cast, case)
        read = api.get(at(case)).json()
        seen.append((answer.status_code, set(answer.json()), read["status"]))
    assert seen[0] == seen[1]
    factories.end_case(cast, case)
    assert send(cast, case).status_code == 201


def test_of_one_organisation_the_latest_word_waits(cast: Cast, case: Case) -> None:
    first, second = send(cast, case).json(), send(cast, case, kind="runaway_returned").json()

    waiting = outcome_proposals.waiting(case).get()
    assert str(waiting.pk) == second["id"]
    assert OutcomeProposal.objects.get(pk=first["id"]).ended_as == ProposalEnd.REPLACED
    read = cast.program.api("outcomes:propose").get(at(case)).json()
    assert read["proposals"] == [second, first]


def test_a_reviewer_sets_it_aside_and_the_partner_does_not_learn_of_it(
    cast: Cast, case: Case
) -> None:
    sent = send(cast, case).json()
    before = cast.program.api().get(at(case)).json()
    given = {"act": "set_aside", "item": sent["id"], "reason": "another child"}
    assert page(cast.third_reviewer, case, **given).status_code == 404
    assert page(cast.reviewer, case, **{**given, "reason": ""}).status_code == 400
    assert page(cast.reviewer, case, **given).status_code == 302
    assert page(cast.reviewer, case, **given).status_code == 404

    kept = OutcomeProposal.objects.get()
    assert (kept.ended_as, kept.reason) == (ProposalEnd.SET_ASIDE, "another child")
    assert cast.program.api().get(at(case)).json() == before
    assert case.reference not in cast.third_reviewer.browser().get("/review/").content.decode()


def test_only_programs_of_the_case_with_the_scope_propose(cast: Cast, case: Case) -> None:
    refused(cast.other_program.api().post(at(case), WORD), 404, "not_found")
    theirs = factories.file_case(cast)
    refused(send(cast, theirs), 404, "not_found")
    told = cast.program.api("cases:read", "cases:write").post(at(case), WORD)
    refused(told, 403, "insufficient_scope")
    assert "outcomes:propose" in told.json()["detail"]
    refused(cast.guardian.api().post(at(case), WORD), 404, "not_found")
    assert "proposals" not in cast.program.api("cases:read").get(at(case)).json()
    assert not OutcomeProposal.objects.exists()


def test_sent_twice_with_one_key_it_is_received_once(cast: Cast, case: Case) -> None:
    key = {"Idempotency-Key": "case 17 ended"}
    api = cast.program.api("outcomes:propose")
    first, again = (api.post(at(case), WORD, headers=key) for _ in "ab")

    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert OutcomeProposal.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"kind": "merged"}, "/kind", "invalid_choice"),
        ({"kind": None}, "/kind", "null"),
        ({"occurred_at": "2001-01-01"}, "/occurred_at", "before_disappearance"),
        ({"occurred_at": "2030-01-01"}, "/occurred_at", "in_the_future"),
        ({"identity_established_by": ["dream"]}, "/identity_established_by/0", "invalid_choice"),
        ({"note": "x" * 4_001}, "/note", "too_long"),
        ({"place": "a home in Linyi"}, "/place", "unknown_field"),
        ({"operation": "0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11"}, "/operation", "unknown_field"),
    ],
)
def test_what_can_not_be_is_refused_where_it_stands(
    cast: Cast, case: Case, changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert refused(send(cast, case, **changes), 400, "invalid") == {pointer: code}
    assert not OutcomeProposal.objects.exists()


def test_a_draft_has_no_end(cast: Cast) -> None:
    made = cast.program.api().post(
        f"{BASE}cases/", {"public_name": "x", "child": {"sex": "female"}}
    )
    case = Case.objects.get(pk=made.json()["id"])
    refused(send(cast, case), 409, "not_live")


def test_where_nobody_has_the_case_in_hand_every_reviewer_is_told_once_an_hour(
    cast: Cast,
) -> None:
    someone = cast.third_reviewer
    made = cast.program.api().post(
        f"{BASE}cases/",
        {"child": {"sex": "female", "full_name": "林小满"}, "missing_at": "2011"},
    )
    case = Case.objects.get(pk=made.json()["id"])
    lifecycle.transition(actor=cast.program.actor, case=case, to=CaseStatus.SUBMITTED)
    for _ in range(3):
        assert send(cast, case).status_code == 201
    mine = Notice.objects.filter(kind=outcome_proposals.PROPOSED, person=someone.user_id)
    assert mine.count() == 1
