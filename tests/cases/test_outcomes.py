"""The way of a case to its outcome: what each kind needs, who decides, what is taken back."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from casemgr.platform import storage
from casemgr.platform.audit import AuditEntry
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Conflict, DomainError, Forbidden, Invalid
from casemgr.platform.notify.models import Notice
from casemgr.platform.outbox import Event
from casemgr.platform.vocabularies import CaseStatus, IdentityEstablishedBy, OutcomeKind
from cases import clues, lifecycle, outcome_rules, outcome_undo, outcomes, protection
from cases.models import PROOFS, Case, ClueKind, ContactWish, FlagKind, Outcome, StepKind
from cases.outcome_undo import Touched
from searches.clues import add_lead
from searches.models import ClueMatch
from tests import factories
from tests.cast import Cast, Person
from tests.factories import end_case
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
PLACE = "canary-home-by-the-river"
WHEN = PartialDate("2020-03-02", date(2020, 3, 2), date(2020, 3, 2))


def desk(cast: Cast, case: Case, who: int = 0) -> dict[str, Any]:
    return {"actor": cast.desk[who].actor, "case": case}


def located(cast: Cast, **more: Any) -> Case:
    """A case in which the authorities know, and the child was found at PLACE."""
    case = factories.file_case(cast, status=CaseStatus.OPEN, **more)
    outcomes.inform_authorities(**desk(cast, case), authority="Kunming police, KM-7")
    outcomes.record_located(**desk(cast, case), place=PLACE)
    return case


def proven(cast: Cast, case: Case, *by: IdentityEstablishedBy) -> None:
    outcomes.establish_identity(**desk(cast, case), by=by or (PROOFS[0],), who="the laboratory")


def wishes(cast: Cast, case: Case, wish: ContactWish = ContactWish.WANTS) -> None:
    outcomes.record_wishes(**desk(cast, case), wish=wish, child_words="as she said it")


def propose(cast: Cast, case: Case, kind: OutcomeKind, **more: Any) -> Outcome:
    return outcomes.propose(**desk(cast, case), kind=kind, **{"occurred_at": WHEN, **more})


def status(case: Case) -> str:
    return Case.objects.get(pk=case.pk).status


@pytest.mark.parametrize("kind", [kind for kind in OutcomeKind if kind is not OutcomeKind.MERGED])
def test_every_kind_of_outcome_ends_a_case_by_two(cast: Cast, kind: OutcomeKind) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    outcome = end_case(cast, case, kind=kind)

    expected = CaseStatus.WITHDRAWN if kind is OutcomeKind.WITHDRAWN else CaseStatus.CLOSED
    assert status(case) == expected
    steps = outcome.standing_steps()
    assert set(steps) == outcome_rules.NEEDS[kind] | {StepKind.PROPOSED, StepKind.CONFIRMED}
    assert steps[StepKind.PROPOSED].by_id != steps[StepKind.CONFIRMED].by_id


@pytest.mark.parametrize(
    ("kind", "step"),
    [(kind, step) for kind, needs in outcome_rules.NEEDS.items() for step in sorted(needs)],
)
def test_no_outcome_stands_without_each_step_that_its_kind_needs(
    cast: Cast, kind: OutcomeKind, step: StepKind
) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    end_case(cast, case, kind=kind)
    outcome = Outcome.objects.get(case=case)
    outcome.steps.filter(kind=step).delete()

    with refuses(Conflict, "steps_missing"):
        outcome_rules.check(outcome, outcome.standing_steps())


@pytest.mark.parametrize("by", [IdentityEstablishedBy.BIOMETRIC_REVIEW, IdentityEstablishedBy.SELF])
@pytest.mark.parametrize("kind", [OutcomeKind.REUNITED, OutcomeKind.RUNAWAY_RETURNED])
def test_nobody_is_reunited_on_a_face_or_on_their_own_word_alone(
    cast: Cast, by: IdentityEstablishedBy, kind: OutcomeKind
) -> None:
    case = located(cast)
    proven(cast, case, by)
    wishes(cast, case)
    factories.tell_family(cast, case)
    with refuses(Conflict, "identity_not_proven"):
        propose(cast, case, kind)

    proven(cast, case, by, IdentityEstablishedBy.POLICE)
    propose(cast, case, kind)
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.filter(case=case).update(kind="reunited", identity_by=[by])


def test_one_reviewer_alone_never_ends_a_case(cast: Cast) -> None:
    case = located(cast)
    proven(cast, case)
    wishes(cast, case)
    propose(cast, case, OutcomeKind.LOCATED_IN_CARE)

    with refuses(Conflict, "second_person_needed"):
        outcomes.confirm(**desk(cast, case))
    with refuses(Conflict, "outcome_needed"):
        lifecycle.transition(**desk(cast, case), to=CaseStatus.CLOSED)
    assert status(case) == CaseStatus.LOCATED
    outcomes.confirm(**desk(cast, case, 1))
    assert status(case) == CaseStatus.CLOSED


@pytest.mark.parametrize("who", ["guardian", "coordinator", "third_reviewer", "volunteer"])
def test_only_reviewers_with_the_case_in_hand_take_steps(cast: Cast, who: str) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN, case={"alliance": cast.alliance})
    asked: dict[str, Any] = {"actor": getattr(cast, who).actor, "case": case}
    for act in (
        lambda: outcomes.inform_authorities(**asked, authority="police"),
        lambda: outcomes.record_located(**asked, place="here"),
        lambda: outcomes.establish_identity(**asked, by=[PROOFS[0]], who="me"),
        lambda: outcomes.record_wishes(**asked, wish=ContactWish.WANTS, child_words=""),
        lambda: outcomes.propose(**asked, kind=OutcomeKind.FALSE_REPORT, occurred_at=WHEN),
        lambda: outcomes.confirm(**asked),
        lambda: outcome_undo.undo(**asked, reason="because"),
        lambda: clues.add(**asked, kind=ClueKind.POLICE),
    ):
        with pytest.raises(Forbidden):
            act()
    assert not Outcome.objects.exists()


def test_the_authorities_come_first(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    with refuses(Conflict, "steps_missing"):
        outcomes.record_located(**desk(cast, case), place=PLACE)
    with refuses(Conflict, "nothing_to_tell"):
        lifecycle.record_family_told(**desk(cast, case), reason="by phone")
    assert status(case) == CaseStatus.OPEN


def test_the_card_is_down_in_the_write_that_says_located(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    page = f"/cases/{case.reference}/"
    outcomes.inform_authorities(**desk(cast, case), authority="police")
    assert cast.anonymous.browser().get(page).status_code == 200
    outcomes.record_located(**desk(cast, case), place=PLACE)
    assert cast.anonymous.browser().get(page).status_code == 410
    assert case.reference not in cast.anonymous.browser().get("/").content.decode()


# --- what the family sees -----------------------------------------------------------------------


def test_a_reviewer_who_spoke_first_lets_the_family_see_the_status_and_nothing_more(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    api = cast.guardian.api()
    address = f"/api/v1/cases/{case.pk}/outcome/"
    assert api.get(address).json() == {"status": "open"}
    outcomes.inform_authorities(**desk(cast, case), authority="police")
    factories.tell_family(cast, case)
    assert api.get(address).json() == {"status": "open"}
    outcomes.record_located(**desk(cast, case), place=PLACE)
    proven(cast, case)
    wishes(cast, case)
    assert api.get(address).json() == {"status": "located"}
    propose(cast, case, OutcomeKind.REUNITED)
    outcomes.confirm(**desk(cast, case, 1))
    assert api.get(address).json() == {"status": "closed"}
    assert (
        cast.guardian.browser().get(f"/review/cases/{case.reference}/outcome/").status_code == 404
    )


def test_nothing_is_sent_to_anybody_when_a_child_has_died(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.work_off()
    Notice.objects.all().delete()  # that a report came in
    end_case(cast, case, kind=OutcomeKind.DECEASED_ACCIDENT)
    factories.work_off()

    assert not Notice.objects.exists()
    assert status(case) == CaseStatus.CLOSED


def test_partners_hear_of_an_outcome_only_once_the_family_was_told(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    end_case(cast, case, kind=OutcomeKind.LOCATED_IN_CARE)
    recorded = Event.objects.filter(type="outcome.recorded")
    assert not recorded.exists()
    factories.tell_family(cast, case)
    assert [(event.subject, event.data) for event in recorded] == [(case.pk, {})]


# --- declines contact ---------------------------------------------------------------------------


def test_a_no_to_contact_takes_every_place_out_for_ever(cast: Cast) -> None:
    case = located(cast)
    lifecycle.transition(**desk(cast, case), to=CaseStatus.OPEN, reason="not her")
    outcomes.inform_authorities(**desk(cast, case), authority="police again")
    outcomes.record_located(**desk(cast, case), place=PLACE)
    proven(cast, case)
    wishes(cast, case, ContactWish.DECLINES)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_outcome WHERE place IS NOT NULL")
        assert cursor.fetchone() == (0,)
    with refuses(Conflict, "place_hidden"):
        outcomes.record_located(**desk(cast, case), place=PLACE)
    with refuses(Conflict, "wish_differs"):
        factories.tell_family(cast, case)
        propose(cast, case, OutcomeKind.REUNITED)
    propose(cast, case, OutcomeKind.DECLINES_CONTACT)
    outcomes.confirm(**desk(cast, case, 1))
    page = cast.desk[0].browser().get(f"/review/cases/{case.reference}/outcome/")
    assert PLACE not in page.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.filter(case=case).update(place="back")


def test_who_wants_no_contact_stays_hidden_when_the_case_is_opened_again(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    end_case(cast, case, kind=OutcomeKind.DECLINES_CONTACT)
    lifecycle.transition(**desk(cast, case), to=CaseStatus.OPEN, reason="new facts")
    outcomes.inform_authorities(**desk(cast, case), authority="police")
    with refuses(Conflict, "place_hidden"):
        outcomes.record_located(**desk(cast, case), place=PLACE)


# --- bad input ----------------------------------------------------------------------------------


def test_an_outcome_lies_neither_ahead_nor_before_the_disappearance(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    before = PartialDate("2011-05-30", date(2011, 5, 30), date(2011, 5, 30))
    ahead = date.today() + timedelta(days=9)
    for when, code in (
        (before, "before_disappearance"),
        (PartialDate("soon", ahead, ahead), "in_the_future"),
    ):
        with pytest.raises(Invalid) as caught:
            propose(cast, case, OutcomeKind.FALSE_REPORT, occurred_at=when)
        assert caught.value.fields["occurred_at"][0] == code


def test_two_outcomes_at_once_are_refused(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    propose(cast, case, OutcomeKind.FALSE_REPORT)
    with refuses(Conflict, "already_proposed"):
        propose(cast, case, OutcomeKind.REPORTED_IN_ERROR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.create(case=case)
    outcomes.confirm(**desk(cast, case, 1))
    with refuses(Conflict, "not_live"):
        propose(cast, case, OutcomeKind.REPORTED_IN_ERROR)


def test_a_case_joins_only_another_one_in_hand(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    other = factories.file_case(cast, status=CaseStatus.OPEN)
    strange = factories.file_case(cast, by=cast.other_guardian)
    for joined in (case, strange):
        with pytest.raises(Invalid):
            propose(cast, case, OutcomeKind.MERGED, merged_into=joined)
    with pytest.raises(Invalid):
        propose(cast, case, OutcomeKind.MERGED)
    propose(cast, case, OutcomeKind.MERGED, merged_into=other)
    outcomes.confirm(**desk(cast, case, 1))
    assert (status(case), status(other)) == (CaseStatus.MERGED, CaseStatus.OPEN)


def test_a_protected_case_reunites_nobody(cast: Cast) -> None:
    case = located(cast)
    proven(cast, case)
    wishes(cast, case)
    factories.tell_family(cast, case)
    propose(cast, case, OutcomeKind.REUNITED)
    protection.raise_flag(**desk(cast, case), kind=FlagKind.THREAT)
    with refuses(Conflict, "protected"):
        outcomes.confirm(**desk(cast, case, 1))
    assert status(case) == CaseStatus.LOCATED


def test_evidence_is_sealed_and_no_larger_than_15_mb(cast: Cast) -> None:
    case = located(cast)
    outcomes.establish_identity(
        **desk(cast, case), by=[PROOFS[0]], who="laboratory", evidence=b"canary-report"
    )
    name = Outcome.objects.get(case=case).evidence_file
    assert b"canary-report" not in storage.read(name)
    assert storage.unseal_unchecked(name) == b"canary-report"
    with pytest.raises(Invalid):
        outcomes.establish_identity(
            **desk(cast, case), by=[PROOFS[0]], who="x", evidence=bytes(15 * 1024 * 1024 + 1)
        )
    assert factories.stored_files() == [name]


# --- undo and reopen ----------------------------------------------------------------------------


def test_taking_back_the_end_says_what_it_touched_and_the_search_goes_on(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    end_case(cast, case)
    touched = outcome_undo.undo(**desk(cast, case, 1), reason="the wrong child")

    assert touched == [
        Touched.STATUS,
        Touched.SEARCHED,
        Touched.PARTNERS,
        Touched.CARD,
        Touched.WORDS,
    ]
    held = Case.objects.get(pk=case.pk)
    assert (held.status, held.public, held.ended_at) == (CaseStatus.LOCATED, False, None)
    assert outcome_undo.undo(**desk(cast, case), reason="not so") == [Touched.WORDS]
    for _step in ("wishes", "identity"):
        outcome_undo.undo(**desk(cast, case), reason="not so")
    assert outcome_undo.undo(**desk(cast, case), reason="not so") == [
        Touched.STATUS,
        Touched.CARD,
        Touched.PLACE,
        Touched.WORDS,
    ]
    assert status(case) == CaseStatus.OPEN
    outcome = Outcome.objects.get(case=case)
    assert outcome.place is None
    assert set(outcome.standing_steps()) == {StepKind.INFORMED.value}


def test_nothing_is_taken_back_once_somebody_has_built_on_it(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    end_case(cast, case)
    factories.tell_family(cast, case)
    with refuses(Conflict, "built_on"):
        outcome_undo.undo(**desk(cast, case), reason="too late")

    lifecycle.transition(**desk(cast, case), to=CaseStatus.OPEN, reason="it was not her")
    with refuses(Conflict, "nothing_to_undo"):
        outcome_undo.undo(**desk(cast, case), reason="too late")
    ended = Outcome.objects.get(case=case)
    assert (ended.ended_reason, ended.kind) == ("it was not her", "located_in_care")
    assert cast.guardian.api().get(f"/api/v1/cases/{case.pk}/outcome/").json() == {"status": "open"}


# --- clues --------------------------------------------------------------------------------------


def a_lead(cast: Cast, case: Case, kind: str = "seeker") -> Any:
    match = factories.store_match(case, factories.log_sighting(cast, kind=kind).sighting)
    match.status = "lead"
    match.save(update_fields=["status", "updated_at"])
    return match


def order(case: Case) -> list[tuple[int, str]]:
    return list(Outcome.objects.get(case=case).clues.values_list("rank", "kind"))


def test_clues_are_ranked_and_a_lead_is_one_of_them(cast: Cast) -> None:
    case = located(cast)
    lead = a_lead(cast, case)
    first = clues.add(**desk(cast, case), kind=ClueKind.POLICE)
    second = add_lead(**desk(cast, case), match=lead, note="her own words")
    clues.add(**desk(cast, case), kind=ClueKind.MEDIA)
    clues.move_up(**desk(cast, case), clue=second)
    assert order(case) == [(1, "seeker"), (2, "police"), (3, "media")]
    clues.remove(**desk(cast, case), clue=first)
    assert order(case) == [(1, "seeker"), (2, "media")]
    assert ClueMatch.objects.get().match == lead
    with pytest.raises(DomainError):
        add_lead(**desk(cast, case), match=lead)


# --- pages --------------------------------------------------------------------------------------


def act(person: Person, case: Case, name: str, part: str = "outcome", **given: Any) -> Any:
    address = f"/review/cases/{case.reference}/{part}/"
    return person.browser().post(address, {"act": name, **given})


def test_sealed_evidence_is_opened_by_those_who_decide_with_a_reason_that_is_kept(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    address = f"/review/cases/{case.reference}/outcome/"
    assert act(cast.reviewer, case, "evidence", reason="to compare").status_code == 404
    assert act(cast.reviewer, case, "inform", authority="Kunming").status_code == 302
    file = SimpleUploadedFile("report.pdf", b"canary-report")
    given: dict[str, Any] = {"identity_by": ["dna"], "identity_who": "lab", "evidence": file}
    assert act(cast.reviewer, case, "identity", **given).status_code == 302
    page = cast.reviewer.browser().get(address)
    assert hashlib.sha256(b"canary-report").hexdigest() in page.content.decode()
    assert b"canary-report" not in page.content
    assert act(cast.reviewer, case, "evidence", reason=" ").status_code == 400
    opened = act(cast.reviewer, case, "evidence", reason="to compare")
    assert opened.content == b"canary-report"
    assert opened["Content-Type"] == "application/octet-stream"
    assert opened["Content-Disposition"].startswith("attachment")
    outcome = Outcome.objects.get(case=case)
    looks = AuditEntry.objects.about(outcome.pk).filter(action="open_evidence")
    assert [look.reason for look in looks] == ["to compare"]
    for nobody in (cast.second_reviewer, cast.guardian, cast.coordinator):
        assert act(nobody, case, "evidence", reason="to compare").status_code == 404
    late = cast.reviewer.browser()
    session = late.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= 20 * 60
    session.save()
    asked = late.post(address, {"act": "evidence", "reason": "to compare"})
    assert asked.get("Content-Disposition") is None
    Outcome.objects.filter(pk=outcome.pk).update(evidence_sha256="0" * 64)
    with pytest.raises(storage.FileDamaged):
        act(cast.reviewer, case, "evidence", reason="to compare")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_case_is_walked_to_its_outcome_from_the_page(cast: Cast, language: str) -> None:
    hands = [cast.reviewer, cast.second_reviewer]
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=hands)
    first, second = hands
    address = f"/review/cases/{case.reference}/outcome/"
    assert act(first, case, "inform", authority="Kunming, KM-7").status_code == 302
    assert act(first, case, "located", place=PLACE).status_code == 302
    assert act(first, case, "identity", identity_by=["dna"], identity_who="lab").status_code == 302
    assert act(first, case, "wishes", wish="too_young", child_words="-").status_code == 302
    assert act(first, case, "add", "clues", kind="dna_database", note="hit").status_code == 302
    refused = act(first, case, "propose", kind="reunited", occurred_at="2020-03-02")
    assert refused.status_code == 400
    factories.tell_family(cast, case)
    assert act(first, case, "propose", kind="reunited", occurred_at="2020-03-02").status_code == 302
    assert act(first, case, "confirm").status_code == 400
    page = second.browser(language=language).get(address)
    assert page.status_code == 200
    assert PLACE in page.content.decode()
    assert act(second, case, "confirm").status_code == 302
    assert status(case) == CaseStatus.CLOSED
    assert act(second, case, "undo", reason="no").status_code == 400
    assert act(second, case, "undo", reason="not her").status_code == 302
    assert first.browser().get(f"/review/cases/{case.reference}/clues/").status_code == 200


@pytest.mark.parametrize("part", ["outcome", "clues"])
def test_the_pages_are_there_for_reviewers_with_the_case_and_for_nobody_else(
    cast: Cast, part: str
) -> None:
    case = located(cast)
    address = f"/review/cases/{case.reference}/{part}/"
    for person in (cast.guardian, cast.volunteer, cast.coordinator, cast.third_reviewer):
        assert person.browser().get(address).status_code == 404
        assert person.browser().post(address, {"act": "add"}).status_code == 404
    assert cast.desk[0].browser().get(address).status_code == 200
    looked = AuditEntry.objects.filter(action="R", groups__contains=["f13"])
    assert looked.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"act": "propose", "kind": "no_such_kind"},
        {"act": "inform", "authority": "x" * 4_001},
        {"act": "inform", "authority": "hidden\x00character"},
        {"act": "identity", "identity_by": ["horoscope"], "identity_who": "x"},
        {"act": "wishes", "wish": ""},
        {"act": "inform", "authority": "   "},
    ],
)
def test_what_can_not_be_is_refused_in_words(cast: Cast, given: dict[str, Any]) -> None:
    case = located(cast)
    page = cast.desk[0].browser().post(f"/review/cases/{case.reference}/outcome/", given)
    assert page.status_code == 400
    assert "error-summary" in page.content.decode()


def test_the_outcome_page_asks_as_much_of_the_database_however_often_it_was_opened(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    case = located(cast)
    for _round in range(3):
        lifecycle.transition(**desk(cast, case), to=CaseStatus.OPEN, reason="not her")
        outcomes.inform_authorities(**desk(cast, case), authority="police")
        outcomes.record_located(**desk(cast, case), place=PLACE)
    browser = cast.desk[0].browser()
    with django_assert_max_num_queries(40):
        assert browser.get(f"/review/cases/{case.reference}/outcome/").status_code == 200


# --- how long it is kept ------------------------------------------------------------------------


def test_a_case_whose_family_was_not_told_is_kept_from_its_end_on(cast: Cast) -> None:
    from casemgr.platform import retention
    from casemgr.platform.erasure.models import Erasure

    case = factories.file_case(cast, status=CaseStatus.OPEN)
    Case.objects.filter(pk=case.pk).update(updated_at=Now() - timedelta(days=800))
    end_case(cast, case)
    [rule] = [rule for rule in retention.rules() if rule.name == "ended cases"]
    assert rule.run(10) == 0
    Case.objects.filter(pk=case.pk).update(ended_at=Now() - timedelta(days=366))
    assert rule.run(10) == 1
    assert Erasure.objects.get().subject == case.pk
