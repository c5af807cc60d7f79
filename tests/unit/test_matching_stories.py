"""Pairs like those of real reunions, all people invented: what is said, and in which order."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from searches.matching.score import judge
from searches.matching.types import CaseProfile, Mark, Scored, SightingProfile, Spot
from tests.unit.matching_people import (
    CHINA,
    CONTEXT,
    HUMEN,
    KUNMING,
    ZHENGZHOU,
    bits,
    day,
    face,
    hour,
    line,
    months,
    spot,
    year,
)

BAND = ["", "weak", "possible", "strong"]


def case(**fields: object) -> CaseProfile:
    return CaseProfile(id=UUID(int=1), **fields)  # type: ignore[arg-type]


def sighting(**fields: object) -> SightingProfile:
    return SightingProfile(id=UUID(int=2), **fields)  # type: ignore[arg-type]


def band(scored: Scored) -> int:
    return BAND.index(scored.band)


def test_far_away_with_disagreeing_dates_but_an_alike_face_and_name_is_strong() -> None:
    """1,700 km, birth and loss each a year off, the name kept only by ear."""
    lost = case(
        sex="male", names=("罗建华",), family_name="罗", birth=year(1990), missing=day(1994, 8, 2),
        missing_from=KUNMING, faces=(face(taken=year(1994)),),
        story="屋后有竹林，父亲开磨坊",
    )  # fmt: skip
    grown = sighting(
        kind="seeker", sex="male", names_heard=("Luo Jianfa",), birth=year(1991),
        separated=year(1995), seen=day(2014, 3, 1), place=ZHENGZHOU,
        faces=(face(0.28, taken=year(1996)),),
        memories="I remember a bamboo grove behind the house and a mill.",
    )  # fmt: skip
    scored = judge(lost, grown, CONTEXT)

    assert scored.band == "strong"
    assert bits(scored, "face") > 3
    assert bits(scored, "name") > 3
    assert abs(bits(scored, "place")) < 1
    assert bits(scored, "birth") > 0
    assert bits(scored, "separated") > 0
    assert scored.evidence[0].comparison in ("face", "name")


def test_a_twin_is_told_apart_only_by_name_and_marks() -> None:
    """Twins share face, age, place and family name: the brother is proposed too, below."""
    shared = {
        "birth": day(2008, 2, 1), "missing": day(2012, 5, 1), "missing_from": HUMEN,
        "family_name": "邓", "faces": (face(taken=year(2012)),),
    }  # fmt: skip
    first = case(sex="male", names=("邓文",), marks=(Mark("mole", "cheek", "left", ""),), **shared)
    second = case(sex="male", names=("邓武",), marks=(Mark("scar", "knee", "", ""),), **shared)
    seen = sighting(
        kind="street", sex="male", seen=day(2012, 7, 1), place=spot("450100"), apparent_age_min=4,
        apparent_age_max=5, names_heard=("小文",), marks=(Mark("mole", "cheek", "left", ""),),
        faces=(face(0.25, taken=day(2012, 7, 1)),),
    )  # fmt: skip
    one, other = judge(first, seen, CONTEXT), judge(second, seen, CONTEXT)

    assert one.weight_bits > other.weight_bits + 5
    assert one.band == "strong"
    assert other.band != ""
    assert bits(one, "face") == bits(other, "face") > 0
    assert bits(one, "marks") > 0 > bits(other, "marks")


def test_a_common_name_in_one_big_city_alone_is_not_strong() -> None:
    lost = case(
        sex="female", names=("李娜",), family_name="李", birth=year(2009), missing=day(2015, 4, 4),
        missing_from=spot("440106"),
    )  # fmt: skip
    seen = sighting(
        kind="street", sex="female", names_heard=("李娜",), seen=day(2019, 9, 9),
        place=spot("440111"), apparent_age_min=9, apparent_age_max=12,
    )  # fmt: skip
    common = judge(lost, seen, CONTEXT)
    rarer = replace(lost, names=("欧阳娜",), family_name="欧阳")
    rare = judge(rarer, replace(seen, names_heard=("欧阳娜",)), CONTEXT)

    assert common.band in ("weak", "possible")
    assert bits(rare, "name") > bits(common, "name") > 0


def test_wang_alone_says_little_and_ouyang_much() -> None:
    wang = judge(case(names=("王芳",)), sighting(kind="street", names_heard=("王强",)), CONTEXT)
    ouyang = judge(
        case(names=("欧阳芳",)), sighting(kind="street", names_heard=("欧阳强",)), CONTEXT
    )
    assert -1.1 < bits(wang, "name") < 0.5
    assert bits(ouyang, "name") > 3


def test_a_grown_childs_memories_meet_the_parents_account() -> None:
    """No photo, no name: only what is remembered, and a mark."""
    lost = case(
        sex="female", names=("杨小梅", "梅梅"), birth=months(1988, 9, 9),
        missing=months(1993, 1, 2), missing_from=spot("520526", "贵州威宁"),
        marks=(Mark("burn", "arm", "right", "右手臂烫伤疤"),), ethnicity="彝族",
        story="家里有核桃树，门前一条河，爷爷会吹唢呐，赶集要走山路",
    )  # fmt: skip
    grown = sighting(
        kind="seeker", sex="female", seen=day(2020, 6, 1), place=spot("350500", "福建泉州"),
        birth=year(1989), separated=year(1993), marks=(Mark("burn", "arm", "right", ""),),
        memories="门前有条河，家里有棵核桃树，爷爷吹唢呐",
    )  # fmt: skip
    stranger = replace(
        grown, memories="家在海边，爸爸打鱼", marks=(Mark("mole", "neck", "", ""),),
        birth=year(1994), separated=year(1999),
    )  # fmt: skip
    scored = judge(lost, grown, CONTEXT)

    assert band(scored) >= BAND.index("possible")
    assert bits(scored, "words") > 3
    assert bits(scored, "marks") > 5
    assert abs(bits(scored, "place")) < 1
    assert judge(lost, stranger, CONTEXT).band == ""


def test_a_fresh_case_is_met_by_clothes_and_reach() -> None:
    """Lost in the morning, seen begging in the next county in the evening, in the same clothes."""
    lost = case(
        sex="male", birth=months(2021, 2, 2), missing=day(2026, 11, 23),
        missing_from=spot("410105"), clothing="黄色羽绒服，黑色裤子", names=("豆豆",),
    )  # fmt: skip
    seen = sighting(
        kind="street", sex="male", seen=day(2026, 11, 23), place=spot("410122"),
        apparent_age_min=5, apparent_age_max=6, clothing="a yellow down jacket, black trousers",
    )  # fmt: skip
    scored = judge(lost, seen, CONTEXT)

    assert band(scored) >= BAND.index("possible")
    assert bits(scored, "clothing") > 4
    assert bits(scored, "place") > 2.5
    half_a_year_on = judge(lost, replace(seen, seen=day(2027, 5, 23)), CONTEXT)
    assert line(half_a_year_on, "clothing") is None


def test_a_near_miss_in_sex_age_and_province_is_not_worth_a_look() -> None:
    lost = case(
        sex="male", names=("陈浩",), birth=year(2010), missing=day(2016, 3, 3),
        missing_from=spot("510104"), description="圆脸，头发短",
        marks=(Mark("scar", "leg", "", ""),),
    )  # fmt: skip
    seen = sighting(
        kind="street", sex="male", seen=day(2020, 5, 5), place=spot("510700"),
        apparent_age_min=9, apparent_age_max=11, description="脸上有痣，穿校服",
    )  # fmt: skip
    assert band(judge(lost, seen, CONTEXT)) <= BAND.index("weak")


def test_a_child_seen_before_it_was_born_is_shown_and_weighed_down_never_hidden() -> None:
    lost = case(sex="male", birth=year(2011), missing=day(2013, 1, 1), names=("赵磊",))
    seen = sighting(
        kind="street", sex="male", seen=day(2009, 6, 1), apparent_age_min=6, apparent_age_max=6,
        names_heard=("赵磊",),
    )  # fmt: skip
    scored = judge(lost, seen, CONTEXT)

    first = scored.evidence[0]
    assert (first.comparison, first.level) == ("impossible", "not_born")
    assert (first.params["born"], first.params["seen"]) == ("2011", "2009")
    assert bits(scored, "name") > 0
    assert line(scored, "age") is None
    assert scored.band == ""


def test_an_abandoned_baby_fits_by_place_days_and_blood() -> None:
    """A welfare home's record against parents who lost a newborn in the same county."""
    lost = case(
        sex="female", birth=day(2003, 4, 20), missing=day(2003, 4, 25),
        missing_from=spot("430500", "湖南邵阳"), parents_blood_types=("O", "AB"), names=("毛毛",),
        marks=(Mark("birthmark", "buttock", "right", "青胎记"),),
    )  # fmt: skip
    held = sighting(
        kind="institution", sex="female", seen=day(2003, 4, 27), place=spot("430500"),
        birth=months(2003, 4, 4), separated=day(2003, 4, 27), separated_from=spot("430500"),
        blood_type="A", marks=(Mark("birthmark", "buttock", "right", ""),),
    )  # fmt: skip
    scored = judge(lost, held, CONTEXT)
    excluded = judge(lost, replace(held, blood_type="O"), CONTEXT)

    assert scored.band == "strong"
    assert sorted([bits(scored, "place"), bits(scored, "separated_from")])[0] == 0
    assert bits(scored, "blood_type") > 0
    assert line(excluded, "blood_type").level == "excluded"  # type: ignore[union-attr]
    assert bits(excluded, "blood_type") < -5
    assert line(scored, "birth").params["born"] == "2003-04"  # type: ignore[union-attr]


def test_two_places_at_once_weigh_heavily_against_and_stay_in_sight() -> None:
    lost = case(
        sex="male", birth=year(2020), missing=hour(datetime(2026, 11, 23, 9, tzinfo=CHINA)),
        missing_from=Spot(22.54, 114.06, 300, None, "深圳"), names=("小宇",),
    )  # fmt: skip
    seen = sighting(
        kind="street", sex="male", seen=hour(datetime(2026, 11, 23, 11, tzinfo=CHINA)),
        place=Spot(34.75, 113.65, 300, None, "郑州"), apparent_age_min=5, apparent_age_max=7,
    )  # fmt: skip
    scored = judge(lost, seen, CONTEXT)

    assert line(scored, "place").level == "unreachable"  # type: ignore[union-attr]
    assert scored.evidence[0].comparison == "place"
    assert scored.band == ""


def test_a_grown_child_who_learned_another_speech_is_not_ruled_out() -> None:
    lost = case(
        sex="male", names=("黄志强", "强仔"), birth=year(1995), missing=day(2000, 10, 1),
        missing_from=HUMEN, languages=("粤语",), faces=(face(taken=year(2000)),),
    )  # fmt: skip
    grown = sighting(
        kind="seeker", sex="male", seen=day(2018, 1, 1), languages=("河南话",),
        names_heard=("Ah Keung", "强仔"), birth=year(1996), separated=year(2000),
        faces=(face(0.33, taken=year(2003)),),
    )  # fmt: skip
    scored = judge(lost, grown, CONTEXT)

    assert -1 < bits(scored, "language") < 0
    assert band(scored) >= BAND.index("possible")
