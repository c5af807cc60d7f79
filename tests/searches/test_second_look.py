"""Every tenth decided match is judged again, blind, and agreement is counted."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models.functions import Now

from casemgr.platform.errors import Conflict, Forbidden, NotFound
from casemgr.platform.vocabularies import CaseStatus, ReviewDecision
from searches import reviewing, second_look
from searches.models import Match, SecondLook
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person
from tests.pages import text_of
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
ACCEPT, REJECT = ReviewDecision.ACCEPT, ReviewDecision.REJECT


def chosen_id(*, chosen: bool = True) -> UUID:
    """A match id that is (or is not) among the tenth."""
    while True:
        if second_look.is_chosen(candidate := uuid4()) is chosen:
            return candidate


def matched(cast: Cast, *, chosen: bool) -> Match:
    case = factories.file_case(
        cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer, cast.second_reviewer]
    )
    match = factories.store_match(case, factories.log_sighting(cast).sighting)
    match.evidence.all().delete()
    Match.objects.filter(pk=match.pk).update(id=(new := chosen_id(chosen=chosen)))
    return Match.objects.get(pk=new)


def decide(person: Person, match: Match, decision: ReviewDecision) -> Any:
    return reviewing.decide(
        actor=person.actor, match=match, decision=decision, reason="looked closely"
    )


def rejected(cast: Cast, *, chosen: bool = True) -> Match:
    match = matched(cast, chosen=chosen)
    decide(cast.reviewer, match, REJECT)
    return match


def finish(person: Person, look: SecondLook, decision: ReviewDecision) -> SecondLook:
    return second_look.finish(
        actor=person.actor, look=look, decision=decision, reason="without knowing"
    )


def test_a_tenth_of_all_ids_is_chosen_and_always_the_same() -> None:
    ids = [uuid4() for _ in range(4_000)]
    first = [second_look.is_chosen(match_id) for match_id in ids]
    assert first == [second_look.is_chosen(match_id) for match_id in ids]
    assert 300 < sum(first) < 500


def test_only_chosen_matches_are_due_once_rejected_or_let_through(cast: Cast) -> None:
    rejected(cast, chosen=False)
    assert not SecondLook.objects.exists()
    no = rejected(cast)
    yes = matched(cast, chosen=True)
    decide(cast.reviewer, yes, ACCEPT)
    assert SecondLook.objects.count() == 1
    decide(cast.second_reviewer, yes, ACCEPT)
    assert {(look.match_id, look.standing) for look in SecondLook.objects.all()} == {
        (no.pk, "reject"),
        (yes.pk, "accept"),
    }


def test_the_third_reviewer_sees_the_pair_and_neither_score_nor_decisions(cast: Cast) -> None:
    match = rejected(cast)
    look = second_look.begin(actor=cast.third_reviewer.actor)
    assert look is not None
    pair = second_look.opened(actor=cast.third_reviewer.actor, look_id=look.pk)
    assert pair.match.case.child.full_name == "林小满"

    api = cast.third_reviewer.api()
    assert api.get(f"{BASE}cases/{match.case_id}/").status_code == 200
    assert api.get(f"{BASE}sightings/{match.sighting_id}/").status_code == 200
    for part in ("", "reviews/"):
        refused(api.get(f"{BASE}matches/{match.pk}/{part}"), 404, "not_found")
    for address in ("matches/", f"cases/{match.case_id}/matches/"):
        assert api.get(f"{BASE}{address}").json()["results"] == []
    assert cast.third_reviewer.browser().get(f"/review/matches/{match.pk}/").status_code == 404


def test_a_finished_look_changes_no_match_and_puts_the_case_back(cast: Cast) -> None:
    match = rejected(cast)
    look = second_look.begin(actor=cast.third_reviewer.actor)
    assert look is not None
    done = finish(cast.third_reviewer, look, ACCEPT)

    assert (done.decision, Match.objects.get(pk=match.pk).status) == ("accept", "rejected")
    assert cast.third_reviewer.api().get(f"{BASE}cases/{match.case_id}/").status_code == 404
    with pytest.raises(NotFound):
        finish(cast.third_reviewer, look, REJECT)


def test_who_knows_the_match_never_judges_it_blind(cast: Cast) -> None:
    rejected(cast)
    for person in (cast.reviewer, cast.second_reviewer, *cast.desk):
        assert second_look.begin(actor=person.actor) is None
    for stranger in (cast.guardian, cast.volunteer, cast.coordinator, cast.anonymous):
        with pytest.raises(Forbidden):
            second_look.begin(actor=stranger.actor)
        assert not second_look.due(stranger.actor).exists()


def test_a_look_is_one_persons_until_they_have_abandoned_it(cast: Cast) -> None:
    rejected(cast)
    look = second_look.begin(actor=cast.third_reviewer.actor)
    assert look is not None
    assert second_look.begin(actor=cast.third_reviewer.actor) == look
    fourth = cast.fourth_reviewer
    assert second_look.begin(actor=fourth.actor) is None

    SecondLook.objects.update(taken_at=Now() - second_look.ABANDONED - timedelta(seconds=1))
    assert second_look.begin(actor=fourth.actor) == look
    with pytest.raises(NotFound):
        finish(cast.third_reviewer, look, REJECT)


def test_a_decision_taken_back_takes_its_look_with_it_until_somebody_looked(cast: Cast) -> None:
    match = matched(cast, chosen=True)
    review = decide(cast.reviewer, match, REJECT)
    reviewing.undo(actor=cast.reviewer.actor, review=review)
    assert not SecondLook.objects.exists()

    review = decide(cast.reviewer, match, REJECT)
    second_look.begin(actor=cast.third_reviewer.actor)
    with refuses(Conflict, "too_late"):
        reviewing.undo(actor=cast.reviewer.actor, review=review)


def test_agreement_is_counted_both_ways(cast: Cast) -> None:
    assert second_look.agreement().share is None
    for answer in (REJECT, REJECT, ACCEPT):
        rejected(cast)
        look = second_look.begin(actor=cast.third_reviewer.actor)
        assert look is not None
        with refuses(Conflict, "yes_or_no"):
            finish(cast.third_reviewer, look, ReviewDecision.NEEDS_INFORMATION)
        finish(cast.third_reviewer, look, answer)

    found = second_look.agreement()
    assert (found.looked, found.no_and_no, found.no_and_yes) == (3, 2, 1)
    assert found.share == pytest.approx(2 / 3)
    assert second_look.agreement(since=SecondLook.objects.latest("decided_at").decided_at) == (
        second_look.Agreement(yes_and_yes=0, no_and_no=0, yes_and_no=0, no_and_yes=1)
    )


def test_kappa_is_agreement_beyond_chance() -> None:
    found = second_look.Agreement(yes_and_yes=20, no_and_no=15, yes_and_no=5, no_and_yes=10)
    assert found.share == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert second_look.Agreement(3, 0, 0, 0).kappa is None


def test_the_page_of_a_second_look_shows_the_pair_without_score_or_decisions(cast: Cast) -> None:
    match = rejected(cast)
    Match.objects.filter(pk=match.pk).update(weight_bits=17.3, band="strong")
    browser = cast.third_reviewer.browser()
    assert "Look at one" in text_of(browser.get("/review/"))
    page = browser.post("/review/second-look/").headers["Location"]

    shown = text_of(browser.get(page))
    assert "林小满" in shown
    assert "selling flowers" in shown
    for hidden in ("17.3", "bits", "looked closely", "strong", "rejected", str(match.pk)):
        assert hidden not in shown
    assert browser.post(page, {"decision": "accept", "reason": " "}).status_code == 400
    assert browser.post(page, {"decision": "needs_information", "reason": "?"}).status_code == 400
    done = browser.post(page, {"decision": "accept", "reason": "the same ears"})
    assert done.headers["Location"] == "/review/"
    assert browser.get(page).status_code == 404
    assert "Look at one" not in text_of(browser.get("/review/"))
    for person in (cast.reviewer, cast.guardian):
        assert person.browser().get(page).status_code == 404
