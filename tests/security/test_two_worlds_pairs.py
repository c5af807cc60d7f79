"""Pairs of worlds that differ in a secret tell outsiders the same bytes (T1, T2, T4, T11)."""

import os

import pytest

from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from families.models import VerificationBasis
from families.verification import verify
from tests.cast import Cast
from tests.factories import file_case
from tests.security import two_worlds
from tests.security.two_worlds import Pair, World, differing_bytes

pytestmark = pytest.mark.django_db
# `make two-worlds` asks for five hundred.
PAIRS = int(os.environ.get("TWO_WORLDS", "8"))


def test_no_byte_that_an_outsider_reads_depends_on_the_secret() -> None:
    found: dict[str, int] = {}
    hidden: list[str] = []
    answers = count = 0
    for pair in two_worlds.pairs(PAIRS):
        (one, inside_one), (other, inside_other) = (pair.world(secret) for secret in (0, 1))
        answers += len(one) + len(other)
        count += sum(len(answer.encode()) for answer in (*one, *other))
        if differing := differing_bytes(one, other):
            found[f"{pair.story} {pair.seed}"] = differing
        if differing_bytes(inside_one, inside_other) == 0:
            hidden.append(f"{pair.story} {pair.seed}")
        if pair.seed % 25 == 24:
            print(
                f"{pair.seed + 1} pairs: {sum(found.values())} differing bytes {found}", flush=True
            )

    print(
        f"\n{PAIRS} pairs, {answers} answers, {count / 1e6:.1f} MB compared: "
        f"{sum(found.values())} differing bytes; reviewers saw a difference in "
        f"{PAIRS - len(hidden)} pairs"
    )
    assert found == {}
    # A secret that not even a reviewer sees would prove nothing.
    assert hidden == []


def test_the_comparison_sees_one_byte_and_one_missing_answer() -> None:
    assert differing_bytes(["abc", "d"], ["abc", "d"]) == 0
    assert differing_bytes(["abc"], ["abd"]) == 1
    assert differing_bytes(["abc"], ["abcd"]) == 1
    assert differing_bytes(["abc", "de"], ["abc"]) == 2


def test_a_world_that_tells_would_be_seen(cast: Cast) -> None:
    """A family that was told is shown another status: the comparison has teeth."""

    def asked(*, told: bool) -> list[str]:
        with two_worlds.undone():
            people, world = Cast(), World()
            case = file_case(people, status=CaseStatus.OPEN)
            guardian = case.family.guardians.get()
            basis = VerificationBasis.PAPERS
            desk = people.desk[0].actor
            verify(actor=desk, guardian=guardian, basis=basis, note="seen")
            two_worlds.find(people, case)
            if told:
                lifecycle.record_family_told(actor=desk, case=case, reason="by phone")
            two_worlds.ask_of_case(Pair(0, "T1").begun(), people.guardian, case, world, "en")
        return world.answers

    assert differing_bytes(asked(told=False), asked(told=False)) == 0
    assert differing_bytes(asked(told=False), asked(told=True)) > 0


def test_what_is_the_same_again_is_told_apart_from_what_is_another() -> None:
    pair = Pair(0, "T1")
    assert pair.world(0)[0] == pair.world(0)[0]
    world = World()
    ids = [f"{n}1234567-1234-4123-8123-123456789012" for n in (1, 2, 1)]
    assert [world._plain(each) for each in ids] == ["<0>", "<1>", "<0>"]
