"""What repeats itself counts once: copies of notices, faces in pictures, places told twice."""

from dataclasses import replace

from searches.matching.score import judge
from tests.unit.matching_people import CASE, CONTEXT, bits, day, face, line, pair, picture, year


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

    assert scored.weight_bits == max(bits(scored, "picture"), bits(scored, "face")) == 16
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
