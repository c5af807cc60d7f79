"""Decisions by two: who may be the second, what follows, and taking one back in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from casemgr.platform import audit
from casemgr.platform.accounts.models import RoleGrant
from casemgr.platform.errors import Forbidden
from casemgr.platform.vocabularies import CaseStatus, ReviewDecision
from families.models import Alliance, Guardian, Membership, MembershipRole
from searches import reviewing
from searches.models import Match, Review
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person
from tests.pages import text_of

pytestmark = pytest.mark.django_db
MATCHES = f"{BASE}matches/"


def matched(cast: Cast, *, reporter: Person | None = None) -> Match:
    """A match whose case three reviewers have in hand."""
    reviewers = [cast.reviewer, cast.second_reviewer, cast.third_reviewer]
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers)
    return factories.store_match(case, factories.log_sighting(cast, by=reporter).sighting)


def decide(person: Person, match: Match, decision: str) -> Any:
    return person.api().post(
        f"{MATCHES}{match.pk}/reviews/", {"decision": decision, "reason": "looked closely"}
    )


def take_back(person: Person, match: Match) -> Any:
    mine = Review.objects.filter(match=match, reviewer=person.user).latest("created_at")
    return person.api().delete(f"{MATCHES}{match.pk}/reviews/{mine.pk}/")


def status(match: Match) -> str:
    return Match.objects.get(pk=match.pk).status


def ally(name: str, *people: Person) -> None:
    alliance = Alliance.objects.create(name=name)
    for person in people:
        Membership.objects.create(
            alliance=alliance, user_id=person.user_id, role=MembershipRole.MEMBER
        )


@pytest.mark.parametrize(
    ("decisions", "after"),
    [
        (["accept"], "in_review"),
        (["accept", "accept"], "lead"),
        (["reject"], "rejected"),
        (["accept", "reject"], "in_review"),
        (["accept", "reject", "accept"], "lead"),
        (["accept", "reject", "reject"], "rejected"),
        (["needs_information"], "needs_information"),
        (["needs_information", "accept"], "in_review"),
        (["needs_information", "accept", "accept"], "lead"),
        (["needs_information", "reject"], "in_review"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
def test_what_follows_from_the_decisions(cast: Cast, decisions: list[str], after: str) -> None:
    match = matched(cast)
    people = (cast.reviewer, cast.second_reviewer, cast.third_reviewer)
    for person, decision in zip(people, decisions, strict=False):
        assert decide(person, match, decision).status_code == 201
    assert status(match) == after


def test_kin_and_reporters_decide_nothing(cast: Cast) -> None:
    match = matched(cast, reporter=cast.third_reviewer)
    shared = factories.file_case(cast, by=cast.guardian)
    Guardian.objects.create(family=shared.family, user=cast.second_reviewer.user)

    for person in (cast.second_reviewer, cast.third_reviewer):
        refused(decide(person, match, "accept"), 403, "forbidden")
    assert not Review.objects.exists()


def test_allies_are_second_only_where_nobody_else_could_be(cast: Cast) -> None:
    match = matched(cast)
    ally("Reviewers together", cast.reviewer, cast.second_reviewer)
    decide(cast.reviewer, match, "accept")

    refused(decide(cast.second_reviewer, match, "accept"), 403, "forbidden")
    assert not audit.AuditEntry.objects.filter(action="same_alliance").exists()
    others = [cast.third_reviewer.user_id, *(person.user_id for person in cast.desk)]
    RoleGrant.objects.filter(user__in=others).update(revoked_at=Now())
    assert decide(cast.second_reviewer, match, "accept").status_code == 201
    assert audit.AuditEntry.objects.filter(action="same_alliance").count() == 1
    assert status(match) == "lead"


def test_the_reporter_is_not_counted_as_somebody_who_could_be_second(cast: Cast) -> None:
    match = matched(cast, reporter=cast.third_reviewer)
    ally("Reviewers together", cast.reviewer, cast.second_reviewer)
    RoleGrant.objects.filter(user__in=[person.user_id for person in cast.desk]).update(
        revoked_at=Now()
    )
    decide(cast.reviewer, match, "accept")

    assert decide(cast.second_reviewer, match, "accept").status_code == 201


def test_former_members_are_no_allies(cast: Cast) -> None:
    match = matched(cast)
    ally("Reviewers together", cast.reviewer, cast.second_reviewer)
    Membership.objects.filter(user=cast.second_reviewer.user).update(left_at=Now())
    decide(cast.reviewer, match, "accept")
    assert decide(cast.second_reviewer, match, "accept").status_code == 201


def test_the_third_is_no_ally_of_either_before(cast: Cast) -> None:
    match = matched(cast)
    ally("One", cast.second_reviewer, cast.third_reviewer)
    decide(cast.reviewer, match, "accept")
    decide(cast.second_reviewer, match, "reject")
    refused(decide(cast.third_reviewer, match, "accept"), 403, "forbidden")


def test_a_decision_is_taken_back_within_ten_minutes(cast: Cast) -> None:
    match = matched(cast)
    decide(cast.reviewer, match, "reject")
    assert take_back(cast.reviewer, match).status_code == 204
    assert status(match) == "proposed"
    assert cast.reviewer.api().get(f"{MATCHES}{match.pk}/reviews/").json()["results"] == []

    assert decide(cast.reviewer, match, "accept").status_code == 201
    assert decide(cast.second_reviewer, match, "accept").status_code == 201
    assert take_back(cast.second_reviewer, match).status_code == 204
    assert status(match) == "in_review"


def test_after_ten_minutes_or_when_others_went_on_a_decision_stands(cast: Cast) -> None:
    match = matched(cast)
    decide(cast.reviewer, match, "accept")
    Review.objects.update(created_at=Now() - reviewing.UNDO_WITHIN - timedelta(seconds=1))
    refused(take_back(cast.reviewer, match), 409, "too_late")

    decide(cast.second_reviewer, match, "reject")
    Review.objects.filter(reviewer=cast.reviewer.user).update(
        created_at=Now() - timedelta(minutes=1)
    )
    refused(take_back(cast.reviewer, match), 409, "too_late")
    assert status(match) == "in_review"


def test_nobody_takes_back_what_somebody_else_decided(cast: Cast) -> None:
    match = matched(cast)
    decide(cast.reviewer, match, "accept")
    theirs = Review.objects.get()
    address = f"{MATCHES}{match.pk}/reviews/{theirs.pk}/"
    for person in (cast.second_reviewer, cast.guardian, cast.volunteer):
        refused(person.api().delete(address), 404, "not_found")
    assert status(match) == "in_review"


def test_who_asked_for_information_decides_once_it_is_there(cast: Cast) -> None:
    match = matched(cast)
    decide(cast.reviewer, match, "needs_information")
    assert decide(cast.reviewer, match, "accept").status_code == 201
    assert status(match) == "in_review"
    refused(decide(cast.reviewer, match, "accept"), 409, "decided_by_you")


def test_a_reviewer_with_a_case_of_their_own_family_in_hand_decides_nothing(cast: Cast) -> None:
    match = matched(cast)
    Guardian.objects.create(family=match.case.family, user=cast.reviewer.user)
    with pytest.raises(Forbidden):
        reviewing.decide(
            actor=cast.reviewer.actor, match=match, decision=ReviewDecision.ACCEPT, reason="mine"
        )


def test_the_page_offers_to_take_a_decision_back_and_shows_only_those_that_stand(
    cast: Cast,
) -> None:
    match = matched(cast)
    browser, page = cast.reviewer.browser(), f"/review/matches/{match.pk}/"
    browser.post(page, {"decision": "reject", "reason": "another nose"})
    assert "Take my decision back" in text_of(browser.get(page))
    assert "another nose" in text_of(cast.second_reviewer.browser().get(page))
    assert "Take my decision back" not in text_of(cast.second_reviewer.browser().get(page))

    assert cast.second_reviewer.browser().post(f"{page}undo/").status_code == 404
    assert browser.post(f"{page}undo/").headers["Location"] == page
    assert status(match) == "proposed"
    assert "another nose" not in text_of(cast.second_reviewer.browser().get(page))
