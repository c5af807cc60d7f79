"""Stories of abuse: a trafficker as parent (T1), a stalker who files (T2), lone reviewers (T13)."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from casemgr.platform.errors import DomainError
from casemgr.platform.vocabularies import CaseStatus, MatchStatus, ReviewDecision
from cases import assignments, claims, lifecycle, protection, publication, services
from cases.models import (
    Case,
    Claim,
    ConsentPurpose,
    FlagKind,
    ProtectionFlag,
    TakeReason,
    Verdict,
    WithheldFact,
)
from families.models import VerificationBasis
from searches import reviewing, second_look
from searches.models import Evidence, Match, Review, SecondLook, Sighting
from tests import factories
from tests.api.helpers import BASE, refused, upload
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db
CASES = f"{BASE}cases/"
PARTS = ("", "photos/", "timeline/", "consents/", "guardians/", "matches/", "outcome/")
VARIES = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|HW-[0-9A-Z-]+|\d{4}-\d\d-\d\dT[\d:.]+Z"
)
PLACE = "canary-shelter-by-the-harbour"


def blurred(response: Any) -> tuple[int, str, dict[str, str]]:
    """An answer without ids, references and moments."""
    headers = {
        name: value
        for name, value in response.items()
        if name not in {"X-Request-Id", "ETag", "Content-Security-Policy", "Set-Cookie"}
    }
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, VARIES.sub("*", page), headers


def told(person: Person, case: Case) -> list[Any]:
    """Everything that somebody with this case can ask the house, and what it answers."""
    api, browser = person.api(), person.browser()
    answers: list[Any] = [api.get(f"{CASES}{case.pk}/{part}") for part in PARTS]
    answers += [api.get(CASES), api.get(f"{BASE}matches/"), api.get(f"{BASE}sightings/")]
    for status in CaseStatus.values:
        answers.append(api.get(CASES, {"status": status}))
    for public in ("true", "false"):
        answers.append(api.get(CASES, {"public": public}))
    for to in ("located", "closed", "open", "verified", "submitted"):
        answers.append(api.post(f"{CASES}{case.pk}/transitions/", {"to": to}))
    for page in ("/", f"/cases/{case.reference}/", "/review/", "/receipt/"):
        answers.append(browser.get(page))
    return [blurred(answer) for answer in answers]


def found_at(cast: Cast, case: Case, place: str) -> None:
    """Two reviewers let a sighting of the child through and take the case to located."""
    sighting = factories.log_sighting(cast, memories=place, kind="seeker").sighting
    match = factories.store_match(case, sighting)
    for person in cast.desk:
        reviewing.decide(
            actor=person.actor, match=match, decision=ReviewDecision.ACCEPT, reason="it is her"
        )
    assert Match.objects.get(pk=match.pk).status == MatchStatus.LEAD
    lifecycle.transition(actor=cast.desk[0].actor, case=case, to=CaseStatus.LOCATED)


def recovered(cast: Cast, case: Case) -> None:
    found_at(cast, case, PLACE)


def recovered_and_closed(cast: Cast, case: Case) -> None:
    found_at(cast, case, f"{PLACE}-two")
    factories.end_case(cast, case)


def in_doubt(cast: Cast, case: Case) -> None:
    publication.unpublish(actor=cast.desk[0].actor, case=case, reason="doubt")


def protected(cast: Cast, case: Case) -> None:
    protection.raise_flag(actor=cast.desk[0].actor, case=case, kind=FlagKind.THREAT)


WORLDS: tuple[Callable[[Cast, Case], None], ...] = (
    recovered,
    recovered_and_closed,
    in_doubt,
    protected,
)


def test_a_trafficker_posing_as_parent_learns_nothing(cast: Cast) -> None:
    """T1: whatever became of the child, the one who filed the case reads the same bytes."""
    read = {}
    for happens in WORLDS:
        case = factories.file_case(cast, public=True)
        happens(cast, case)
        claims.enter_fact(actor=cast.desk[1].actor, case=case, text="what only she knows")
        claims.make_claim(actor=cast.guardian.actor, case=case, statement="I am her father.")
        read[happens] = told(cast.guardian, case)
        Case.objects.filter(pk=case.pk).delete()

    first = read[recovered]
    assert all(answers == first for answers in read.values())
    assert PLACE not in str(read)


def test_a_trafficker_who_asks_after_being_refused_is_told_what_a_father_is_told(
    cast: Cast,
) -> None:
    """T1: a released claim, a refused one and one that waits read alike; no answer is hinted at."""
    read = {}
    for verdict in ("", *Verdict):
        case = factories.file_case(cast, public=True)
        claims.enter_fact(actor=cast.desk[1].actor, case=case, text="what only she knows")
        claims.make_claim(actor=cast.guardian.actor, case=case, statement="I am her father.")
        claim = Claim.objects.get(case=case)
        Claim.objects.filter(pk=claim.pk).update(cooling_until=claim.made_at)
        fact = WithheldFact.objects.get(case=case)
        for person in cast.desk:
            claims.take_claim(actor=person.actor, claim=claim)
            claims.record_answer(
                actor=person.actor, claim=claim, fact=fact, agrees=verdict != Verdict.REFUSE
            )
        for person in cast.desk if verdict == Verdict.RELEASE else cast.desk[: bool(verdict)]:
            claims.give_verdict(
                actor=person.actor, claim=claim, verdict=Verdict(verdict), reason="asked"
            )
        assert Claim.objects.get(pk=claim.pk).verdict == verdict
        read[verdict] = told(cast.guardian, case)
        Case.objects.filter(pk=case.pk).delete()
    assert read[""] == read[Verdict.RELEASE] == read[Verdict.REFUSE]


def test_to_the_family_not_even_the_version_of_a_case_moves_when_the_child_is_located(
    cast: Cast,
) -> None:
    """T1: without a card to take down, locating, closing and opening again leave every byte."""
    case = factories.file_case(cast, status=CaseStatus.OPEN, case={"alliance": cast.alliance})

    def asked() -> list[Any]:
        people = (cast.guardian.api(), cast.coordinator.api())
        answers = [api.get(f"{CASES}{case.pk}/{part}") for api in people for part in PARTS]
        return [(answer.status_code, answer.content, answer.get("ETag")) for answer in answers]

    before = asked()
    found_at(cast, case, PLACE)
    assert asked() == before
    factories.end_case(cast, case)
    assert asked() == before
    for to in (CaseStatus.OPEN, CaseStatus.LOCATED):
        lifecycle.transition(actor=cast.desk[0].actor, case=case, to=to)
        assert asked() == before


def test_the_family_is_told_by_a_person_and_only_once_everybody_is_verified(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    found_at(cast, case, PLACE)
    tell: dict[str, Any] = {
        "actor": cast.desk[0].actor,
        "case": case,
        "reason": "spoke to her by phone",
    }
    assert cast.guardian.api().get(f"{CASES}{case.pk}/").json()["status"] == "open"
    assert cast.desk[0].api().get(f"{CASES}{case.pk}/").json()["status"] == "located"
    with pytest.raises(DomainError, match="Verify everybody"):
        lifecycle.record_family_told(**tell)

    assignments.verify_guardian(
        actor=cast.desk[1].actor,
        case=case,
        guardian=case.family.guardians.get(),
        basis=VerificationBasis.POLICE,
        police_reference="KM-7",
    )
    flag = protection.raise_flag(actor=cast.desk[0].actor, case=case, kind=FlagKind.THREAT)
    with pytest.raises(DomainError, match="protected"):
        lifecycle.record_family_told(**tell)
    for person in cast.desk:
        protection.clear_flag(actor=person.actor, flag=flag, reason="no threat")
    lifecycle.record_family_told(**tell)
    assert cast.guardian.api().get(f"{CASES}{case.pk}/").json()["status"] == "located"


@pytest.mark.slow
def test_a_stalker_who_files_a_case_with_the_childs_photo_learns_nothing(cast: Cast) -> None:
    """T2: whether the child of the photo is in a sighting or not, the filer reads the same."""
    from tests.cases.test_harmful import drawn

    def filed(number: int) -> Case:
        case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
        answer = cast.guardian.api().post(
            f"{CASES}{case.pk}/photos/", {"image": upload(drawn(number))}, format="multipart"
        )
        assert answer.status_code == 201
        factories.work_off()
        return case

    factories.log_sighting(cast, by=cast.volunteer, photos=[drawn(0)])
    factories.work_off()
    read = {}
    for number in (0, 1):
        case = filed(number)
        alike = Evidence.objects.filter(match__case=case, comparison="picture", weight_bits__gt=0)
        assert alike.exists() == (number == 0)
        read[number] = told(cast.guardian, case)
        Case.objects.filter(pk=case.pk).delete()
    assert read[0] == read[1]


def test_a_parent_under_a_custody_order_does_not_see_that_there_is_one(cast: Cast) -> None:
    """T2: a protected case and an ordinary unpublished one read alike, to all but its reviewers."""
    people = (cast.guardian, cast.volunteer, cast.coordinator, cast.anonymous, cast.third_reviewer)
    read = {}
    for protected in (False, True):
        case = factories.file_case(
            cast,
            status=CaseStatus.OPEN,
            case={"alliance": cast.alliance},
            in_hand_of=[cast.reviewer],
        )
        if protected:
            protection.raise_flag(
                actor=cast.reviewer.actor, case=case, kind=FlagKind.CUSTODY_ORDER, note=PLACE
            )
        read[protected] = [told(person, case) for person in people]
        Case.objects.filter(pk=case.pk).delete()
    assert read[True] == read[False]


# --- T13 ----------------------------------------------------------------------------------------


class _Undone(Exception):
    """Takes a tried step back."""


def steps(person: Person, case: Case, match: Match, flag: ProtectionFlag) -> dict[str, Any]:
    """Everything one reviewer can do towards showing a case, a lead, and clearing a flag."""
    actor = person.actor

    def reviewed(decision: ReviewDecision) -> None:
        reviewing.decide(actor=actor, match=match, decision=decision, reason="as I say")

    def undone() -> None:
        for review in Review.objects.filter(reviewer=person.user, ended_at__isnull=True):
            reviewing.undo(actor=actor, review=review)

    def claimed() -> None:
        for claim in Claim.objects.filter(case=case):
            claims.take_claim(actor=actor, claim=claim)
            claims.enter_fact(actor=actor, case=case, text="mine")
            for fact in claims.opened(actor=actor, claim=claim).facts:
                claims.record_answer(actor=actor, claim=claim, fact=fact, agrees=True)
            claims.give_verdict(
                actor=actor, claim=claim, verdict=Verdict.RELEASE, reason="as I say"
            )

    return {
        "approve": lambda: publication.approve_publication(actor=actor, case=case),
        "clear": lambda: protection.clear_flag(actor=actor, flag=flag, reason="as I say"),
        "accept": lambda: reviewed(ReviewDecision.ACCEPT),
        "ask": lambda: reviewed(ReviewDecision.NEEDS_INFORMATION),
        "undo": undone,
        "claim": claimed,
        "hand back": lambda: assignments.release(actor=actor, case=case),
        "take": lambda: assignments.take_in_hand(
            actor=actor, reference=case.reference, why=TakeReason.NEW
        ),
        "unpublish": lambda: publication.unpublish(actor=actor, case=case, reason="x"),
    }


def walks(names: list[str], longest: int) -> Iterator[tuple[str, ...]]:
    for length in range(1, longest + 1):
        yield from itertools.product(names, repeat=length)


def arena(cast: Cast, *, by: Person | None = None) -> tuple[Case, Match, ProtectionFlag]:
    """A consented open case with a match and a claim past its cooling-off; a flag on another."""
    case = factories.file_case(cast, by=by, status=CaseStatus.OPEN)
    filer = (by or cast.guardian).actor
    services.give_consent(actor=filer, case=case, purpose=ConsentPurpose.PUBLISH)
    other = factories.file_case(cast, by=by, status=CaseStatus.OPEN)
    flag = protection.raise_flag(actor=cast.desk[0].actor, case=other, kind=FlagKind.CUSTODY_ORDER)
    match = factories.store_match(case, factories.log_sighting(cast).sighting)
    claims.enter_fact(actor=cast.desk[0].actor, case=case, text="what only she knows")
    claims.make_claim(
        actor=cast.desk[0].actor, case=case, statement="His.", claimant=cast.volunteer.user
    )
    Claim.objects.update(cooling_until=case.created_at)
    return case, match, flag


def reached(case: Case, match: Match, flag: ProtectionFlag) -> set[str]:
    """Which of the ends that need two people have come about."""
    ends = {
        "public": Case.objects.filter(pk=case.pk, public_since__isnull=False).exists(),
        "lead": Match.objects.filter(pk=match.pk, status=MatchStatus.LEAD).exists(),
        "cleared": ProtectionFlag.objects.filter(pk=flag.pk, cleared_at__isnull=False).exists(),
        "released": Claim.objects.filter(case=case, verdict=Verdict.RELEASE).exists(),
    }
    return {name for name, came in ends.items() if came}


def walk(person: Person, path: tuple[str, ...], case: Case, match: Match, flag: Any) -> set[str]:
    """What came about on one path; every step is taken back afterwards."""
    came: set[str] = set()
    try:
        with transaction.atomic():
            can_do = steps(person, case, match, flag)
            for name in path:
                try:
                    with transaction.atomic():
                        can_do[name]()
                except DomainError:
                    pass
            came = reached(case, match, flag)
            raise _Undone
    except _Undone:
        return came


ESSENTIAL = ["approve", "clear", "accept", "ask", "undo", "claim"]


@pytest.mark.slow
def test_no_path_of_one_reviewer_leads_where_two_are_needed(cast: Cast) -> None:
    """T13: every order of what one person can do, as far as it makes a difference."""
    case, match, flag = arena(cast)
    everything = list(steps(cast.desk[0], case, match, flag))
    for path in [*walks(everything, 2), *itertools.permutations(ESSENTIAL, 3)]:
        assert walk(cast.desk[0], path, case, match, flag) == set(), path


def test_two_unrelated_reviewers_do_get_there(cast: Cast) -> None:
    """So that the search above proves something: with a second person each end comes about."""
    case, match, flag = arena(cast)
    for person in cast.desk:
        for name in ("clear", "accept", "claim"):
            steps(person, case, match, flag)[name]()
    for person in cast.desk:
        steps(person, case, match, flag)["approve"]()
    assert reached(case, match, flag) == {"public", "lead", "cleared", "released"}


def test_a_reviewer_whose_own_child_it_is_gets_nowhere_alone(cast: Cast) -> None:
    """T13: the one who filed may be a reviewer; on this case they are only its guardian."""
    case, match, flag = arena(cast, by=cast.reviewer)
    for path in walks([*ESSENTIAL, "take"], 2):
        assert walk(cast.reviewer, path, case, match, flag) == set(), path
    for to in ("verified", "open", "located"):
        answer = cast.reviewer.api().post(f"{CASES}{case.pk}/transitions/", {"to": to})
        assert answer.status_code in {403, 409}


def test_a_pair_that_always_agrees_shows_in_the_blind_third_looks(cast: Cast) -> None:
    """T13: two reviewers who let everything through are contradicted by those who don't know."""
    looked = 0
    for _ in range(3):
        case = factories.file_case(
            cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer, cast.second_reviewer]
        )
        match = factories.store_match(case, factories.log_sighting(cast).sighting)
        for person in (cast.reviewer, cast.second_reviewer):
            reviewing.decide(
                actor=person.actor, match=match, decision=ReviewDecision.ACCEPT, reason="yes yes"
            )
        if not second_look.is_chosen(match.pk):
            SecondLook.objects.create(match=match, standing=ReviewDecision.ACCEPT)
        look = second_look.begin(actor=cast.third_reviewer.actor)
        assert look is not None
        second_look.finish(
            actor=cast.third_reviewer.actor,
            look=look,
            decision=ReviewDecision.REJECT,
            reason="another child",
        )
        looked += 1
    found = second_look.agreement()
    assert (found.looked, found.share, found.yes_and_no) == (looked, 0.0, 3)


def test_a_coordinator_of_another_alliance_and_a_reviewer_without_the_case_are_strangers(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    for person in (cast.coordinator, cast.third_reviewer):
        for part in PARTS:
            refused(person.api().get(f"{CASES}{case.pk}/{part}"), 404, "not_found")
    assert Sighting.objects.count() == 0
