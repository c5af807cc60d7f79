"""A found child whose family is unknown: who looks after it, what was done, and what is lacking."""

import re
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils.html import escape

from casemgr.platform.audit import AuditEntry
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Conflict, Invalid, NotFound
from casemgr.platform.vocabularies import CaseStatus, SightingKind
from cases import assignments
from families.models import VerificationBasis
from searches import evidence, follow_through, rescued_views
from searches.evidence_readiness import names
from searches.models import FollowThroughKind, FollowThroughStep, Sighting, SightingAssignment
from tests import factories
from tests.cast import Cast, Person
from tests.pages import text_of
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
LIST = "/review/rescued/"
ASKED, TAKEN, KEPT = (
    FollowThroughKind.DNA_ASKED,
    FollowThroughKind.DNA_TAKEN,
    FollowThroughKind.DNA_KEPT,
)


def seeker(cast: Cast, *, by: Person | None = None, **values: Any) -> Sighting:
    facts = {"kind": SightingKind.SEEKER, "memories": "a stone bridge", "name_heard": "Xiao Yu"}
    return factories.log_sighting(cast, by=by, **{**facts, **values}).sighting


def taken(cast: Cast, sighting: Sighting) -> dict[str, Any]:
    follow_through.take(actor=cast.reviewer.actor, sighting=sighting)
    return {"actor": cast.reviewer.actor, "sighting": sighting}


def test_a_reviewer_sees_one_only_once_it_is_in_hand_though_it_matches_nothing(cast: Cast) -> None:
    sighting = seeker(cast)
    browser, page = cast.reviewer.browser(), f"{LIST}{sighting.pk}/"
    listed = text_of(browser.get(LIST))
    assert str(sighting.pk) in listed
    assert "Xiao Yu" not in listed
    assert browser.get(page).status_code == 404
    assert not Sighting.objects.visible_to(cast.reviewer.actor).exists()
    assert browser.post(LIST, {"item": str(sighting.pk)})["Location"] == page
    assert "Xiao Yu" in text_of(browser.get(page))
    assert Sighting.objects.visible_to(cast.reviewer.actor).get() == sighting
    assert cast.second_reviewer.browser().get(page).status_code == 404
    looks = AuditEntry.objects.about(sighting.pk)
    assert {"take_in_hand", "R"} <= set(looks.values_list("action", flat=True))
    assert browser.post(page, {"act": "put_back"})["Location"] == LIST
    assert browser.get(page).status_code == 404
    assert not Sighting.objects.visible_to(cast.reviewer.actor).exists()


def test_who_is_no_reviewer_any_more_sees_none_of_what_they_had_in_hand(cast: Cast) -> None:
    sighting = seeker(cast)
    taken(cast, sighting)
    page = f"{LIST}{sighting.pk}/"
    assert cast.reviewer.browser().get(page).status_code == 200
    assert cast.reviewer.user is not None
    cast.reviewer.user.grants.update(revoked_at=Now())
    browser = cast.reviewer.browser()
    assert browser.get(page).status_code == 404
    assert browser.post(page, {"act": "done", "item": "informed"}).status_code == 404


@pytest.mark.parametrize("who", ["guardian", "coordinator", "volunteer"])
def test_it_is_for_reviewers_alone(cast: Cast, who: str) -> None:
    sighting = seeker(cast)
    browser = getattr(cast, who).browser()
    assert browser.get(LIST).status_code == 404
    assert browser.post(LIST, {"item": str(sighting.pk)}).status_code == 404
    assert browser.get(f"{LIST}{sighting.pk}/").status_code == 404
    assert not SightingAssignment.objects.exists()


def test_nobody_takes_their_own_nor_a_strangers_sighting_nor_one_taken_back(cast: Cast) -> None:
    own, gone = seeker(cast, by=cast.reviewer), seeker(cast)
    street = factories.log_sighting(cast, kind=SightingKind.STREET).sighting
    Sighting.objects.filter(pk=gone.pk).update(withdrawn_at="2026-01-01T00:00Z")
    for sighting in (own, street, gone):
        with pytest.raises(NotFound):
            follow_through.take(actor=cast.reviewer.actor, sighting=sighting)
    assert cast.reviewer.browser().post(LIST, {"item": "x"}).status_code == 404
    assert str(own.pk) not in text_of(cast.reviewer.browser().get(LIST))


def test_a_sample_is_asked_for_before_it_is_taken_and_taken_before_it_is_kept(cast: Cast) -> None:
    hand = taken(cast, seeker(cast))
    for step in (TAKEN, KEPT):
        with refuses(Conflict, "step_missing"):
            follow_through.record(**hand, kind=step)
    for step in (ASKED, TAKEN, KEPT):
        follow_through.record(**hand, kind=step, note="at the county police")
    with refuses(Conflict, "done_before"):
        follow_through.record(**hand, kind=TAKEN)
    with refuses(Conflict, "built_upon"):
        follow_through.take_back(**hand, kind=TAKEN, reason="mixed up")
    with pytest.raises(Invalid):
        follow_through.take_back(**hand, kind=KEPT, reason=" ")
    follow_through.take_back(**hand, kind=KEPT, reason="mixed up")
    steps = FollowThroughStep.objects.order_by("at")
    assert [(step.kind, step.by, bool(step.undone_at)) for step in steps] == [
        (ASKED, cast.reviewer.user, False),
        (TAKEN, cast.reviewer.user, False),
        (KEPT, cast.reviewer.user, True),
    ]
    undone = AuditEntry.objects.get(action="undo")
    assert (undone.subject_type, undone.reason) == ("sighting", "mixed up")
    with pytest.raises(NotFound):
        follow_through.record(
            actor=cast.second_reviewer.actor, sighting=hand["sighting"], kind=KEPT
        )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_was_done_is_written_down_on_its_page(cast: Cast, language: str) -> None:
    sighting = seeker(cast)
    taken(cast, sighting)
    browser, page = cast.reviewer.browser(language=language), f"{LIST}{sighting.pk}/"
    assert browser.post(page, {"act": "done", "item": "dna_taken"}).status_code == 400
    said = {"act": "done", "item": "informed", "words": "Linyi police"}
    assert browser.post(page, said).status_code == 302
    assert "Linyi police" in text_of(browser.get(page))
    assert browser.post(page, {"act": "undo", "item": "informed", "words": ""}).status_code == 400
    again = {"act": "undo", "item": "informed", "words": "not yet"}
    assert browser.post(page, again).status_code == 302
    for bad in ({"act": "done", "item": "x"}, {"act": "x", "item": "informed"}, {}):
        assert browser.post(page, bad).status_code == 404


def test_the_gaps_of_both_sides_are_on_the_match_and_close_as_things_are_done(cast: Cast) -> None:
    case = factories.file_case(
        cast,
        status=CaseStatus.OPEN,
        in_hand_of=[cast.reviewer],
        case={"police_reference": "", "dna_on_file": False},
    )
    sighting = seeker(cast, birth_date=PartialDate())
    match = factories.store_match(case, sighting)
    family, child = evidence.gaps_of_match(match)
    assert {"family_dna", "police_reference", "guardian_unverified"} <= set(names(family))
    assert {"authorities", "interview", "child_dna", "child_birth_date"} <= set(names(child))
    assert "memories" not in names(child)
    page = text_of(cast.reviewer.browser().get(f"/review/matches/{match.pk}/"))
    assert all(escape(str(gap.words)) in page for gap in (*family, *child))

    hand = taken(cast, sighting)
    for kind in FollowThroughKind:
        follow_through.record(**hand, kind=kind)
    assignments.verify_guardian(
        actor=cast.reviewer.actor,
        case=case,
        guardian=case.family.guardians.get(),
        basis=VerificationBasis.PAPERS,
        note="household register",
    )
    family, child = evidence.gaps_of_match(match)
    assert "guardian_unverified" not in names(family)
    assert not {"authorities", "interview", "child_dna"} & set(names(child))
    street = factories.store_match(case, factories.log_sighting(cast).sighting)
    assert evidence.gaps_of_match(street)[1] == ()


def test_the_one_who_told_is_shown_the_same_whatever_reviewers_do_and_whatever_matches(
    cast: Cast,
) -> None:
    received = factories.log_sighting(
        cast, by=cast.volunteer, kind=SightingKind.INSTITUTION, description="a girl of about six"
    )
    sighting = received.sighting
    address = f"/my/sightings/{sighting.pk}/"
    browser = cast.volunteer.browser()

    def shown() -> str:
        return re.sub(r"csrf\S+", "", text_of(browser.get(address)))

    before = shown()
    assert "No DNA sample is known to be in the database." in before
    assert "The authorities have not been informed." not in before
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    factories.store_match(case, sighting, bits=40.0, band="strong")
    hand = taken(cast, sighting)
    for kind in FollowThroughKind:
        follow_through.record(**hand, kind=kind)
    assert shown() == before
    by_code = cast.anonymous.browser().post("/receipt/", {"code": received.receipt})
    assert "No DNA sample is known to be in the database." in text_of(by_code)
    street = factories.log_sighting(cast, by=cast.volunteer).sighting
    assert "gaps-heading" not in text_of(browser.get(f"/my/sightings/{street.pk}/"))


def test_the_list_asks_no_more_of_the_database_for_more_rows(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    browser, asked = cast.reviewer.browser(), []
    browser.get(LIST)
    for _number in range(2):
        taken(cast, seeker(cast))
        seeker(cast)
        with django_assert_max_num_queries(30) as queries:
            assert browser.get(LIST).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_both_lists_go_on_beyond_their_first_page(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescued_views, "SHOWN", 2)
    waiting = [seeker(cast, memories=each) for each in ("a well", "a kiln", "a ferry")]
    held = [seeker(cast, memories=each) for each in ("a mill", "a lane", "a shrine")]
    for each in held:
        taken(cast, each)
    browser = cast.reviewer.browser()

    def listed(query: str, rows: list[Sighting]) -> list[bool]:
        page = text_of(browser.get(f"{LIST}{query}"))
        return [str(each.pk) in page for each in rows]

    first = text_of(browser.get(LIST))
    assert re.findall(r'rel="next" href="([^"]*)"', first) == ["?mine=2", "?start=2"]
    assert listed("", waiting) == [True, True, False]
    assert listed("?start=2", waiting) == [False, False, True]
    assert listed("", held) == [False, True, True], "the latest stand first"
    assert listed("?mine=2", held) == [True, False, False]
