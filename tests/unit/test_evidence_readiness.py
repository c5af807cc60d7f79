"""What could not be proven: each lack is named alone, and each name has words in both languages."""

from dataclasses import replace
from typing import Any

import pytest

from searches.evidence_readiness import (
    ChildFacts,
    FamilyFacts,
    WorkFacts,
    child_gaps,
    family_gaps,
    names,
    work_gaps,
)

FAMILY = FamilyFacts(True, True, True, True, True, True)
CHILD = ChildFacts(True, True, True, True, True, True, True, True)


def test_whoever_has_everything_lacks_nothing() -> None:
    assert family_gaps(FAMILY) == child_gaps(CHILD) == work_gaps(WorkFacts(True, True)) == ()


@pytest.mark.parametrize(
    ("lack", "name"),
    [
        ({"dna": False}, "family_dna"),
        ({"dna": None}, "family_dna"),
        ({"photo": False}, "family_photo"),
        ({"birth_date": False}, "family_birth_date"),
        ({"marks": False}, "family_marks"),
        ({"guardian_verified": False}, "guardian_unverified"),
        ({"police_reference": False}, "police_reference"),
    ],
)
def test_each_thing_that_a_family_lacks_is_named_alone(lack: dict[str, Any], name: str) -> None:
    assert names(family_gaps(replace(FAMILY, **lack))) == [name]


@pytest.mark.parametrize(
    ("lack", "name"),
    [
        ({"dna": False}, "child_dna"),
        ({"dna": None}, "child_dna"),
        ({"photo_now": False}, "child_photo_now"),
        ({"photo_then": False}, "child_photo_then"),
        ({"birth_date": False}, "child_birth_date"),
        ({"separated_at": False}, "separated_at"),
        ({"marks": False}, "child_marks"),
        ({"memories": False}, "memories"),
    ],
)
def test_each_thing_that_a_found_child_lacks_is_named_alone(
    lack: dict[str, Any], name: str
) -> None:
    assert names(child_gaps(replace(CHILD, **lack))) == [name]


def test_nobody_asks_a_small_child_for_memories() -> None:
    assert child_gaps(replace(CHILD, grown=False, memories=False)) == ()


def test_dna_comes_first_and_every_gap_says_what_to_do() -> None:
    family = family_gaps(FamilyFacts(None, False, False, False, False, False))
    child = child_gaps(ChildFacts(None, False, False, False, False, False, False, True))
    work = work_gaps(WorkFacts(False, False))
    every = [*family, *child, *work]
    assert (family[0].name, child[0].name, work[0].name) == (
        "family_dna",
        "child_dna",
        "authorities",
    )
    assert len(set(names(every))) == len(every) == 15
    assert all(str(gap.words) and str(gap.next_step) for gap in every)
