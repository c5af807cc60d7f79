"""Every comparison speaks for when the two sides agree, and against (or not) when they do not."""

from dataclasses import replace
from typing import Any

import pytest

from searches.matching.score import COMPARISONS, judge
from searches.matching.types import Mark
from tests.unit.matching_people import (
    BLANK_CASE,
    BLANK_SIGHTING,
    CONTEXT,
    HUMEN,
    KUNMING,
    ZHENGZHOU,
    bits,
    day,
    face,
    line,
    months,
    pair,
    picture,
    spot,
    year,
)

SEEN = {"seen": day(2014, 10, 14)}
FRESH = {"missing": day(2014, 10, 13)}
Fields = dict[str, Any]

# comparison, case, agreeing sighting, disagreeing sighting
AGREEING: list[tuple[str, Fields, Fields, Fields]] = [
    ("face", {"faces": (face(),)}, {"faces": (face(0.30),)}, {"faces": (face(0.85),)}),
    ("sex", {"sex": "male"}, {"sex": "male"}, {"sex": "female"}),
    (
        "age",
        {"birth": year(2001)},
        SEEN | {"apparent_age_min": 13, "apparent_age_max": 14},
        SEEN | {"apparent_age_min": 4, "apparent_age_max": 5},
    ),
    ("birth", {"birth": day(2001, 4, 9)}, {"birth": day(2001, 4, 9)}, {"birth": day(1988, 1, 2)}),
    (
        "height",
        {"birth": year(2001), "sex": "male"},
        SEEN | {"height_cm": 160},
        SEEN | {"height_cm": 95},
    ),
    ("name", {"names": ("欧阳春生",)}, {"names_heard": ("欧阳春生",)}, {"names_heard": ("王伟",)}),
    (
        "marks",
        {"marks": (Mark("scar", "forehead", "left", ""),)},
        {"marks": (Mark("scar", "forehead", "left", ""),)},
        {"marks": (Mark("scar", "forehead", "right", ""),)},
    ),
    (
        "place",
        FRESH | {"missing_from": HUMEN},
        SEEN | {"place": spot("441900")},
        SEEN | {"place": ZHENGZHOU},
    ),
    (
        "separated",
        {"missing": day(2005, 6, 3)},
        {"separated": months(2005, 6, 6)},
        {"separated": year(1990)},
    ),
    (
        "separated_from",
        {"missing_from": KUNMING},
        {"separated_from": spot("530112")},
        {"separated_from": spot("230100")},
    ),
    (
        "clothing",
        FRESH | {"clothing": "红色外套"},
        SEEN | {"clothing": "red jacket"},
        SEEN | {"clothing": "green jacket"},
    ),
    ("language", {"languages": ("彝语",)}, {"languages": ("彝语",)}, {"languages": ("粤语",)}),
    ("ethnicity", {"ethnicity": "彝族"}, {"ethnicity": "Yi"}, {"ethnicity": "回族"}),
    ("blood_type", {"blood_type": "AB"}, {"blood_type": "AB型"}, {"blood_type": "O"}),
]


@pytest.mark.parametrize(("comparison", "case", "alike", "unlike"), AGREEING)
def test_agreement_speaks_for_and_disagreement_against(
    comparison: str, case: Fields, alike: Fields, unlike: Fields
) -> None:
    agreeing = judge(*pair(case=case, sighting=alike), CONTEXT)
    differing = judge(*pair(case=case, sighting=unlike), CONTEXT)

    spoken = [found.comparison for found in agreeing.evidence if found.comparison != "together"]
    assert spoken == [comparison]
    assert bits(agreeing, comparison) > 0.5
    assert bits(differing, comparison) < -0.3


def test_the_same_private_picture_speaks_for_and_another_picture_says_nothing() -> None:
    mine = {"pictures": (picture(1),)}
    same = judge(*pair(case=mine, sighting=mine), CONTEXT)
    other = {"pictures": (picture(2),)}

    assert bits(same, "picture") >= 14
    assert judge(*pair(case=mine, sighting=other), CONTEXT).evidence == ()


def test_shared_rare_words_speak_for_and_are_never_held_against_anybody() -> None:
    case = {"story": "村口有一棵大核桃树"}
    assert (
        bits(judge(*pair(case=case, sighting={"memories": "记得有棵核桃树"}), CONTEXT), "words") > 1
    )
    assert judge(*pair(case=case, sighting={"memories": "sang songs"}), CONTEXT).evidence == ()


def test_what_cannot_be_weighs_heavily_against() -> None:
    unborn = judge(*pair(case={"birth": year(2016)}, sighting=SEEN), CONTEXT)
    at_home = judge(*pair(case={"missing": day(2016, 2, 1)}, sighting=SEEN), CONTEXT)

    assert bits(unborn, "impossible") <= -12
    assert bits(at_home, "impossible") <= -12


def test_the_sign_table_covers_every_comparison() -> None:
    told_elsewhere = {"picture", "words", "impossible"}
    assert len({row[0] for row in AGREEING} | told_elsewhere) == len(COMPARISONS)


@pytest.mark.parametrize(("comparison", "case", "alike", "unlike"), AGREEING)
def test_what_one_side_does_not_know_adds_nothing(
    comparison: str, case: Fields, alike: Fields, unlike: Fields
) -> None:
    full_case, full_sighting = pair(case=case, sighting=alike)

    assert line(judge(full_case, BLANK_SIGHTING, CONTEXT), comparison) is None
    assert line(judge(BLANK_CASE, full_sighting, CONTEXT), comparison) is None


def test_two_blank_forms_add_nothing_at_all() -> None:
    scored = judge(BLANK_CASE, BLANK_SIGHTING, CONTEXT)

    assert scored.evidence == ()
    assert scored.weight_bits == 0
    assert scored.band == ""


def test_nothing_is_said_of_faces_without_a_face_model() -> None:
    both = pair(case={"faces": (face(),)}, sighting={"faces": (face(0.3),)})
    assert judge(*both, replace(CONTEXT, face_model=None)).evidence == ()
