"""Cases held against cases by the worker: what is proposed, kept, dropped and offered again."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from casemgr.platform.dates import PartialDate
from casemgr.platform.outbox import Job
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import CaseStatus, LinkKind
from cases import lifecycle, links
from cases import services as case_services
from cases.models import Case, TakeReason
from searches import duplicates
from searches.models import CasePair, PairDecision
from tests.cast import Cast, Person
from tests.factories import file_case, work_off

pytestmark = pytest.mark.django_db


def day(year: int, month: int, date_: int) -> PartialDate:
    told = date(year, month, date_)
    return PartialDate(told.isoformat(), told, told)


LOST: dict[str, Any] = {"missing_at": day(2011, 7, 4)}
SIBLING: dict[str, Any] = {
    "full_name": "林大勇",
    "given_name": "大勇",
    "nicknames": ["勇勇"],
    "sex": "male",
    "birth_date": day(2004, 9, 20),
}
STRANGER: dict[str, Any] = {
    "full_name": "欧阳建军",
    "given_name": "建军",
    "family_name": "欧阳",
    "nicknames": [],
    "sex": "male",
    "birth_date": day(1999, 1, 5),
}
ELSEWHERE: dict[str, Any] = {
    "missing_at": day(2004, 7, 1),
    "missing_from": Place(text="by the river", division_code="210102"),
}


def filed(
    cast: Cast, by: Person | None = None, status: CaseStatus = CaseStatus.SUBMITTED, **more: Any
) -> Case:
    case = file_case(cast, by=by, status=status, **more)
    work_off()
    return case


def twice(cast: Cast, **more: Any) -> tuple[Case, Case]:
    """One child, filed by two families."""
    return filed(cast, **more), filed(cast, by=cast.other_guardian, **more)


def test_a_child_who_is_filed_twice_is_proposed_once(cast: Cast) -> None:
    one, other = twice(cast)

    pair = CasePair.objects.get()
    assert {pair.left_id, pair.right_id} == {one.pk, other.pk}
    assert pair.left_id < pair.right_id
    assert (pair.kind, pair.band, pair.decision) == ("duplicate", "strong", "")


def test_holding_twice_leaves_the_same_row(cast: Cast) -> None:
    one, _other = twice(cast)
    before = CasePair.objects.values().get()

    with transaction.atomic():
        duplicates.ask_for(one.pk)
    assert work_off(duplicates.HOLD) == 1

    assert CasePair.objects.values().get() == before


def test_no_value_of_either_case_is_kept_with_the_pair(cast: Cast) -> None:
    twice(cast)

    levels = CasePair.objects.get().levels
    assert {"name", "birth", "separated"} <= {comparison for comparison, _level, _bits in levels}
    kept = str(CasePair.objects.values().get())
    for value in ("小满", "林", "2006", "530112"):
        assert value not in kept


def test_a_brother_filed_by_others_is_proposed_as_that(cast: Cast) -> None:
    filed(cast, case=LOST)
    filed(cast, by=cast.other_guardian, child=SIBLING, case=LOST)

    assert CasePair.objects.get().kind == "sibling"


def test_siblings_whom_one_person_filed_are_not_proposed(cast: Cast) -> None:
    filed(cast, case=LOST)
    filed(cast, child=SIBLING, case=LOST)

    assert not CasePair.objects.exists()


def test_a_child_of_others_lost_elsewhere_is_not_proposed(cast: Cast) -> None:
    filed(cast)
    filed(cast, by=cast.other_guardian, child=STRANGER, case=ELSEWHERE)

    assert not CasePair.objects.exists()


def test_what_is_linked_already_is_not_proposed(cast: Cast) -> None:
    one = filed(cast)
    other = file_case(cast, by=cast.other_guardian, status=CaseStatus.SUBMITTED)
    reviewer = cast.reviewer.actor
    for case in (one, other):
        case_services.take_in_hand(actor=reviewer, reference=case.reference, why=TakeReason.NEW)
    links.link(actor=reviewer, case=one, other=other, kind=LinkKind.DUPLICATE)
    work_off()

    assert not CasePair.objects.exists()


def test_a_draft_is_held_against_nothing(cast: Cast) -> None:
    filed(cast)
    filed(cast, by=cast.other_guardian, status=CaseStatus.DRAFT)

    assert not CasePair.objects.exists()


def test_the_work_waits_behind_everything_else(cast: Cast) -> None:
    twice(cast)

    held = Job.objects.filter(handler=duplicates.HOLD)
    assert held.filter(turn_at__isnull=False).count() == held.count() == 2


def test_a_case_that_is_taken_back_takes_its_proposals_along(cast: Cast) -> None:
    _one, other = twice(cast)
    reviewer = cast.reviewer.actor
    case_services.take_in_hand(actor=reviewer, reference=other.reference, why=TakeReason.NEW)
    lifecycle.transition(
        actor=reviewer, case=other, to=CaseStatus.WITHDRAWN, reason="filed by mistake"
    )
    work_off()

    assert not CasePair.objects.exists()


def settle(decision: PairDecision, by: Person) -> None:
    CasePair.objects.update(
        decision=decision, decided_by=by.user, decided_at=Now(), reason="another child"
    )


def test_a_pair_called_different_waits_again_only_for_enough_that_is_new(cast: Cast) -> None:
    one, _other = twice(cast, child={"nicknames": []})
    settle(PairDecision.DIFFERENT, cast.reviewer)

    tell(cast, one, {"description": "She hums when she is tired."})
    assert CasePair.objects.get().decision == "different"

    pair = CasePair.objects.get()
    known = [line if line[0] != "birth" else ["birth", "far", -3.0] for line in pair.levels]
    CasePair.objects.update(levels=known)
    tell(cast, one, {"description": "She hums when she is tired or sad."})

    again = CasePair.objects.get()
    assert (again.decision, again.decided_by, again.news) == ("", None, ["birth"])
    assert again.reason == "another child"


def test_a_pair_called_the_same_child_is_left_alone(cast: Cast) -> None:
    one, _other = twice(cast)
    settle(PairDecision.DUPLICATE, cast.reviewer)
    CasePair.objects.update(levels=[])

    tell(cast, one, {"description": "She hums when she is tired."})

    assert CasePair.objects.get().decision == "duplicate"


def tell(cast: Cast, case: Case, child: dict[str, Any]) -> None:
    case.refresh_from_db()
    case_services.update_case(
        actor=cast.guardian.actor, case=case, case_changes={}, child_changes=child
    )
    work_off()


def test_the_database_refuses_a_pair_the_wrong_way_round_and_twice(cast: Cast) -> None:
    twice(cast)
    pair = CasePair.objects.get()
    facts = {"kind": "duplicate", "weight_bits": 1, "prior_bits": 1, "probability": 0.5}
    for left, right in ((pair.right, pair.left), (pair.left, pair.left), (pair.left, pair.right)):
        with pytest.raises(IntegrityError), transaction.atomic():
            CasePair.objects.create(left=left, right=right, band="strong", **facts)


def test_a_pair_goes_with_either_case(cast: Cast) -> None:
    one, other = twice(cast)
    Case.objects.filter(pk=max(one.pk, other.pk)).delete()

    assert not CasePair.objects.exists()
