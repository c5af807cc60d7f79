"""The reviewers' queue and the page of one match."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casemgr.platform.access import ANONYMOUS
from casemgr.platform.accounts.services import make_sign_in_link
from casemgr.platform.audit import AuditEntry
from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case
from cases.services import add_photo
from families.models import Guardian
from searches.matching.types import Evidence
from searches.models import Match, Review, Sighting
from tests.cast import Cast, Person
from tests.factories import file_case, jpeg, log_sighting, store_match, work_off
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db

EVIDENCE = (
    Evidence("marks", "same", 8.1, "birthmark, shoulder, left", "half moon", "A shared mark.", {}),
    Evidence("age", "fits", 1.2, "13.6", "12–14", "The age fits.", {}),
    Evidence("place", "far", -0.7, "Kunming", "Shenzhen", "That is far.", {}),
)


def matched(cast: Cast, *in_hand_of: Person, bits: float = 8.6, **more: Any) -> Match:
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=in_hand_of)
    return store_match(case, log_sighting(cast).sighting, bits=bits, evidence=EVIDENCE, **more)


def page_of(person: Person, match: Match, language: str = "en") -> str:
    response = person.browser(language=language).get(f"/review/matches/{match.pk}/")
    assert response.status_code == 200
    return text_of(response)


def test_only_reviewers_know_of_the_queue(cast: Cast) -> None:
    matched(cast)

    assert cast.anonymous.browser().get("/review/").headers["Location"] == (
        "/sign-in/?next=/review/"
    )
    for person in (cast.volunteer, cast.guardian, cast.coordinator):
        assert person.browser().get("/review/").status_code == 404
    assert cast.reviewer.browser().get("/review/").status_code == 200


def test_the_queue_shows_what_waits_and_nothing_of_what_is_in_it(cast: Cast) -> None:
    match = matched(cast, band="strong")
    page = text_of(cast.reviewer.browser().get("/review/"))

    assert match.case.reference in page
    for hidden in ("林小满", "小满", "lanterns", "selling flowers", "Shenzhen", str(match.pk)):
        assert hidden not in page


def test_a_strong_match_stands_before_a_newer_possible_one(cast: Cast) -> None:
    strong = matched(cast, band="strong")
    possible = matched(cast, band="possible")
    weak = matched(cast, band="weak")

    rows = cast.reviewer.browser().get("/review/").context["rows"]

    expected = [strong, possible, weak]
    assert [row.reference for row in rows] == [match.case.reference for match in expected]
    assert [row.band for row in rows] == ["strong", "possible", "weak"]


def test_a_child_in_danger_stands_first(cast: Cast) -> None:
    strong = matched(cast, band="strong")
    case = file_case(cast, status=CaseStatus.OPEN)
    danger = store_match(case, log_sighting(cast, danger_now=True).sighting, band="possible")

    rows = cast.reviewer.browser().get("/review/").context["rows"]

    assert [row.reference for row in rows] == [danger.case.reference, strong.case.reference]


def test_reviewers_do_not_see_how_many_matches_their_own_childs_case_has(cast: Cast) -> None:
    case = file_case(cast, by=cast.reviewer, status=CaseStatus.OPEN)
    store_match(case, log_sighting(cast).sighting, band="strong")

    assert case.reference not in text_of(cast.reviewer.browser().get("/review/"))
    assert case.reference in text_of(cast.second_reviewer.browser().get("/review/"))


def test_kin_and_former_guardians_do_not_see_how_many_either(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN)
    store_match(case, log_sighting(cast).sighting, band="strong")
    assert case.reference in text_of(cast.reviewer.browser().get("/review/"))

    Guardian.objects.create(family=case.family, user=cast.reviewer.user, ended_at=Now())
    shared = file_case(cast, by=cast.guardian)
    Guardian.objects.create(family=shared.family, user=cast.second_reviewer.user)
    for person in (cast.reviewer, cast.second_reviewer):
        assert case.reference not in text_of(person.browser().get("/review/"))
    assert case.reference in text_of(cast.third_reviewer.browser().get("/review/"))


def test_taking_a_case_in_hand_leads_to_its_strongest_match(cast: Cast) -> None:
    match = matched(cast)
    browser = cast.reviewer.browser()
    address = f"/review/matches/{match.pk}/"
    assert browser.get(address).status_code == 404

    asked = {"reference": match.case.reference}
    page = browser.post("/review/take/", asked)
    assert "Why do you take this case?" in text_of(page)
    assert browser.get(address).status_code == 404
    refused = browser.post("/review/take/", {**asked, "why": "other", "words": ""})
    assert refused.status_code == 400
    assert browser.post("/review/take/", {**asked, "why": "drawn"}).status_code == 400
    assert browser.post("/review/take/", {**asked, "why": "second_look"}).status_code == 400
    assert browser.post("/review/take/", {**asked, "why": ""}).status_code == 400
    assert browser.get(address).status_code == 404

    taken = browser.post("/review/take/", {**asked, "why": "matches", "words": "a strong one"})

    row = AuditEntry.objects.filter(action="take_in_hand").latest("pk")
    assert (row.user_id, row.reason) == (cast.reviewer.user_id, "matches: a strong one")
    assert browser.post("/review/take/", asked).headers["Location"] == address
    assert taken.headers["Location"] == address
    assert browser.get(address).status_code == 200


def test_the_queue_asks_the_database_as_often_for_many_matches_as_for_two(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert cast.reviewer.browser().get("/review/").status_code == 200
        return len(asked)

    for _ in range(2):
        matched(cast, cast.reviewer)
    few = queries()
    for _ in range(20):
        matched(cast, cast.reviewer)

    assert queries() == few


def test_a_match_shows_both_sides_and_every_line_of_evidence_signed_and_in_words(
    cast: Cast,
) -> None:
    match = matched(cast, cast.reviewer, band="strong")
    page = page_of(cast.reviewer, match)

    for told in ("林小满", "summer 2011", "selling flowers", "A shared mark.", "That is far."):
        assert told in page
    for bits in ("+8.1", "+1.2", "−0.7", "−13.0", "−4.4"):
        assert bits in page
    assert "case: birthmark, shoulder, left · sighting: half moon" in page
    assert page.index("A shared mark.") < page.index("That is far.")
    assert page.count("<small>for</small>") == 2
    assert page.count("<small>against</small>") == 2
    assert INLINE.findall(page) == []


def test_bars_start_where_the_one_before_ended_and_the_last_runs_from_even_to_the_sum(
    cast: Cast,
) -> None:
    match = matched(cast, cast.reviewer)
    response = cast.reviewer.browser().get(f"/review/matches/{match.pk}/")
    shown = response.context["waterfall"]

    prior, marks, age, place, total = (
        line.bar for line in (shown.prior, *shown.lines, shown.total)
    )
    assert prior.x + prior.width == pytest.approx(shown.zero, abs=0.2)
    assert marks.x == pytest.approx(prior.x, abs=0.2)
    assert age.x == pytest.approx(marks.x + marks.width, abs=0.2)
    assert place.x + place.width == pytest.approx(age.x + age.width, abs=0.2)
    assert total.x == pytest.approx(place.x, abs=0.2)
    assert total.x + total.width == pytest.approx(shown.zero, abs=0.2)


def test_each_look_at_a_match_is_written_down(cast: Cast) -> None:
    match = matched(cast, cast.reviewer)
    page_of(cast.reviewer, match)

    [look] = AuditEntry.objects.filter(action="R", subject_type="match")
    assert look.user_id == cast.reviewer.actor.user_id
    assert look.subject_ids == [match.pk, match.case_id, match.sighting_id]


def decide(person: Person, match: Match, decision: str, reason: str) -> Any:
    return person.browser().post(
        f"/review/matches/{match.pk}/", {"decision": decision, "reason": reason}
    )


def test_two_reviewers_make_a_lead(cast: Cast) -> None:
    match = matched(cast, cast.reviewer, cast.second_reviewer)

    for person in (cast.reviewer, cast.second_reviewer):
        assert decide(person, match, "accept", "the same mark").status_code == 302

    match.refresh_from_db()
    assert match.status == "lead"
    assert "Save my decision" not in page_of(cast.reviewer, match)


@pytest.mark.parametrize("veiled", [True, False])
def test_a_sightings_photo_opens_blurred_and_a_cases_does_not(
    cast: Cast, settings: Any, veiled: bool
) -> None:
    settings.SIGHTING_PHOTOS_VEILED = veiled
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    add_photo(actor=cast.guardian.actor, case=case, data=jpeg(3))
    received = log_sighting(cast, photos=[jpeg(1), jpeg(2)])
    match = store_match(case, received.sighting)
    work_off()

    page = page_of(cast.reviewer, match)
    assert page.count('class="boxed"') == 3
    assert page.count("Show this photo clearly") == 2 * veiled


def test_a_decision_without_a_reason_is_refused_and_keeps_the_choice(cast: Cast) -> None:
    match = matched(cast, cast.reviewer)
    response = decide(cast.reviewer, match, "reject", " ")

    assert response.status_code == 400
    assert 'id="id_reason_error"' in text_of(response)
    assert 'value="reject"' in text_of(response).split("checked")[0][-200:]
    assert not Review.objects.exists()


def test_the_same_reviewer_cannot_decide_twice(cast: Cast) -> None:
    match = matched(cast, cast.reviewer)
    decide(cast.reviewer, match, "accept", "the mark")
    again = decide(cast.reviewer, match, "accept", "the mark")

    assert again.status_code == 400
    assert "You have decided on this match" in text_of(again)
    assert Review.objects.count() == 1


def test_other_candidates_are_named_only_where_their_case_is_in_hand(cast: Cast) -> None:
    match = matched(cast, cast.reviewer)
    mine = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    other = file_case(cast, status=CaseStatus.OPEN)
    for case in (mine, other):
        store_match(case, match.sighting)

    page = page_of(cast.reviewer, match)

    assert mine.reference in page
    assert other.reference not in page


# --- signing in -----------------------------------------------------------------------------------


def user_of(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


def test_opening_a_sign_in_link_changes_nothing_until_the_button_is_pressed(cast: Cast) -> None:
    assert cast.reviewer.user is not None
    address = f"/sign-in/link/{make_sign_in_link(actor=ANONYMOUS, user=cast.reviewer.user)}/"
    browser = Client()

    for _ in range(2):
        assert browser.get(address).status_code == 200
    assert user_of(browser) is None
    assert browser.post(address).status_code == 302
    assert user_of(browser) == str(cast.reviewer.user.pk)

    other = Client()
    assert other.post(address).status_code == 410
    assert user_of(other) is None


def test_a_password_signs_in_and_leads_on_only_within_the_site(cast: Cast) -> None:
    user = cast.reviewer.user
    assert user is not None
    user.set_password("a lantern in the window")
    user.save(update_fields=["password"])
    form = {"login": "Reviewer@example.org", "password": "a lantern in the window"}

    for onward, expected in (("/review/", "/review/"), ("https://evil.example/", "/my/")):
        browser = Client()
        response = browser.post("/sign-in/", {**form, "next": onward})
        assert (response.status_code, response.headers["Location"]) == (302, expected)
        assert user_of(browser) == str(user.pk)
    wrong = Client()
    assert "go together" in text_of(wrong.post("/sign-in/", {**form, "password": "x"}))
    assert user_of(wrong) is None


def test_the_language_is_the_visitors_choice_and_stays(cast: Cast) -> None:
    file_case(cast, public=True)
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    chosen = browser.post("/language/", {"language": "zh-hans", "next": "/receipt/"})

    assert chosen.headers["Location"] == "/receipt/"
    assert '<html lang="zh-hans">' in text_of(browser.get("/"))
    assert Case.objects.public().count() == 1


def test_an_old_form_is_refused_in_words(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    response = browser.post("/sightings/new/", {"description": "A boy."})

    assert response.status_code == 403
    assert "This page had been open for too long" in text_of(response)


def test_a_sighting_without_a_time_says_when_it_was_told_and_not_when_it_was_seen(
    cast: Cast,
) -> None:
    match = matched(cast, cast.reviewer)
    late = datetime(2026, 3, 5, 20, 0, tzinfo=UTC)
    Sighting.objects.filter(pk=match.sighting_id).update(
        seen_at_text="", seen_at_earliest=None, seen_at_latest=None, created_at=late
    )

    # Four in the morning of the next day, by the site's clock.
    told = "Seen in the street, told on March 6, 2026"
    assert told in page_of(cast.reviewer, match)
    assert told in text_of(cast.reviewer.browser().get("/review/"))
