"""What could not be proven today, and what to do next: pure functions from facts to named gaps.

A gap never says whether anybody matches anybody: each side's gaps come from that side alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import pgettext_lazy


class Side(StrEnum):
    """Whose evidence is missing."""

    FAMILY = "family"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that can't be proven yet: `name` for programs, `words` and `next_step` to read."""

    name: str
    side: Side
    words: Any
    next_step: Any


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """What a family's side can prove. `dna`: whether a sample is in the database; None: unknown."""

    dna: bool | None
    photo: bool
    birth_date: bool
    marks: bool
    guardian_verified: bool
    police_reference: bool


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What the side of a found child or grown seeker can prove, from what they told themselves.

    `grown`: a seeker, who can be asked what they remember.
    """

    dna: bool | None
    photo_now: bool
    photo_then: bool
    birth_date: bool
    separated_at: bool
    marks: bool
    memories: bool
    grown: bool


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """What reviewers have done so far for a found child or seeker."""

    interviewed: bool
    informed: bool


def family_gaps(facts: FamilyFacts) -> tuple[Gap, ...]:
    """What the family's side lacks, the weightiest first."""
    return _lacking(
        (facts.dna is not True, FAMILY_DNA),
        (not facts.guardian_verified, GUARDIAN),
        (not facts.police_reference, POLICE),
        (not facts.photo, FAMILY_PHOTO),
        (not facts.birth_date, FAMILY_BIRTH),
        (not facts.marks, FAMILY_MARKS),
    )


def child_gaps(facts: ChildFacts) -> tuple[Gap, ...]:
    """What the child's own side lacks, the weightiest first; this is what that side is shown."""
    return _lacking(
        (facts.dna is not True, CHILD_DNA),
        (not facts.photo_now, PHOTO_NOW),
        (not facts.photo_then, PHOTO_THEN),
        (not facts.birth_date, CHILD_BIRTH),
        (not facts.separated_at, SEPARATED),
        (not facts.marks, CHILD_MARKS),
        (facts.grown and not facts.memories, MEMORIES),
    )


def work_gaps(facts: WorkFacts) -> tuple[Gap, ...]:
    """What reviewers have yet to do; shown to them alone."""
    return _lacking((not facts.informed, AUTHORITIES), (not facts.interviewed, INTERVIEW))


def _lacking(*asked: tuple[bool, Gap]) -> tuple[Gap, ...]:
    return tuple(gap for lacks, gap in asked if lacks)


def names(gaps: Iterable[Gap]) -> list[str]:
    """The gaps by name, for programs and tests."""
    return [gap.name for gap in gaps]


def _gap(name: str, side: Side, words: Any, next_step: Any) -> Gap:
    return Gap(name, side, words, next_step)


FAMILY_DNA = _gap(
    "family_dna",
    Side.FAMILY,
    pgettext_lazy("gap", "No DNA sample of the parents is known to be in the database."),
    pgettext_lazy(
        "gap",
        "Ask both parents to give a sample at the police station where they live. It is free and "
        "takes minutes; they take their identity cards along.",
    ),
)
GUARDIAN = _gap(
    "guardian_unverified",
    Side.FAMILY,
    pgettext_lazy("gap", "Nobody who speaks for the child is verified."),
    pgettext_lazy(
        "gap", "See the household register or the birth certificate, or ask the police station."
    ),
)
POLICE = _gap(
    "police_reference",
    Side.FAMILY,
    pgettext_lazy("gap", "No police reference is on file."),
    pgettext_lazy(
        "gap", "Ask the family for the receipt of their report, or go to the police with them."
    ),
)
FAMILY_PHOTO = _gap(
    "family_photo",
    Side.FAMILY,
    pgettext_lazy("gap", "The family's side has no photo of then in which a face can be seen."),
    pgettext_lazy(
        "gap",
        "Ask relatives, the kindergarten, a photo studio; a photo of the parents or of brothers "
        "and sisters at that age helps too.",
    ),
)
FAMILY_BIRTH = _gap(
    "family_birth_date",
    Side.FAMILY,
    pgettext_lazy("gap", "The child's day of birth is not known."),
    pgettext_lazy(
        "gap",
        "Ask for the lunar date, the zodiac animal or the season, the hospital or midwife, the "
        "vaccination book.",
    ),
)
FAMILY_MARKS = _gap(
    "family_marks",
    Side.FAMILY,
    pgettext_lazy("gap", "The family told of no mark on the body."),
    pgettext_lazy("gap", "Go through the body with them, from hair whorl to toes."),
)
CHILD_DNA = _gap(
    "child_dna",
    Side.CHILD,
    pgettext_lazy("gap", "No DNA sample is known to be in the database."),
    pgettext_lazy(
        "gap",
        "A sample can be given at any police station; it is free and takes minutes. For a child, "
        "whoever is responsible for them goes along.",
    ),
)
PHOTO_NOW = _gap(
    "child_photo_now",
    Side.CHILD,
    pgettext_lazy("gap", "There is no photo of now in which a face can be seen."),
    pgettext_lazy("gap", "Add one from the front, in daylight, without a hat."),
)
PHOTO_THEN = _gap(
    "child_photo_then",
    Side.CHILD,
    pgettext_lazy("gap", "There is no photo of then."),
    pgettext_lazy(
        "gap", "Look for the oldest one there is: school, household papers, a family album."
    ),
)
CHILD_BIRTH = _gap(
    "child_birth_date",
    Side.CHILD,
    pgettext_lazy("gap", "The day of birth is not known."),
    pgettext_lazy(
        "gap", "Have the age estimated by a doctor (teeth, bones), and say how sure that is."
    ),
)
SEPARATED = _gap(
    "separated_at",
    Side.CHILD,
    pgettext_lazy("gap", "It is not known when the child came away from their family."),
    pgettext_lazy(
        "gap",
        "Ask for a season, a feast day, a journey, who was there; look into admission papers.",
    ),
)
CHILD_MARKS = _gap(
    "child_marks",
    Side.CHILD,
    pgettext_lazy("gap", "No mark on the body is told of."),
    pgettext_lazy("gap", "Write down scars, moles, birthmarks and teeth, with the side."),
)
MEMORIES = _gap(
    "memories",
    Side.CHILD,
    pgettext_lazy("gap", "No memories are told of."),
    pgettext_lazy(
        "gap", "Names, words of a dialect, a river, what grew around the house: all of it helps."
    ),
)
AUTHORITIES = _gap(
    "authorities",
    Side.CHILD,
    pgettext_lazy("gap", "The authorities have not been informed."),
    pgettext_lazy(
        "gap", "Inform the police and the civil affairs office first, and write it down."
    ),
)
INTERVIEW = _gap(
    "interview",
    Side.CHILD,
    pgettext_lazy("gap", "Nobody has spoken with the child or grown person yet."),
    pgettext_lazy(
        "gap",
        "Plan one talk with somebody trained for it, and ask open questions. Tell nothing of any "
        "case.",
    ),
)
