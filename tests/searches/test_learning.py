"""Decisions are kept with what they were made on, and teach; rejected pairs come back with news."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django.fixtures import Settings

from casemgr.platform import erasure
from casemgr.platform.access import Actor
from casemgr.platform.audit import AuditEntry
from casemgr.platform.dates import PartialDate
from casemgr.platform.erasure.verifying import verify_erased
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import CaseStatus, ReviewDecision
from cases.models import Case
from searches import calibrations, context, ledger, match_store, reopening, reviewing, services
from searches.matching.learning import Decided, Said
from searches.matching.score import ENGINE_VERSION
from searches.matching.types import Evidence, Scored
from searches.matching.weighing import TRUST, WRITTEN, Weighing
from searches.models import Calibration, LedgerEntry, Match, Review
from tests import factories
from tests.cast import Cast, Person
from tests.pages import text_of

pytestmark = pytest.mark.django_db

REASON = "The ears are not hers."
NAME = Evidence("name", "exact", 6.0, "林小满", "林小满", "%(seen)s on both sides.", {"seen": "x"})
MARKS = Evidence("marks", "rare", 3.3, "scar", "scar", "Both mention the same mark.")
FACE = Evidence("face", "alike", 5.0, "", "0.40", "The faces are alike.")


@pytest.fixture(autouse=True)
def _count_anew() -> None:
    context._counted = None


def matched(cast: Cast, *lines: Evidence) -> Match:
    reviewers = [cast.reviewer, cast.second_reviewer, cast.third_reviewer]
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=reviewers)
    evidence = lines or (NAME, MARKS)
    return factories.store_match(
        case,
        factories.log_sighting(cast).sighting,
        bits=sum(line.weight_bits for line in evidence),
        evidence=evidence,
    )


def decide(person: Person, match: Match, decision: ReviewDecision) -> Review:
    return reviewing.decide(actor=person.actor, match=match, decision=decision, reason=REASON)


def judged_again(match: Match, *lines: Evidence) -> Match:
    """What the matching worker does when either side has changed."""
    factories.store_match(
        match.case,
        match.sighting,
        bits=sum(line.weight_bits for line in lines),
        evidence=lines,
    )
    return Match.objects.get(pk=match.pk)


def test_a_decision_is_kept_with_levels_and_bits_and_no_value(cast: Cast) -> None:
    match = matched(cast)
    review = decide(cast.reviewer, match, ReviewDecision.REJECT)
    entry = LedgerEntry.objects.get()
    assert (entry.review, entry.decision, entry.stands) == (review, "reject", True)
    assert (entry.engine_version, entry.weight_bits) == (ENGINE_VERSION, match.weight_bits)
    name, marks = entry.lines
    assert name == ["name", "exact", 6.0, 6.0]
    assert marks == ["marks", "rare", 3.3, pytest.approx(3.3 / TRUST["marks"])]
    assert "林小满" not in str(entry.lines)


def test_pairs_count_by_what_their_decisions_come_to(cast: Cast) -> None:
    yes, no, open_one = matched(cast), matched(cast), matched(cast)
    decide(cast.reviewer, yes, ReviewDecision.ACCEPT)
    decide(cast.second_reviewer, yes, ReviewDecision.ACCEPT)
    decide(cast.reviewer, no, ReviewDecision.REJECT)
    decide(cast.reviewer, open_one, ReviewDecision.ACCEPT)
    assert sorted(pair.same for pair in ledger.decided()) == [False, True]
    for pair in ledger.decided():
        assert [line.level for line in pair.lines] == ["exact", "rare"]
        assert [line.bits for line in pair.lines] == pytest.approx([6.0, 3.3 / TRUST["marks"]])


def test_a_decision_that_was_taken_back_teaches_nothing(cast: Cast) -> None:
    match = matched(cast)
    review = decide(cast.reviewer, match, ReviewDecision.REJECT)
    reviewing.undo(actor=cast.reviewer.actor, review=review)
    assert ledger.decided() == []
    assert not LedgerEntry.objects.get().stands


def test_erasing_the_sighting_leaves_the_levels_and_nothing_that_leads_to_it(
    cast: Cast, settings: Settings
) -> None:
    settings.ERASURE_WAIT_HOURS = 0
    match = matched(cast)
    decide(cast.reviewer, match, ReviewDecision.REJECT)
    before = ledger.decided()
    services.withdraw(actor=Actor(receipt=match.sighting_id), sighting=match.sighting)
    factories.work_off("platform.erase")
    verify_erased()
    erased = erasure.Erasure.objects.get(subject=match.sighting_id)
    assert (erased.state, erased.residue) == (erasure.State.VERIFIED, {})
    assert not Match.objects.filter(pk=match.pk).exists()
    assert ledger.decided() == before
    assert LedgerEntry.objects.get().review is None


# --- calibrate --------------------------------------------------------------------------------


def taught(accepted: int, rejected: int) -> None:
    """Decisions, one in every two of which goes against a name that speaks for with 8 bits."""
    for number in range(accepted + rejected):
        yes = number < accepted
        bits, pair = (4.0 if number % 2 else 8.0), uuid4()
        for _twice in range(2 if yes else 1):
            LedgerEntry.objects.create(
                pair=pair,
                decision=ReviewDecision.ACCEPT if yes else ReviewDecision.REJECT,
                prior_bits=-6.0,
                weight_bits=bits,
                engine_version=ENGINE_VERSION,
                lines=[["name", "exact", bits, bits], ["together", "large_sum", -0.1, -0.1]],
            )


def calibrate(picture: Path, *, apply: bool = False) -> str:
    out = io.StringIO()
    call_command("calibrate", picture=picture, apply=apply, stdout=out)
    return out.getvalue()


def test_calibrating_shows_before_and_after_and_changes_nothing(db: None, tmp_path: Path) -> None:
    taught(accepted=40, rejected=60)
    picture = tmp_path / "curve.svg"
    said = calibrate(picture)
    assert "100 pairs decided: 40 accepted, 60 rejected" in said
    [level] = [line for line in said.splitlines() if line.startswith("name") and "exact" in line]
    assert level.split()[:5] == ["name", "exact", "40", "60", "6.00"]
    assert float(level.split()[5]) < 5.5
    assert {"strong", "possible", "weak", "log", "prior,"} <= {
        line.split()[0] for line in said.splitlines() if line
    }
    assert "together" not in said
    assert "Nothing was changed" in said
    assert picture.read_text().count("<circle") >= 2
    assert not Calibration.objects.exists()
    assert calibrations.current() == WRITTEN


def test_applying_is_used_by_the_next_judgement_and_named_in_its_version(
    cast: Cast, tmp_path: Path
) -> None:
    taught(accepted=40, rejected=60)
    said = calibrate(tmp_path / "curve.svg", apply=True)
    assert "Calibration 1 is taken up" in said
    held = Calibration.objects.get()
    assert held.figures["pairs"] == 100
    assert held.figures["after"]["log_loss"] < held.figures["before"]["log_loss"]
    given = context.build()
    assert given.weighing == calibrations.current() == calibrations.named(f"{ENGINE_VERSION}+1")
    assert given.weighing.speaking_for["name"] < 1
    factories.file_case(cast, status=CaseStatus.SUBMITTED)
    factories.log_sighting(cast, name_heard="林小满")
    factories.work_off()
    match = Match.objects.get()
    assert match.engine_version == f"{ENGINE_VERSION}+1"
    assert AuditEntry.objects.filter(action="calibrate").count() == 1
    assert calibrations.next_version() == "2"


def test_what_a_calibration_took_off_is_put_back_for_the_next_one(cast: Cast) -> None:
    weighing = Weighing("1", {"name": 0.5}, {}, prior_bits=1.0)
    calibrations.apply(actor=Actor(), weighing=weighing, figures={})
    match = matched(cast)
    Match.objects.filter(pk=match.pk).update(engine_version=f"{ENGINE_VERSION}+1")
    decide(cast.reviewer, Match.objects.get(pk=match.pk), ReviewDecision.REJECT)
    [pair] = ledger.decided()
    assert pair == Decided(
        (Said("name", "exact", 12.0), Said("marks", "rare", 3.3)),
        match.prior_bits - 1.0,
        same=False,
    )


def test_too_few_decisions_are_shown_and_not_taken_into_use(db: None, tmp_path: Path) -> None:
    taught(accepted=29, rejected=60)
    with pytest.raises(CommandError, match="Too few"):
        calibrate(tmp_path / "curve.svg", apply=True)
    assert not Calibration.objects.exists()


def test_a_picture_that_cannot_be_written_is_said_plainly(db: None, tmp_path: Path) -> None:
    taught(accepted=1, rejected=1)
    with pytest.raises(CommandError, match="Could not draw"):
        calibrate(tmp_path / "nowhere" / "curve.svg", apply=True)


def test_without_decisions_there_is_nothing_to_learn(db: None, tmp_path: Path) -> None:
    assert calibrate(tmp_path / "curve.svg") == "0 pairs decided: 0 accepted, 0 rejected\n"


# --- a rejected pair --------------------------------------------------------------------------


def rejected(cast: Cast) -> Match:
    match = matched(cast)
    decide(cast.reviewer, match, ReviewDecision.REJECT)
    return Match.objects.get(pk=match.pk)


def test_a_rejected_pair_stays_rejected_as_long_as_too_little_is_new(cast: Cast) -> None:
    match = rejected(cast)
    little = replace(FACE, weight_bits=2.9)
    assert judged_again(match, NAME, MARKS, little).status == "rejected"
    assert [line.comparison for line in match.evidence.all()] == ["name", "marks"]


def test_findings_that_only_weigh_more_are_no_news(cast: Cast) -> None:
    match = rejected(cast)
    heavier = replace(NAME, weight_bits=12.0)
    assert judged_again(match, heavier, MARKS).status == "rejected"


def test_news_that_takes_back_what_other_news_adds_is_weighed_together(cast: Cast) -> None:
    match = rejected(cast)
    gone = replace(MARKS, level="other_side", weight_bits=-1.0, sighting_value="scar, right")
    assert judged_again(match, NAME, gone, FACE).status == "rejected"


def test_three_bits_of_news_offer_it_again_and_say_what_is_new(cast: Cast) -> None:
    match = rejected(cast)
    again = judged_again(match, NAME, FACE, MARKS)
    assert (again.status, again.weight_bits) == ("proposed", 14.3)
    assert not again.reviews.filter(ended_at__isnull=True).exists()
    assert ledger.decided() == []
    offered = reopening.offered_again(again)
    assert offered is not None
    assert (offered.reason, offered.news) == (REASON, frozenset({"face"}))

    page = cast.reviewer.browser().get(f"/review/matches/{match.pk}/")
    words = text_of(page)
    assert REASON in words
    assert "what is marked as new" in words
    assert page.content.decode().count('class="badge fresh"') == 1
    decide(cast.reviewer, again, ReviewDecision.REJECT)
    assert judged_again(again, NAME, FACE, MARKS).status == "rejected"


def test_what_is_new_stays_marked_when_the_pair_is_judged_once_more(cast: Cast) -> None:
    again = judged_again(rejected(cast), NAME, FACE, MARKS)
    later = judged_again(again, NAME, FACE, replace(MARKS, weight_bits=3.4))
    offered = reopening.offered_again(later)
    assert offered is not None
    assert offered.news == {"face", "marks"}


def test_a_pair_that_was_never_rejected_has_no_news(cast: Cast) -> None:
    match = matched(cast)
    assert reopening.offered_again(match) is None
    assert (
        "badge fresh"
        not in cast.reviewer.browser().get(f"/review/matches/{match.pk}/").content.decode()
    )


def test_a_judgement_of_older_facts_offers_nothing_again(cast: Cast) -> None:
    match = rejected(cast)
    Case.objects.filter(pk=match.case_id).update(revision=7)
    scored = Scored(
        case_id=match.case_id,
        sighting_id=match.sighting_id,
        weight_bits=14.3,
        prior_bits=-13.0,
        probability=0.7,
        band="strong",
        engine_version=ENGINE_VERSION,
        evidence=(NAME, FACE, MARKS),
    )
    revisions = {match.sighting_id: match.sighting_revision}
    with transaction.atomic():
        match_store.store([scored], case_revisions={match.case_id: 6}, sighting_revisions=revisions)
    assert Match.objects.get(pk=match.pk).status == "rejected"


def test_a_confirmed_pair_is_never_put_back(cast: Cast) -> None:
    match = matched(cast)
    decide(cast.reviewer, match, ReviewDecision.ACCEPT)
    decide(cast.second_reviewer, match, ReviewDecision.ACCEPT)
    assert judged_again(match, NAME, FACE, MARKS).status == "lead"


def test_a_name_that_is_heard_later_offers_the_pair_again(cast: Cast) -> None:
    """As the product itself judges."""
    case = factories.file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    day = PartialDate("2011-09-02", date(2011, 9, 2), date(2011, 9, 2))
    near = Place(text="west gate market", division_code="530112")
    sighting = factories.log_sighting(cast, seen_at=day, place=near).sighting
    factories.work_off()
    match = Match.objects.get(case=case)
    decide(cast.reviewer, match, ReviewDecision.REJECT)
    receipt = Actor(receipt=sighting.pk)
    services.update_sighting(actor=receipt, sighting=sighting, changes={"companions": "two men"})
    factories.work_off()
    assert Match.objects.get(pk=match.pk).status == "rejected"
    services.update_sighting(actor=receipt, sighting=sighting, changes={"name_heard": "林小满"})
    factories.work_off()
    again = Match.objects.get(pk=match.pk)
    offered = reopening.offered_again(again)
    assert again.status == "proposed"
    assert offered is not None
    assert "name" in offered.news
