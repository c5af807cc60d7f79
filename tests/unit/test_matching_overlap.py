"""What repeats itself counts once: copies of notices, faces in pictures, places told twice."""

from dataclasses import replace

import pytest

from searches.matching.score import ENGINE_VERSION, judge
from searches.matching.weighing import Weighing, correction
from tests.unit.matching_people import (
    CASE,
    CONTEXT,
    SIGHTING,
    bits,
    day,
    face,
    line,
    pair,
    picture,
    year,
)


def test_a_reposted_notice_is_named_as_such() -> None:
    notice = picture(1, public=True)
    case, sighting = pair(
        case={"pictures": (notice,), "faces": (face(),)},
        sighting={"pictures": (notice,), "faces": (face(),)},
    )
    scored = judge(case, sighting, CONTEXT)

    assert {found.comparison: found.level for found in scored.evidence} == {
        "picture": "reposted",
        "face": "reposted",
    }
    assert scored.weight_bits == 0


def test_a_new_photo_beside_a_reposted_notice_still_counts() -> None:
    notice = picture(1, public=True)
    fresh = picture(2)
    case, sighting = pair(
        case={"pictures": (notice,), "faces": (face(picture=notice),)},
        sighting={
            "pictures": (notice, fresh),
            "faces": (face(0.0, picture=notice), face(0.3, picture=fresh)),
        },
    )
    scored = judge(case, sighting, CONTEXT)

    assert bits(scored, "face") > 3
    assert bits(scored, "picture") == 0


def test_the_same_picture_and_the_face_in_it_count_once() -> None:
    shot = picture(1)
    both = {"pictures": (shot,), "faces": (face(picture=shot, taken=year(2005)),)}
    scored = judge(*pair(case=both, sighting=both), CONTEXT)

    assert (bits(scored, "picture"), bits(scored, "face")) == (16, 0)
    assert scored.weight_bits == 16 + correction(16.0)
    counted = line(scored, "face")
    assert counted is not None
    assert counted.level == "counted"


def test_the_place_seen_and_the_place_of_origin_count_once_when_they_agree() -> None:
    case, sighting = pair(
        case={"missing": day(2014, 1, 1), "missing_from": CASE.missing_from},
        sighting={
            "seen": day(2014, 1, 3),
            "place": CASE.missing_from,
            "separated_from": CASE.missing_from,
        },
    )
    scored = judge(case, sighting, CONTEXT)
    lone = judge(case, replace(sighting, separated_from=None), CONTEXT)

    assert scored.weight_bits == max(
        lone.weight_bits,
        bits(judge(case, replace(sighting, place=None), CONTEXT), "separated_from"),
    )


def test_more_photos_never_add_up() -> None:
    one = judge(*pair(case={"faces": (face(),)}, sighting={"faces": (face(0.3),)}), CONTEXT)
    many = judge(
        *pair(case={"faces": (face(), face())}, sighting={"faces": (face(0.3), face(0.9))}), CONTEXT
    )
    assert bits(one, "face") == bits(many, "face")


def test_what_is_taken_off_a_large_sum_is_shown_and_keeps_the_order() -> None:
    """Up to ten bits nothing; of those beyond a tenth."""
    assert [correction(total) for total in (-30.0, 0.0, 10.0)] == [0, 0, 0]
    assert correction(14.0) == pytest.approx(-0.4)
    marked = pair(
        case={"names": ("欧阳春生",), "sex": "male"},
        sighting={"names_heard": ("欧阳春生",), "sex": "male"},
    )
    scored = judge(*marked, CONTEXT)
    *spoken, last = scored.evidence
    total = sum(found.weight_bits for found in spoken)
    assert total > 10
    assert (last.comparison, last.weight_bits) == ("together", correction(total))
    assert scored.weight_bits == pytest.approx(10 + 0.9 * (total - 10))


def test_a_comparison_counts_as_far_as_its_calibration_says_for_and_against() -> None:
    said = judge(CASE, SIGHTING, CONTEXT)
    weighing = Weighing("7", {"name": 0.5}, {"place": 2.0}, prior_bits=1.5)
    heard = judge(CASE, SIGHTING, replace(CONTEXT, weighing=weighing))
    assert bits(heard, "name") == pytest.approx(bits(said, "name") / 2)
    assert heard.prior_bits == pytest.approx(said.prior_bits + 1.5)
    assert heard.engine_version == f"{ENGINE_VERSION}+7"
    assert said.engine_version == ENGINE_VERSION
