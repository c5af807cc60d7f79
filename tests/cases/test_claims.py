"""Claims: tested by two against facts nobody was shown, and answered with one sentence only."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from casemgr.platform.errors import Conflict, Forbidden, Invalid, NotFound
from casemgr.platform.vocabularies import CaseStatus
from cases import claims
from cases.models import Case, Claim, Verdict, WithheldFact
from tests import factories
from tests.api.helpers import BASE
from tests.cast import Cast, Person
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
FACT = "a red thread around the left ankle"


def claimed(cast: Cast, *in_hand_of: Person) -> Claim:
    """A claim by the guardian, on a case with one fact that a reviewer entered."""
    people = in_hand_of or (cast.reviewer, cast.second_reviewer)
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=people)
    claims.enter_fact(actor=people[0].actor, case=case, text=FACT)
    claims.make_claim(actor=cast.guardian.actor, case=case, statement="I am her father.")
    return Claim.objects.get(case=case)


def cooled(claim: Claim) -> None:
    Claim.objects.filter(pk=claim.pk).update(cooling_until=Now() - timedelta(seconds=1))


def asks(person: Person, claim: Claim, *, agrees: bool = True) -> None:
    """The reviewer takes the claim and asks about every fact."""
    claims.take_claim(actor=person.actor, claim=claim)
    for fact in claims.opened(actor=person.actor, claim=claim).facts:
        claims.record_answer(actor=person.actor, claim=claim, fact=fact, agrees=agrees)


def says(person: Person, claim: Claim, verdict: Verdict) -> str:
    return claims.give_verdict(
        actor=person.actor, claim=claim, verdict=verdict, reason="as asked in person"
    ).verdict


def test_two_testers_release_a_claim_after_the_cooling_off(cast: Cast) -> None:
    claim = claimed(cast)
    for person in (cast.reviewer, cast.second_reviewer):
        asks(person, claim)
    with refuses(Conflict, "cooling_off"):
        says(cast.reviewer, claim, Verdict.RELEASE)
    cooled(claim)

    assert says(cast.reviewer, claim, Verdict.RELEASE) == ""
    with refuses(Conflict, "decided_by_you"):
        says(cast.reviewer, claim, Verdict.RELEASE)
    assert says(cast.second_reviewer, claim, Verdict.RELEASE) == "release"


def test_one_refusal_refuses_at_once(cast: Cast) -> None:
    claim = claimed(cast)
    asks(cast.reviewer, claim, agrees=False)
    assert says(cast.reviewer, claim, Verdict.REFUSE) == "refuse"
    with pytest.raises(NotFound):
        claims.opened(actor=cast.reviewer.actor, claim=claim)


def test_facts_are_shown_to_the_two_testers_and_to_nobody_else(cast: Cast) -> None:
    third = cast.third_reviewer
    claim = claimed(cast, cast.reviewer, cast.second_reviewer, third)
    for person in (cast.reviewer, cast.second_reviewer):
        with pytest.raises(NotFound):
            claims.opened(actor=person.actor, claim=claim)
        claims.take_claim(actor=person.actor, claim=claim)
        seen = claims.opened(actor=person.actor, claim=claim)
        assert (seen.statement, [fact.text for fact in seen.facts]) == ("I am her father.", [FACT])

    with refuses(Conflict, "claim_taken"):
        claims.take_claim(actor=third.actor, claim=claim)
    for stranger in (third, cast.guardian, cast.coordinator, cast.volunteer, cast.anonymous):
        with pytest.raises(NotFound):
            claims.opened(actor=stranger.actor, claim=claim)
    pages = [
        person.api().get(f"{BASE}cases/{claim.case_id}/{part}").content.decode()
        for person in (cast.guardian, cast.reviewer)
        for part in ("", "timeline/", "consents/", "guardians/", "photos/")
    ]
    assert not any(FACT in page or "I am her father." in page for page in pages)


def test_a_tester_does_not_learn_what_the_other_one_heard(cast: Cast) -> None:
    claim = claimed(cast)
    asks(cast.reviewer, claim, agrees=False)
    claims.take_claim(actor=cast.second_reviewer.actor, claim=claim)
    assert claims.opened(actor=cast.second_reviewer.actor, claim=claim).answers == {}


def test_what_the_claimant_entered_tests_nothing(cast: Cast) -> None:
    case = factories.file_case(cast, in_hand_of=[cast.reviewer])
    claims.enter_fact(actor=cast.guardian.actor, case=case, text="what I made up")
    claims.make_claim(actor=cast.guardian.actor, case=case, statement="Mine.")
    claim = Claim.objects.get()
    cooled(claim)
    asks(cast.reviewer, claim)

    assert claims.opened(actor=cast.reviewer.actor, claim=claim).facts == ()
    with refuses(Conflict, "no_facts"):
        says(cast.reviewer, claim, Verdict.RELEASE)


def test_every_fact_is_asked_about_before_a_yes_and_each_once(cast: Cast) -> None:
    claim = claimed(cast)
    claims.enter_fact(actor=cast.reviewer.actor, case=claim.case, text="she called rain 'falling'")
    cooled(claim)
    claims.take_claim(actor=cast.reviewer.actor, claim=claim)
    first, _second = claims.opened(actor=cast.reviewer.actor, claim=claim).facts
    claims.record_answer(actor=cast.reviewer.actor, claim=claim, fact=first, agrees=False)

    with refuses(Conflict, "facts_left"):
        says(cast.reviewer, claim, Verdict.RELEASE)
    with refuses(Conflict, "answered"):
        claims.record_answer(actor=cast.reviewer.actor, claim=claim, fact=first, agrees=True)


def test_nobody_close_tests_a_claim(cast: Cast) -> None:
    claim = claimed(cast, cast.reviewer, cast.second_reviewer, cast.third_reviewer)
    factories.file_case(cast, by=cast.second_reviewer)
    shared = factories.file_case(cast, by=cast.guardian)
    assert cast.third_reviewer.user is not None
    shared.family.guardians.create(user=cast.third_reviewer.user)

    claims.take_claim(actor=cast.second_reviewer.actor, claim=claim)
    with pytest.raises(NotFound):
        claims.take_claim(actor=cast.third_reviewer.actor, claim=claim)
    without = cast.desk[0]
    assert without.user is not None
    claim.case.assignments.filter(reviewer=without.user).delete()
    with pytest.raises(NotFound):
        claims.take_claim(actor=without.actor, claim=claim)


def test_a_claimant_is_told_the_same_whatever_becomes_of_it(cast: Cast) -> None:
    claim = claimed(cast)
    api = cast.guardian.api()
    parts = ("", "timeline/", "consents/", "guardians/", "photos/", "matches/")

    def told() -> list[bytes]:
        return [api.get(f"{BASE}cases/{claim.case_id}/{part}").content for part in parts]

    before = told()
    asks(cast.reviewer, claim, agrees=False)
    says(cast.reviewer, claim, Verdict.REFUSE)
    assert told() == before


def test_a_claim_repeated_or_made_again_after_a_refusal_opens_nothing(cast: Cast) -> None:
    claim = claimed(cast)

    def again() -> int:
        claims.make_claim(actor=cast.guardian.actor, case=claim.case, statement="Again.")
        return Claim.objects.count()

    assert again() == 1
    asks(cast.reviewer, claim)
    says(cast.reviewer, claim, Verdict.REFUSE)
    assert again() == 1
    Claim.objects.update(decided_at=Now() - claims.AGAIN_AFTER)
    assert again() == 2


def test_who_may_claim_and_who_may_enter_facts(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    for stranger in (cast.anonymous, cast.volunteer, cast.other_guardian, cast.third_reviewer):
        with pytest.raises(Forbidden):
            claims.enter_fact(actor=stranger.actor, case=case, text=FACT)
        with pytest.raises(Forbidden):
            claims.make_claim(actor=stranger.actor, case=case, statement="Mine.")
    with pytest.raises(Invalid):
        claims.make_claim(actor=cast.reviewer.actor, case=case, statement="Whose?")
    claims.make_claim(
        actor=cast.reviewer.actor,
        case=case,
        statement="Came to the desk.",
        claimant=cast.volunteer.user,
    )
    assert Claim.objects.get().claimant == cast.volunteer.user
    assert list(claims.waiting(cast.reviewer.actor)) == [Claim.objects.get()]
    assert not claims.waiting(cast.third_reviewer.actor).exists()
    assert not claims.waiting(cast.guardian.actor).exists()


def test_papers_are_sealed_and_shown_to_testers_alone(cast: Cast) -> None:
    claim = claimed(cast)
    claims.add_paper(
        actor=cast.guardian.actor, case=claim.case, note="birth certificate", data=b"scan"
    )
    claims.take_claim(actor=cast.reviewer.actor, claim=claim)
    [paper] = claims.opened(actor=cast.reviewer.actor, claim=claim).papers
    assert (paper.note, paper.claim) == ("birth certificate", claim)
    [stored] = factories.stored_files()
    assert stored == paper.sealed_file


def test_withheld_facts_are_in_no_search_tokens(cast: Cast) -> None:
    case = factories.file_case(cast)
    before = Case.objects.get(pk=case.pk).tokens
    claims.enter_fact(actor=cast.guardian.actor, case=case, text="canaryfact")
    assert Case.objects.get(pk=case.pk).tokens == before
    assert WithheldFact.objects.get().text == "canaryfact"
