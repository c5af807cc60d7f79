"""The reviewers' pages of cases that may be of one child, and that nobody else learns of them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgr.platform.audit import AuditEntry
from casemgr.platform.vocabularies import CaseStatus, LinkKind, OutcomeKind
from cases import links, outcomes
from cases import services as case_services
from cases.models import Case, CaseLink, TakeReason
from families.models import Guardian
from searches.models import CasePair
from tests.cast import Cast, Person
from tests.factories import file_case, work_off
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/review/duplicates/"


def take(person: Person, *cases: Case) -> None:
    for case in cases:
        case_services.take_in_hand(actor=person.actor, reference=case.reference, why=TakeReason.NEW)


@pytest.fixture
def pair(cast: Cast) -> CasePair:
    """One child filed by two families, as the worker found it."""
    for family in (cast.guardian, cast.other_guardian):
        file_case(cast, by=family, status=CaseStatus.SUBMITTED)
    work_off()
    return CasePair.objects.select_related("left", "right").get()


@pytest.fixture
def in_hand(cast: Cast, pair: CasePair) -> CasePair:
    """The pair, both cases of which the reviewer has in hand."""
    take(cast.reviewer, pair.left, pair.right)
    return pair


def page_of(person: Person, pair: CasePair, language: str = "en") -> str:
    response = person.browser(language=language).get(f"{LIST}{pair.pk}/")
    assert response.status_code == 200
    return text_of(response)


def decide(person: Person, pair: CasePair, decision: str, reason: str = "seen both") -> Any:
    sent = {"decision": decision, "reason": reason}
    return person.browser().post(f"{LIST}{pair.pk}/", sent)


def test_only_reviewers_know_of_the_list(cast: Cast, pair: CasePair) -> None:
    assert cast.anonymous.browser().get(LIST).status_code == 302
    for person in (cast.volunteer, cast.guardian, cast.other_guardian, cast.coordinator):
        assert person.browser().get(LIST).status_code == 404
    assert cast.reviewer.browser().get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Perhaps the same child", "One child", "strong", "Take it")),
        ("zh-hans", ("可能是同一个孩子", "同一个孩子", "接手")),
    ],
)
def test_the_list_shows_references_and_nothing_of_what_is_in_the_cases(
    cast: Cast, pair: CasePair, language: str, words: tuple[str, ...]
) -> None:
    page = text_of(cast.reviewer.browser(language=language).get(LIST))

    for word in (*words, pair.left.reference, pair.right.reference):
        assert word in page
    for hidden in ("林小满", "小满", "lanterns", "Manman", str(pair.pk)):
        assert hidden not in page


def test_a_case_taken_from_the_list_leads_back_to_it(cast: Cast, pair: CasePair) -> None:
    browser = cast.reviewer.browser()
    for case in (pair.left, pair.right):
        sent = {"reference": case.reference, "to": "duplicates", "why": "new", "words": ""}
        assert browser.post("/review/take/", sent).headers["Location"] == LIST

    assert f"{LIST}{pair.pk}/" in browser.get(LIST).content.decode()


def test_more_pairs_are_no_more_queries(cast: Cast, in_hand: CasePair) -> None:
    browser = cast.reviewer.browser()

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(LIST).status_code == 200
        return len(queries)

    few = count()
    for _ in range(3):
        file_case(cast, by=cast.other_guardian, status=CaseStatus.SUBMITTED)
    work_off()
    assert CasePair.objects.count() > 3
    assert count() == few


def test_one_case_in_hand_opens_no_pair(cast: Cast, pair: CasePair) -> None:
    take(cast.reviewer, pair.left)

    assert cast.reviewer.browser().get(f"{LIST}{pair.pk}/").status_code == 404
    assert decide(cast.reviewer, pair, "different").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Is it one child?", "in both accounts", "Both give the same day of birth")),
        ("zh-hans", ("是同一个孩子吗？", "出生日期")),
    ],
)
def test_both_cases_stand_side_by_side_with_the_evidence(
    cast: Cast, in_hand: CasePair, language: str, words: tuple[str, ...]
) -> None:
    page = page_of(cast.reviewer, in_hand, language)

    assert page.count("林小满") >= 2
    for word in (*words, in_hand.left.reference, in_hand.right.reference):
        assert word in page


def test_every_look_at_a_pair_is_written_down(cast: Cast, in_hand: CasePair) -> None:
    page_of(cast.reviewer, in_hand)

    entry = AuditEntry.objects.filter(subject_type="case_pair", action="R").get()
    assert len(entry.subjects) == 3


def test_kin_of_either_child_see_neither_list_row_nor_page(cast: Cast, in_hand: CasePair) -> None:
    Guardian.objects.create(
        family=in_hand.right.family, user=cast.reviewer.user, relation="aunt_uncle"
    )

    assert in_hand.left.reference not in text_of(cast.reviewer.browser().get(LIST))
    assert cast.reviewer.browser().get(f"{LIST}{in_hand.pk}/").status_code == 404


@pytest.mark.parametrize("kind", ["sibling", "same_incident", "duplicate"])
def test_a_decision_links_the_cases_for_reviewers_alone(
    cast: Cast, in_hand: CasePair, kind: str
) -> None:
    assert decide(cast.reviewer, in_hand, kind).status_code == 302

    in_hand.refresh_from_db()
    assert (in_hand.decision, in_hand.decided_by) == (kind, cast.reviewer.user)
    link = CaseLink.objects.get()
    assert (link.kind, link.found_in_review) == (kind, True)
    assert in_hand.left.reference not in text_of(cast.reviewer.browser().get(LIST))
    seen = links.links_of(cast.reviewer.actor, in_hand.left)
    assert list(seen) == [link]


def test_a_link_that_review_found_is_not_there_for_who_reads_both_cases_otherwise(
    cast: Cast,
) -> None:
    """A family with both cases, or an alliance that leads both, learns nothing by it."""
    one, other = (file_case(cast, status=CaseStatus.SUBMITTED) for _ in range(2))
    take(cast.reviewer, one, other)
    both: dict[str, Any] = {"case": one, "other": other, "kind": LinkKind.DUPLICATE}
    found = links.link(actor=cast.reviewer.actor, **both, found_in_review=True)

    assert not links.links_of(cast.guardian.actor, one).exists()
    assert list(links.links_of(cast.reviewer.actor, one)) == [found]

    told = links.link(actor=cast.guardian.actor, **both)
    assert told.pk != found.pk
    assert list(links.links_of(cast.guardian.actor, one)) == [told]


def test_different_children_are_settled_without_a_link(cast: Cast, in_hand: CasePair) -> None:
    decide(cast.reviewer, in_hand, "different")

    assert not CaseLink.objects.exists()
    assert "Different children" in page_of(cast.reviewer, in_hand)


def test_a_decision_needs_a_reason(cast: Cast, in_hand: CasePair) -> None:
    assert decide(cast.reviewer, in_hand, "different", reason="").status_code == 400
    assert CasePair.objects.get().decision == ""


def test_a_settled_pair_is_not_decided_again_but_asked_about_anew(
    cast: Cast, in_hand: CasePair
) -> None:
    decide(cast.reviewer, in_hand, "sibling")
    assert decide(cast.reviewer, in_hand, "different").status_code == 400

    sent = {"reason": "a slip"}
    again = cast.reviewer.browser().post(f"{LIST}{in_hand.pk}/again/", sent)

    assert again.status_code == 302
    assert CasePair.objects.get().decision == ""
    assert not CaseLink.objects.exists()


def test_the_same_child_leads_into_the_outcome_that_joins_them(
    cast: Cast, in_hand: CasePair
) -> None:
    decide(cast.reviewer, in_hand, "duplicate")
    older, newer = sorted((in_hand.left, in_hand.right), key=lambda case: case.created_at)
    address = f"/review/cases/{newer.reference}/outcome/?merged_into={older.reference}"
    browser = cast.reviewer.browser()

    assert address in browser.get(f"{LIST}{in_hand.pk}/").content.decode()
    page = browser.get(address).content.decode()
    assert f'value="{older.reference}"' in page
    assert '<option value="merged" selected>' in page


def test_joined_cases_are_still_shown_together_and_can_be_parted(
    cast: Cast, in_hand: CasePair
) -> None:
    decide(cast.reviewer, in_hand, "duplicate")
    take(cast.second_reviewer, in_hand.left, in_hand.right)
    one, other = in_hand.left, in_hand.right
    outcomes.propose(
        actor=cast.reviewer.actor,
        case=one,
        kind=OutcomeKind.MERGED,
        occurred_at=one.missing_at,
        merged_into=other,
    )
    outcomes.confirm(actor=cast.second_reviewer.actor, case=one)
    work_off()

    page = page_of(cast.reviewer, in_hand)
    assert page.count("林小满") >= 2
    assert "Join HW" not in page
    assert "merged" in page


def test_nothing_of_it_reaches_who_filed(cast: Cast, in_hand: CasePair) -> None:
    """What a family reads of its case is the same to the byte, whatever reviewers do with pairs."""
    cases = {case.family_id: case for case in (in_hand.left, in_hand.right)}
    readers = {
        person: cases[Guardian.objects.get(user=person.user).family_id]
        for person in (cast.guardian, cast.other_guardian)
    }

    def read() -> list[bytes]:
        answers = [
            person.browser().get(address)
            for person, case in readers.items()
            for address in (
                f"/api/v1/cases/{case.pk}/",
                f"/api/v1/cases/{case.pk}/links/",
                f"/api/v1/cases/{case.pk}/timeline/",
            )
        ]
        assert {answer.status_code for answer in answers} == {200}
        return [answer.content for answer in answers]

    before = read()
    decide(cast.reviewer, in_hand, "duplicate")
    work_off()
    assert CasePair.objects.get().decision == "duplicate"
    assert read() == before
