"""The second of two is drawn at random; nobody else takes the seat unseen."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.db.models.functions import Now

from casemgr.platform import erasure
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.audit import AuditEntry
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Conflict
from casemgr.platform.notify.models import Notice
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus, OutcomeKind, ReviewDecision
from cases import claims, outcomes, protection, publication, second_seat, services
from cases.models import Claim, ConsentPurpose, FlagKind, SecondSeat
from families.models import Alliance, Guardian, Membership, MembershipRole
from searches import reviewing
from searches.models import Match, Review
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person, give_factor
from tests.pages import text_of
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
URGENT, USUAL = timedelta(hours=1), timedelta(hours=24)


def reviewers(cast: Cast) -> list[Person]:
    people = [cast.reviewer, cast.second_reviewer, cast.third_reviewer, cast.fourth_reviewer]
    give_factor(*people)
    return people


def matched(cast: Cast, *, reporter: Person | None = None, **sighting: Any) -> Match:
    people = reviewers(cast)
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=people)
    told = factories.log_sighting(cast, by=reporter, **sighting).sighting
    return factories.store_match(case, told)


def decide(person: Person, match: Match, decision: str = "accept") -> Any:
    return person.api().post(
        f"{BASE}matches/{match.pk}/reviews/", {"decision": decision, "reason": "looked closely"}
    )


def seat_of(subject_id: UUID) -> SecondSeat:
    return SecondSeat.objects.get(subject_id=subject_id, ended_at__isnull=True)


def holder_and_others(cast: Cast, subject_id: UUID) -> tuple[Person, list[Person]]:
    """Whoever was drawn, and the others of the cast's four who did not decide first."""
    drawn = seat_of(subject_id).reviewer_id
    people = {person.user_id: person for person in reviewers(cast)}
    return people[drawn], [
        person for key, person in people.items() if key not in {drawn, cast.reviewer.user_id}
    ]


def time_passes(seat: SecondSeat) -> None:
    """The drawn one's time is over, and the worker takes notice."""
    SecondSeat.objects.filter(pk=seat.pk).update(until=Now() - timedelta(seconds=1))
    Job.objects.filter(handler=second_seat.TIME_IS_OVER, subject=seat.pk).update(due_at=Now())
    factories.work_off(second_seat.TIME_IS_OVER)


def people_eligible(match: Match) -> set[UUID]:
    reporter = match.sighting.reporter_id
    earlier = set(Review.objects.values_list("reviewer_id", flat=True))
    waiting = second_seat.Waiting(match.case, earlier, barred=[reporter] if reporter else [])
    return {user.pk for user in second_seat.eligible(waiting)}


def test_one_is_drawn_told_and_sees_it_first_and_nobody_else_can_be_second(cast: Cast) -> None:
    match = matched(cast)
    assert decide(cast.reviewer, match).status_code == 201
    drawn, others = holder_and_others(cast, match.pk)

    assert [notice.person_id for notice in Notice.objects.filter(kind="second_seat")] == [
        drawn.user_id
    ]
    for other in others:
        refused(decide(other, match), 409, "another_drawn")
        refused(decide(other, match, "reject"), 409, "another_drawn")
        page = text_of(other.browser().get(f"/review/matches/{match.pk}/"))
        assert "A second reviewer was drawn by chance" in page
        assert "Save my decision" not in page
        assert "You were drawn" not in text_of(other.browser().get("/review/"))
    queue = text_of(drawn.browser().get("/review/"))
    assert queue.index("You were drawn") < queue.index("In your hands")
    for person in (cast.reviewer, *others):
        page = text_of(person.browser().get(f"/review/matches/{match.pk}/"))
        assert drawn.user is not None
        assert drawn.user.display_name not in page

    assert decide(drawn, match).status_code == 201
    assert Match.objects.get(pk=match.pk).status == "lead"
    assert not SecondSeat.objects.filter(ended_at__isnull=True).exists()
    assert "You were drawn" not in text_of(drawn.browser().get("/review/"))


def test_chance_reaches_everybody_who_could_be_second(cast: Cast) -> None:
    """Forty draws among three: one of them left out has a chance of 3 in 10 million."""
    match = matched(cast)
    drawn = set()
    for _ in range(40):
        reviewing.decide(
            actor=cast.reviewer.actor, match=match, decision=ReviewDecision.ACCEPT, reason="alike"
        )
        drawn.add(seat_of(match.pk).reviewer_id)
        reviewing.undo(actor=cast.reviewer.actor, review=Review.objects.get(ended_at=None))
        assert not SecondSeat.objects.filter(ended_at__isnull=True).exists()
    assert drawn == {person.user_id for person in reviewers(cast)} - {cast.reviewer.user_id}


def test_kin_reporters_the_inactive_and_those_without_a_second_factor_are_not_drawn(
    cast: Cast,
) -> None:
    match = matched(cast, reporter=cast.second_reviewer)
    decide(cast.reviewer, match)
    everybody = {cast.third_reviewer.user_id, cast.fourth_reviewer.user_id}
    assert people_eligible(match) == everybody
    Guardian.objects.create(family=match.case.family, user=cast.third_reviewer.user)
    assert people_eligible(match) == {cast.fourth_reviewer.user_id}
    User.objects.filter(pk=cast.fourth_reviewer.user_id).update(is_active=False)
    assert people_eligible(match) == set()
    give_factor(cast.desk[0])
    assert people_eligible(match) == {cast.desk[0].user_id}
    RoleGrant.objects.filter(user=cast.desk[0].user).update(revoked_at=Now())
    assert people_eligible(match) == set()


def test_an_ally_of_the_first_is_drawn_only_where_nobody_else_is_left(cast: Cast) -> None:
    match = matched(cast)
    alliance = Alliance.objects.create(name="Reviewers together")
    allies = (cast.reviewer, cast.second_reviewer, cast.third_reviewer)
    for person in allies:
        Membership.objects.create(
            alliance=alliance, user_id=person.user_id, role=MembershipRole.MEMBER
        )
    decide(cast.reviewer, match)
    assert seat_of(match.pk).reviewer_id == cast.fourth_reviewer.user_id
    reviewing.undo(actor=cast.reviewer.actor, review=Review.objects.get())

    everyone_else = [cast.fourth_reviewer.user_id, *(person.user_id for person in cast.desk)]
    RoleGrant.objects.filter(user__in=everyone_else).update(revoked_at=Now())
    decide(cast.reviewer, match)
    drawn, _others = holder_and_others(cast, match.pk)
    assert drawn in allies
    assert decide(drawn, match).status_code == 201
    assert AuditEntry.objects.filter(action="same_alliance").count() == 1


def test_where_nobody_can_be_drawn_whoever_may_decides(cast: Cast) -> None:
    match = matched(cast)
    Authenticator.objects.filter(user=cast.second_reviewer.user).delete()
    RoleGrant.objects.filter(user__in=[cast.third_reviewer.user, cast.fourth_reviewer.user]).update(
        revoked_at=Now()
    )
    decide(cast.reviewer, match)
    assert not SecondSeat.objects.exists()
    assert decide(cast.second_reviewer, match).status_code == 201


def test_who_does_not_act_in_time_is_followed_by_another(cast: Cast) -> None:
    match = matched(cast)
    decide(cast.reviewer, match)
    seen = set()
    for turn in (1, 2, 3):
        seat = seat_of(match.pk)
        assert seat.turn == turn
        assert timedelta(hours=23) < seat.until - seat.drawn_at <= USUAL
        seen.add(seat.reviewer_id)
        factories.work_off(second_seat.TIME_IS_OVER)
        assert seat_of(match.pk) == seat, "it is too early"
        time_passes(seat)
    assert seen == {person.user_id for person in reviewers(cast)} - {cast.reviewer.user_id}
    assert seat_of(match.pk).turn == 4
    assert Notice.objects.filter(kind="second_seat").count() == 4


def test_a_child_in_danger_waits_an_hour_and_no_morning(cast: Cast) -> None:
    match = matched(cast, danger_now=True)
    decide(cast.reviewer, match)
    seat = seat_of(match.pk)
    assert (seat.urgent, seat.until - seat.drawn_at) == (True, URGENT)
    assert Notice.objects.get(kind="second_seat_urgent").spec.at_once


def test_the_seat_is_taken_over_only_after_the_time_with_a_reason_and_not_unseen(
    cast: Cast,
) -> None:
    officer = User.objects.create_user(email="officer@example.org")
    RoleGrant.objects.create(user=officer, role=StaffRole.DATA_PROTECTION)
    match = matched(cast)
    decide(cast.reviewer, match)
    _drawn, (other, _another) = holder_and_others(cast, match.pk)
    desk = f"/review/cases/{match.case.reference}/"

    def takes_over(person: Person, words: str = "the child is near by") -> Any:
        seat = seat_of(match.pk)
        return person.browser().post(desk, {"act": "take_over", "item": seat.pk, "words": words})

    assert "Be the second in their place" not in text_of(other.browser().get(desk))
    assert takes_over(other).status_code == 400
    time_passes(seat_of(match.pk))
    _drawn, (other, _another) = holder_and_others(cast, match.pk)
    assert "Be the second in their place" in text_of(other.browser().get(desk))
    assert takes_over(other, words="").status_code == 400
    assert takes_over(cast.reviewer).status_code == 400, "who was first can't be second too"
    assert not AuditEntry.objects.filter(action="take_second_seat").exists()

    assert takes_over(other).status_code == 302
    row = AuditEntry.objects.get(action="take_second_seat")
    assert (row.user_id, row.reason) == (other.user_id, "the child is near by")
    assert Notice.objects.get(kind="second_seat_taken").person == officer
    assert decide(other, match).status_code == 201


def test_who_asks_for_information_keeps_the_seat_and_a_no_calls_a_third(cast: Cast) -> None:
    match = matched(cast)
    decide(cast.reviewer, match)
    drawn, _others = holder_and_others(cast, match.pk)
    assert decide(drawn, match, "needs_information").status_code == 201
    assert seat_of(match.pk).reviewer_id == drawn.user_id
    assert decide(drawn, match, "reject").status_code == 201
    third, rest = holder_and_others(cast, match.pk)
    [other] = [person for person in rest if person.user_id != drawn.user_id]
    assert third.user_id not in {drawn.user_id, cast.reviewer.user_id}
    refused(decide(other, match), 409, "another_drawn")
    assert decide(third, match).status_code == 201


def test_the_button_of_the_queue_leads_the_drawn_one_to_the_decision_and_nobody_else(
    cast: Cast,
) -> None:
    reviewers(cast)
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    match = factories.store_match(case, factories.log_sighting(cast).sighting)
    decide(cast.reviewer, match)
    drawn, (other, _another) = holder_and_others(cast, match.pk)
    sent = {"reference": case.reference, "why": "drawn"}

    assert other.browser().post("/review/take/", sent).status_code == 400
    answer = drawn.browser().post("/review/take/", sent)

    assert answer.headers["Location"] == f"/review/matches/{match.pk}/"
    taken = AuditEntry.objects.filter(action="take_in_hand").latest("pk")
    assert (taken.user_id, taken.reason) == (drawn.user_id, "drawn")


def card(cast: Cast) -> tuple[UUID, Callable[[Person], Any]]:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers(cast))
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    publication.approve_publication(actor=cast.reviewer.actor, case=case)
    return case.pk, lambda who: publication.approve_publication(actor=who.actor, case=case)


def outcome(cast: Cast) -> tuple[UUID, Callable[[Person], Any]]:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers(cast))
    proposed = outcomes.propose(
        actor=cast.reviewer.actor,
        case=case,
        kind=OutcomeKind.WITHDRAWN,
        occurred_at=PartialDate("2020", date(2020, 1, 1), date(2020, 12, 31)),
    )
    return proposed.pk, lambda who: outcomes.confirm(actor=who.actor, case=case)


def claim(cast: Cast) -> tuple[UUID, Callable[[Person], Any]]:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers(cast))
    claims.make_claim(actor=cast.guardian.actor, case=case, statement="I am her father.")
    made = Claim.objects.get(case=case)
    claims.take_claim(actor=cast.reviewer.actor, claim=made)
    return made.pk, lambda who: claims.take_claim(actor=who.actor, claim=made)


def flag(cast: Cast) -> tuple[UUID, Callable[[Person], Any]]:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers(cast))
    raised = protection.raise_flag(actor=cast.reviewer.actor, case=case, kind=FlagKind.THREAT)

    def clears(who: Person) -> bool:
        return protection.clear_flag(actor=who.actor, flag=raised, reason="the threat is over")

    clears(cast.reviewer)
    return raised.pk, clears


@pytest.mark.parametrize("decided_by_two", [card, outcome, claim, flag])
def test_whatever_two_decide_waits_for_the_one_who_was_drawn(
    cast: Cast, decided_by_two: Callable[[Cast], tuple[UUID, Callable[[Person], Any]]]
) -> None:
    subject_id, acts = decided_by_two(cast)
    drawn, others = holder_and_others(cast, subject_id)
    for other in others:
        with refuses(Conflict, "another_drawn"):
            acts(other)
    assert acts(drawn)
    assert not SecondSeat.objects.filter(ended_at__isnull=True).exists()


def test_an_emergency_is_urgent_and_what_is_taken_back_waits_for_nobody(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers(cast))
    services.give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH)
    publication.publish_in_emergency(actor=cast.reviewer.actor, case=case, police_reference="KM-7")
    seat = seat_of(case.pk)
    assert (seat.urgent, seat.until - seat.drawn_at) == (True, URGENT)
    publication.unpublish(actor=cast.second_reviewer.actor, case=case, reason="doubt")
    assert not SecondSeat.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.parametrize("decided_by_two", [card, outcome, claim, flag])
def test_nobody_is_asked_any_more_about_a_case_that_is_to_be_erased(
    cast: Cast, decided_by_two: Callable[[Cast], tuple[UUID, Callable[[Person], Any]]]
) -> None:
    """A card's seat ends with its card; the others once a second person agreed to the erasure."""
    subject_id, _acts = decided_by_two(cast)
    drawn, _others = holder_and_others(cast, subject_id)
    assert "You were drawn" in text_of(drawn.browser().get("/review/"))
    officer = User.objects.create_user(email="officer@example.org")
    RoleGrant.objects.create(user=officer, role=StaffRole.DATA_PROTECTION)
    case = seat_of(subject_id).case

    asked = erasure.ask(actor=cast.guardian.actor, kind=erasure.Kind.CASE, obj=case)
    standing = SecondSeat.objects.filter(ended_at__isnull=True)
    assert standing.exists() == (decided_by_two is not card)
    erasure.approve(actor=Person(officer).actor, erasure=asked)
    assert not standing.exists()
    assert "You were drawn" not in text_of(drawn.browser().get("/review/"))
