"""The lists in code are those of docs/vocabularies.md, code by code and label by label."""

import re
from pathlib import Path

import pytest
from django.db.models import TextChoices
from django.utils import translation

from casemgr.platform import vocabularies

DOCUMENT = Path(__file__).parents[2] / "docs" / "vocabularies.md"
LISTS: dict[str, type[TextChoices]] = {
    "place_type": vocabularies.PlaceType,
    "circumstance": vocabularies.Circumstance,
    "child_situation": vocabularies.ChildSituation,
    "situation (of a sighting, and where found)": vocabularies.Situation,
    "timeline kind": vocabularies.TimelineKind,
    "mark kind": vocabularies.MarkKind,
    "body_part": vocabularies.BodyPart,
    "side": vocabularies.Side,
    "outcome kind": vocabularies.OutcomeKind,
    "identity_established_by": vocabularies.IdentityEstablishedBy,
    "obstacle": vocabularies.Obstacle,
    "link": vocabularies.LinkKind,
}


def documented() -> dict[str, dict[str, str]]:
    """Code to English label of each list; an entry without English is labelled by its code."""
    lists = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        row = re.match(r"\| (.+?) \| (.+) \|$", line)
        if row and row[1] not in ("list", "---"):
            entries = [entry.split(" · ") for entry in row[2].split(" / ")]
            lists[row[1]] = {
                entry[0]: entry[1] if len(entry) > 2 else entry[0].replace("_", " ")
                for entry in entries
            }
    return lists


def test_the_document_and_the_code_name_the_same_lists() -> None:
    assert set(documented()) == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_lists_codes_and_labels_are_those_of_the_document(name: str) -> None:
    with translation.override("en"):
        in_code = {code: str(label) for code, label in LISTS[name].choices if code != "unknown"}
    expected = documented()[name]
    if name == "identity_established_by":
        expected["dna"] = "DNA"  # one word serves as English and Chinese
    assert in_code == expected


@pytest.mark.parametrize(
    ("choices", "codes"),
    [
        (vocabularies.Sex, "female male unknown"),
        (vocabularies.CaseStatus,
         "draft submitted verified open located closed withdrawn merged"),
        (vocabularies.SightingKind, "street institution seeker online"),
        (vocabularies.PhotoStatus, "received processing ready rejected"),
        (vocabularies.PhotoQuality, "good usable poor"),
        (vocabularies.PhotoShows, "child_now child_then other"),
        (vocabularies.Band, "strong possible weak"),
        (vocabularies.MatchStatus,
         "proposed in_review needs_information lead confirmed rejected superseded"),
        (vocabularies.ReviewDecision, "accept reject needs_information"),
    ],
)  # fmt: skip
def test_the_contracts_other_lists_hold_just_its_codes(
    choices: type[TextChoices], codes: str
) -> None:
    assert choices.values == codes.split()
