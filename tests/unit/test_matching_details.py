"""The rules inside single comparisons: growth, blood, names, marks and words."""

from dataclasses import replace

import pytest

from searches.matching.compare import blood
from searches.matching.compare.growth import height_at
from searches.matching.compare.language import speech_of
from searches.matching.compare.name import weigh
from searches.matching.marks_in_text import marks_in
from searches.matching.phrases import code, distance, fill, lapse, quantity
from searches.matching.score import judge
from searches.matching.spans import written
from searches.matching.types import Interval, Mark, Param
from tests.unit.matching_people import (
    CONTEXT,
    HUMEN,
    KUNMING,
    bits,
    day,
    line,
    months,
    pair,
    spot,
    year,
)


@pytest.mark.parametrize(
    ("sex", "age", "median", "spread"),
    [
        ("male", 2, 87.8, 3.1), ("male", 5, 110.0, 4.6), ("male", 8, 127.3, 5.6),
        ("male", 12, 149.1, 7.0), ("male", 15, 169.0, 7.9), ("male", 18, 176.1, 7.4),
        ("female", 2, 86.4, 3.2), ("female", 5, 109.4, 4.8), ("female", 8, 126.6, 5.8),
        ("female", 12, 151.2, 6.8), ("female", 15, 161.7, 6.8), ("female", 18, 163.1, 6.5),
    ],
)  # fmt: skip
def test_growth_follows_the_published_heights(
    sex: str, age: float, median: float, spread: float
) -> None:
    assert height_at(age, sex) == pytest.approx((median, spread), abs=0.11)
    assert height_at(age, "unknown")[1] > spread - 1


def test_a_tall_child_is_expected_to_stay_tall() -> None:
    def expected(earlier: int | None) -> str:
        case = {
            "sex": "female", "birth": months(2000, 6, 6), "height_cm": earlier,
            "height_as_of": day(2006, 6, 15),
        }  # fmt: skip
        seen = {"seen": day(2012, 6, 15), "height_cm": 155, "kind": "institution"}
        found = line(judge(*pair(case=case, sighting=seen), CONTEXT), "height")
        return found.case_value if found else ""

    assert expected(125) > expected(115) > expected(105)
    assert expected(None) == "151 ± 8"


@pytest.mark.parametrize(
    ("parents", "child", "possible"),
    [
        (("O", "O"), "A", False),
        (("O", "AB"), "O", False),
        (("O", "AB"), "AB", False),
        (("O", "AB"), "A", True),
        (("A", "B"), "O", True),
        (("AB",), "O", False),
        (("A",), "AB", True),
    ],
)
def test_parents_blood_types_can_rule_a_child_out(
    parents: tuple[str, ...], child: str, possible: bool
) -> None:
    assert (blood.share_of(child, parents) > 0) is possible
    both = pair(case={"parents_blood_types": parents}, sighting={"blood_type": child})
    found = line(judge(*both, CONTEXT), "blood_type")

    assert found is not None
    assert found.level == ("inherited" if possible else "excluded")
    if not possible:
        assert found.weight_bits < -3


def test_the_shares_of_blood_types_add_up_with_any_parents() -> None:
    for parents in [(), ("A",), ("AB", "O"), ("B", "B")]:
        shares = [blood.share_of(group, parents) for group in ("A", "B", "AB", "O")]
        assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("A", ("A", None)), ("o型", ("O", None)), ("AB+", ("AB", True)), ("B Rh-", ("B", False)),
        ("A型Rh阴性", ("A", False)), ("0", ("O", None)), ("", None), ("不清楚", None), ("C", None),
    ],
)  # fmt: skip
def test_blood_types_are_read_as_people_write_them(
    text: str, read: tuple[str, bool | None] | None
) -> None:
    assert blood.parse(text) == read


def test_rarer_agreement_between_names_weighs_more() -> None:
    ladder = [
        weigh("欧阳春生", "欧阳春生"),
        weigh("王伟", "王伟"),
        weigh("王伟", "Wang Wei"),
        weigh("小宝", "小宝"),
        weigh("王伟", "王强"),
    ]
    assert [weight for _, weight in ladder] == sorted(
        (weight for _, weight in ladder), reverse=True
    )


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("李南", "李兰", "alike_sound"),
        ("张志", "张字", "alike_sound"),
        ("林斌", "林冰", "alike_sound"),
        ("王小明", "小明 王", "swapped"),
        ("王小明", "Xiaoming Wang", "swapped"),
        ("王小明", "阿明", "nickname"),
        ("欧阳春生", "春生", "given_only"),
        ("王芳", "王强", "family_only"),
        ("欧阳芳", "欧阳强", "family_rare"),
        ("王芳", "李强", "different"),
        ("王芳", "😀", ""),
    ],
)
def test_names_meet_by_sound_order_and_pet_form(one: str, other: str, level: str) -> None:
    found, weight = weigh(one, other)
    assert found == level or (level == "swapped" and found == "exact_rare")
    if level not in ("different", "family_only", ""):
        assert weight > 0


def test_a_nickname_that_looks_like_a_full_name_is_weighed_as_a_nickname() -> None:
    def weight(family_name: str) -> float:
        case = {"names": ("石头",), "family_name": family_name}
        return bits(judge(*pair(case=case, sighting={"names_heard": ("石头",)}), CONTEXT), "name")

    assert weight("罗") < weight("石")


def test_a_name_inside_a_memory_is_found_and_a_pet_name_there_counts_less() -> None:
    def weight(name: str, words: str) -> float:
        both = pair(case={"names": (name,), "family_name": "欧阳"}, sighting={"memories": words})
        return bits(judge(*both, CONTEXT), "name")

    assert weight("欧阳春生", "记得有人喊我欧阳春生") > weight("石头", "小时候叫石头") > 0
    assert weight("春生", "村里有条河") == 0


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("左肩胛下有半月形胎记", ("birthmark", "shoulder", "left")),
        ("A small scar over his right eyebrow, thin", ("scar", "eyebrow", "right")),
        ("右手背烫伤疤", ("burn", "hand", "right")),
        ("肚子上有手术疤", ("surgical", "abdomen", "")),
        ("has a mole on her chin", ("mole", "chin", "")),
        ("左手六指", ("extra_or_missing_digit", "hand", "left")),
        ("walks with a limp", ("disability", "", "")),
    ],
)
def test_marks_are_read_out_of_descriptions(text: str, mark: tuple[str, str, str]) -> None:
    found = marks_in(text)
    assert len(found) == 1
    kind, part, side = mark
    assert (found[0].kind, found[0].side) == (kind, side)
    assert found[0].body_part in (part, "finger" if part == "hand" else part)


@pytest.mark.parametrize("text", ["没有疤", "no scar on the face", "红色外套", "", "remarkable"])
def test_marks_that_are_denied_or_absent_are_not_read(text: str) -> None:
    assert marks_in(text) == ()


def test_a_mark_told_in_words_meets_one_that_is_listed() -> None:
    listed = {"marks": (Mark("scar", "eyebrow", "right", ""),)}
    told = {"description": "a boy with a scar over his right eyebrow"}
    assert bits(judge(*pair(case=listed, sighting=told), CONTEXT), "marks") > 4


def test_a_missing_mark_says_little_in_a_poor_description_and_more_in_a_good_one() -> None:
    case = {"marks": (Mark("birthmark", "cheek", "left", ""),)}
    poor = judge(*pair(case=case, sighting={"description": "a thin boy"}), CONTEXT)
    good = judge(
        *pair(case=case, sighting={"description": "a thin boy", "kind": "institution"}), CONTEXT
    )
    hidden = {"marks": (Mark("birthmark", "back", "left", ""),)}

    assert -0.5 < bits(poor, "marks") < 0
    assert bits(good, "marks") < -1
    assert judge(*pair(case=hidden, sighting={"description": "thin"}), CONTEXT).evidence == ()


def test_words_leave_out_what_other_comparisons_weigh() -> None:
    case = {
        "names": ("春生",), "story": "春生穿红色外套在虎门走失，左脸有疤", "missing_from": HUMEN,
        "clothing": "红色外套",
    }  # fmt: skip
    sighting = {"memories": "春生，红色外套，虎门，左脸有疤"}
    assert line(judge(*pair(case=case, sighting=sighting), CONTEXT), "words") is None


def test_rare_words_weigh_more_and_common_ones_nothing() -> None:
    case, sighting = pair(case={"story": "村口有水车"}, sighting={"memories": "记得水车"})

    def weight(share: float) -> float:
        rarity = dict.fromkeys(["水车", "t:waterwheel", "t:water_wheel"], share)
        return bits(judge(case, sighting, replace(CONTEXT, token_rarity=rarity)), "words")

    assert weight(0.001) > weight(0.02) > weight(0.5) == 0


def test_index_keys_among_the_tokens_are_not_words() -> None:
    both = {"tokens": frozenset({"n:abc", "m:scar:face", "f:wang", "1998"})}
    assert judge(*pair(case=both, sighting=both), CONTEXT).evidence == ()


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("粤语", "yue"), ("Cantonese", "yue"), ("yue-HK", "yue"), ("闽南话", "nan"),
        ("四川话", "southwest"), ("zh-CN", ""), ("普通话", ""), ("", ""), ("Klingon", "klingon"),
    ],
)  # fmt: skip
def test_speech_is_known_by_many_names(told: str, key: str) -> None:
    assert speech_of(told) == key


def test_speech_of_the_region_speaks_for_a_child_who_could_already_talk() -> None:
    def found(birth: Interval) -> float:
        case = {"missing_from": KUNMING, "birth": birth, "missing": day(2000, 1, 1)}
        heard = {"languages": ("彝语",)}
        return bits(judge(*pair(case=case, sighting=heard), CONTEXT), "language")

    assert found(year(1994)) > 2
    assert found(months(1999, 6, 6)) == 0


def test_a_place_known_only_in_words_is_still_found_on_the_map() -> None:
    case = {"missing": day(2020, 1, 1), "missing_from": spot("", "广东省东莞市虎门镇")}
    seen = {"seen": day(2020, 1, 2), "place": HUMEN}
    nowhere = {"seen": day(2020, 1, 2), "place": spot("", "一条小巷")}

    assert bits(judge(*pair(case=case, sighting=seen), CONTEXT), "place") > 2.5
    assert judge(*pair(case=case, sighting=nowhere), CONTEXT).evidence == ()


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (year(2001), "2001"),
        (months(2001, 5, 5), "2001-05"),
        (months(2001, 3, 5), "2001-03/2001-05"),
        (day(2001, 5, 3), "2001-05-03"),
        (Interval(day(2001, 5, 3).earliest, day(2001, 5, 9).latest), "2001-05-03/2001-05-09"),
    ],
)
def test_spans_are_written_as_short_as_they_are_known(span: Interval, text: str) -> None:
    assert written(span) == text


def test_params_become_words_in_the_readers_language() -> None:
    params: dict[str, Param] = {
        "mark": (code("mark_kind", "scar"), (code("side", "left"), code("body_part", "hand"))),
        "span": lapse(9 * 365.25),
        "km": distance(1_480),
        "old": quantity("year_old", 1),
    }
    chinese = {
        "%(mark)s|%(span)s|%(km)s|%(old)s": "%(old)s，%(mark)s，%(km)s，%(span)s",
        "%(count)s years": "%(count)s年",
        "%(count)s km": "%(count)s公里",
        "%(count)s year old": "%(count)s岁",
    }
    labels = {"scar": "疤", "left": "左", "hand": "手"}
    english = fill(
        "%(mark)s|%(span)s|%(km)s|%(old)s", params, translate=str, label=lambda _, value: value
    )
    translated = fill(
        "%(mark)s|%(span)s|%(km)s|%(old)s",
        params,
        translate=chinese.__getitem__,
        label=lambda _, value: labels[value],
        joiner="、",
        tight_joiner="",
    )

    assert english == "scar, left hand|9 years|1,500 km|1 year old"
    assert translated == "1岁，疤、左手，1,500公里，9年"
