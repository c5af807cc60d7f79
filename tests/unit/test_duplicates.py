"""Cases held against cases: what holds for every pair, and pairs as people would file them."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searches.matching.duplicates import Judged, Likely, hold_together
from searches.matching.types import CaseProfile, Mark
from tests.unit.matching_people import CONTEXT, day, face, months, picture, spot, year
from tests.unit.test_matching_properties import marks, names, spans, spots, texts

FATHERS = CaseProfile(
    id=UUID(int=1),
    names=("罗小满", "小满", "满满"),
    family_name="罗",
    sex="female",
    birth=day(2014, 5, 3),
    missing=day(2019, 2, 4),
    missing_from=spot("530102", "昆明五华区"),
    blood_type="B",
    marks=(Mark("birthmark", "shoulder", "left", ""),),
)
MOTHERS = replace(
    FATHERS,
    id=UUID(int=2),
    names=("罗晓满",),
    birth=months(2014, 5, 5),
    missing=day(2019, 2, 5),
    missing_from=spot("530102", "昆明翠湖边"),
    blood_type="",
)
BROTHERS = replace(
    FATHERS,
    id=UUID(int=3),
    names=("罗大勇", "大勇"),
    sex="male",
    birth=day(2011, 9, 20),
    marks=(),
    blood_type="A",
)
EMPTY = CaseProfile(id=UUID(int=4))

accounts = st.builds(
    CaseProfile,
    id=st.uuids(),
    names=st.lists(names, max_size=4).map(tuple),
    family_name=st.sampled_from(["", "王", "欧阳"]),
    sex=st.sampled_from(["female", "male", "unknown"]),
    birth=spans,
    missing=spans,
    missing_from=spots,
    blood_type=st.sampled_from(["", "A", "AB Rh-", "B型", "?"]),
    marks=marks,
    description=texts,
    faces=st.sampled_from([(), (face(),), (face(0.4), face(0.7))]),
    pictures=st.sampled_from([(), (picture(1, public=True),), (picture(1, flipped=20),)]),
)


def held(one: CaseProfile, other: CaseProfile) -> Judged:
    return hold_together(one, other, CONTEXT)


def bits_of(judged: Judged, comparison: str) -> float:
    return next(
        (line.weight_bits for line in judged.evidence if line.comparison == comparison), 0.0
    )


@given(accounts, accounts)
@settings(max_examples=150, deadline=None)
def test_which_case_is_named_first_makes_no_difference(
    one: CaseProfile, other: CaseProfile
) -> None:
    forth, back = held(one, other), held(other, one)

    assert back.weight_bits == pytest.approx(forth.weight_bits, abs=1e-6)
    assert (back.kind, back.band) == (forth.kind, forth.band)
    assert [(line.comparison, line.level) for line in back.evidence] == [
        (line.comparison, line.level) for line in forth.evidence
    ]


@given(accounts)
@settings(max_examples=80, deadline=None)
def test_an_account_that_says_nothing_weighs_nothing(one: CaseProfile) -> None:
    for judged in (held(one, EMPTY), held(EMPTY, one)):
        assert judged.weight_bits == 0
        assert judged.evidence == ()
        assert judged.band not in ("strong", "possible")


@given(accounts, accounts)
@settings(max_examples=80, deadline=None)
def test_the_chances_are_chances(one: CaseProfile, other: CaseProfile) -> None:
    judged = held(one, other)

    assert 0 <= judged.chance_of_one <= judged.probability <= 1


def test_two_parents_file_one_child() -> None:
    judged = held(FATHERS, MOTHERS)

    assert (judged.kind, judged.band) == (Likely.DUPLICATE, "strong")
    assert bits_of(judged, "name") > 4
    assert bits_of(judged, "separated") == 8


def test_pinyin_makes_no_one_name_of_two_that_sound_the_same() -> None:
    one = replace(FATHERS, names=("罗小满", "luo xiao man"))
    other = replace(MOTHERS, names=("罗晓满", "luo xiao man"))

    line = next(line for line in held(one, other).evidence if line.comparison == "name")
    assert (line.level, line.case_value) == ("same_sound", "罗小满")
    assert line.weight_bits == bits_of(held(FATHERS, MOTHERS), "name")


def test_brother_and_sister_lost_together_are_told_from_one_child() -> None:
    judged = held(FATHERS, BROTHERS)

    assert (judged.kind, judged.band) == (Likely.SIBLING, "strong")
    assert judged.chance_of_one < 0.01
    assert bits_of(judged, "two_children") < -1


def test_two_families_children_lost_at_one_time_and_place_are_of_one_incident() -> None:
    judged = held(FATHERS, replace(BROTHERS, names=("施大勇",), family_name="施"))

    assert judged.kind == Likely.SAME_INCIDENT
    assert judged.band in ("strong", "possible")


def test_brother_and_sister_lost_years_apart_are_not_proposed() -> None:
    judged = held(FATHERS, replace(BROTHERS, missing=day(2013, 7, 1)))

    assert judged.band not in ("strong", "possible")


def test_a_common_name_in_one_town_in_one_year_is_not_proposed() -> None:
    one = replace(FATHERS, names=("王伟",), family_name="王", missing=year(2019), marks=())
    other = replace(
        one, id=UUID(int=9), birth=day(2009, 1, 8), blood_type="A", sex="male", missing=year(2018)
    )

    assert held(one, other).band not in ("strong", "possible")


def test_a_photo_that_was_public_speaks_here() -> None:
    """Whoever files a child with the photo of a notice means that child."""
    one = replace(FATHERS, pictures=(picture(7, public=True),))
    other = replace(EMPTY, names=("罗小满",), family_name="罗", pictures=(picture(7, flipped=9),))

    judged = held(one, other)

    assert bits_of(judged, "picture") == 12
    assert judged.kind == Likely.DUPLICATE
    assert judged.band == "strong"


def test_a_larger_register_asks_for_more() -> None:
    large = replace(CONTEXT, live_cases=200_000)

    assert hold_together(FATHERS, MOTHERS, large).prior_bits < held(FATHERS, MOTHERS).prior_bits
