"""What holds for every pair, however odd: generated cases and sightings."""

import math
import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from searches.matching.compare.clothing import freshness
from searches.matching.compare.name import weigh
from searches.matching.compare.picture import difference
from searches.matching.compare.places import found_bits, remembered_bits
from searches.matching.phrases import fill
from searches.matching.score import WEAK, band_of, judge, probability_of
from searches.matching.spans import agreement
from searches.matching.types import (
    CaseProfile,
    FacePrint,
    Interval,
    Mark,
    PicturePrint,
    Scored,
    SightingProfile,
    Spot,
)
from tests.unit.matching_people import (
    CASE,
    CHINA,
    CONTEXT,
    ENGINE,
    SIGHTING,
    bits,
    day,
    face,
    line,
    months,
    pair,
    picture,
    year,
)

LONG = "记得有一条河和a bridge " * 600
texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "   ", LONG, "👧🏽👨‍👩‍👧", "😀" * 50, "没有疤", "% (name)s %s", "A" * 10_000]
    ),
    st.sampled_from(["左肩胛下有半月形胎记", "red jacket", "红色外套", "river and a stone bridge"]),
)
names = st.one_of(
    st.sampled_from(
        ["王伟", "欧阳春生", "Ouyang Chunsheng", "阿生", "小石头", "", "😀", "Mary", "欧阳", "王"]
    ),
    st.text(max_size=12),
)
moments = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(3000, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=CHINA)
)
sane_moments = st.datetimes(min_value=datetime(1985, 1, 1), max_value=datetime(2026, 11, 24)).map(
    lambda moment: moment.replace(tzinfo=CHINA)
)
spans = st.none() | st.builds(Interval, st.one_of(moments, sane_moments), sane_moments)
numbers = st.none() | st.one_of(st.floats(), st.floats(min_value=0, max_value=30))
spots = st.none() | st.builds(
    Spot,
    st.none() | st.floats() | st.floats(18, 53),
    st.none() | st.floats() | st.floats(73, 135),
    st.none() | st.integers(-5, 10_000_000),
    st.sampled_from([None, "", "441900", "410100", "530112", "999999", "x"]),
    texts,
)
marks = st.lists(
    st.builds(
        Mark,
        st.sampled_from(["scar", "mole", "birthmark", "other", "", "no_such_kind"]),
        st.sampled_from(["", "face", "cheek", "shoulder", "hand", "nowhere"]),
        st.sampled_from(["", "left", "right", "middle", "both"]),
        texts,
    ),
    max_size=4,
).map(tuple)
vectors = st.sampled_from([np.zeros(128), np.ones(128), np.full(128, np.nan), np.ones(3)]).map(
    lambda vector: vector.astype(np.float32)
)
pictures = st.builds(PicturePrint, st.integers(0, 2**256 - 1), st.booleans())
faces = st.lists(
    st.builds(
        FacePrint,
        st.sampled_from([ENGINE, "another"]),
        vectors,
        spans,
        st.sampled_from(["good", "poor", "", "?"]),
        st.none() | pictures,
    ),
    max_size=2,
).map(tuple)
person = {
    "sex": st.sampled_from(["female", "male", "unknown", "", "?"]),
    "height_cm": st.none() | st.integers(-10, 400),
    "blood_type": st.sampled_from(["A", "b+", "AB型", "O Rh-", "", "?", "0"]),
    "ethnicity": st.sampled_from(["汉族", "彝", "Yi", "", "??"]),
    "languages": st.lists(st.sampled_from(["粤语", "zh", "", "nan", "-", "四川话"])).map(tuple),
    "marks": marks,
    "clothing": texts,
    "description": texts,
    "faces": faces,
    "pictures": st.lists(pictures, max_size=2).map(tuple),
    "tokens": st.frozensets(st.sampled_from(["t:river", "n:x", "桥上", "m:scar", "walnut", "7"])),
}
cases = st.builds(
    CaseProfile,
    id=st.just(UUID(int=1)),
    names=st.lists(names, max_size=3).map(tuple),
    family_name=names,
    birth=spans,
    missing=spans,
    missing_from=spots,
    height_as_of=spans,
    parents_blood_types=st.lists(person["blood_type"], max_size=3).map(tuple),
    story=texts,
    **person,
)
sightings = st.builds(
    SightingProfile,
    id=st.just(UUID(int=2)),
    kind=st.sampled_from(["street", "institution", "seeker", "online", "?"]),
    seen=spans,
    place=spots,
    apparent_age_min=numbers,
    apparent_age_max=numbers,
    names_heard=st.lists(names, max_size=2).map(tuple),
    memories=texts,
    birth=spans,
    separated=spans,
    separated_from=spots,
    **person,
)


def told(scored: Scored) -> list[str]:
    """The evidence as sentences, so that no placeholder can be left open."""
    return [
        fill(
            found.reason,
            found.params,
            translate=str,
            label=lambda vocabulary, code: code,
        )
        for found in scored.evidence
    ]


@settings(max_examples=150, deadline=None)
@given(cases, sightings)
def test_any_pair_is_judged_and_explained(case: CaseProfile, sighting: SightingProfile) -> None:
    scored = judge(case, sighting, CONTEXT)

    assert math.isclose(
        scored.weight_bits, sum(found.weight_bits for found in scored.evidence), abs_tol=1e-9
    )
    assert all(math.isfinite(found.weight_bits) for found in scored.evidence)
    assert all(abs(found.weight_bits) <= 16 for found in scored.evidence)
    assert math.isclose(
        scored.probability, probability_of(scored.weight_bits + scored.prior_bits), abs_tol=1e-12
    )
    assert scored.band == band_of(scored.probability)
    names_of_lines = [found.comparison for found in scored.evidence]
    assert len(set(names_of_lines)) == len(names_of_lines)
    assert all(len(found.case_value) <= 200 for found in scored.evidence)
    for sentence in told(scored):
        assert sentence
    assert judge(case, sighting, CONTEXT) == scored


@settings(max_examples=60, deadline=None)
@given(cases, sightings, st.integers(0, 1000), st.integers(0, 30))
def test_a_public_photo_sent_back_raises_nothing(
    case: CaseProfile, sighting: SightingProfile, seed: int, flipped: int
) -> None:
    notice, copy = picture(seed, public=True), picture(seed, flipped=flipped)
    known = replace(
        case, pictures=(*case.pictures, notice), faces=(*case.faces, face(picture=notice))
    )
    sent = replace(sighting, pictures=(copy,), faces=(face(picture=copy),))
    plain = judge(known, replace(sighting, pictures=(), faces=()), CONTEXT)
    answered = judge(known, sent, CONTEXT)

    assert answered.weight_bits <= plain.weight_bits + 1e-9
    assert bits(answered, "picture") == bits(answered, "face") == 0


@given(st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_age_speaks_less_the_further_the_birth_year_is_off(off: int, further: int) -> None:
    near, far = sorted((off, further))
    sighting = {"seen": day(2020, 7, 1), "apparent_age_min": 15, "apparent_age_max": 15}

    def weight(years_off: int) -> float:
        return bits(
            judge(*pair(case={"birth": year(2005 - years_off)}, sighting=sighting), CONTEXT), "age"
        )

    assert weight(far) <= weight(near) + 1e-6


@given(st.integers(130, 190), st.integers(130, 190))
@settings(max_examples=60, deadline=None)
def test_height_speaks_less_the_worse_the_earlier_height_fits(one: int, other: int) -> None:
    sighting = {"seen": day(2015, 6, 15), "height_cm": 160, "kind": "institution"}

    def weight(height: int) -> float:
        case = {
            "birth": months(2001, 6, 6),
            "sex": "male",
            "height_cm": height,
            "height_as_of": day(2014, 6, 15),
        }
        found = line(judge(*pair(case=case, sighting=sighting), CONTEXT), "height")
        assert found is not None
        expectations.append((abs(float(found.case_value.split(" ")[0]) - 160), found.weight_bits))
        return found.weight_bits

    expectations: list[tuple[float, float]] = []
    weight(one), weight(other)
    (gap, first), (other_gap, second) = sorted(expectations)
    if other_gap > gap + 1:  # the shown expectation is rounded to a centimetre
        assert second <= first + 1e-6


@given(
    st.floats(0.01, 5000), st.floats(0.01, 5000), st.floats(0.01, 20_000), st.floats(0.01, 20_000)
)
def test_distance_speaks_less_the_further_and_fades_with_the_years(
    km: float, other_km: float, days: float, other_days: float
) -> None:
    near, far = sorted((km, other_km))
    soon, late = sorted((days, other_days))

    assert found_bits(far, soon) <= found_bits(near, soon) + 1e-9
    assert remembered_bits(far) <= remembered_bits(near) + 1e-9
    assert found_bits(5, late) <= found_bits(5, soon) + 1e-9
    assert found_bits(3000, late) >= found_bits(3000, soon) - 1e-9
    assert abs(found_bits(far, 20 * 365)) < 2


@given(st.floats(0, 1.2), st.floats(0, 1.2))
def test_a_face_speaks_less_the_further_it_is(distance: float, other: float) -> None:
    near, far = sorted((distance, other))

    def weight(apart: float) -> float:
        both = pair(case={"faces": (face(),)}, sighting={"faces": (face(apart),)})
        return bits(judge(*both, CONTEXT), "face")

    assert weight(far) <= weight(near) + 1e-6


@given(st.floats(0, 100), st.floats(0, 100))
def test_clothes_fade_within_two_months_and_memories_do_not(days: float, other: float) -> None:
    sooner, later = sorted((days, other))
    assert 0 <= freshness(later) <= freshness(sooner) <= 1
    assert freshness(2) == 1
    assert freshness(60) == 0


def test_memories_weigh_the_same_after_any_time() -> None:
    told_of = {"story": "村口有一棵大核桃树", "missing": day(1990, 5, 1)}

    def weight(seen: Interval) -> float:
        sighting = {"memories": "记得有棵核桃树", "seen": seen}
        return bits(judge(*pair(case=told_of, sighting=sighting), CONTEXT), "words")

    assert weight(day(1990, 5, 2)) == weight(day(2026, 5, 2)) > 0


@settings(max_examples=100, deadline=None)
@given(names, names)
def test_names_agree_the_same_both_ways_round(one: str, other: str) -> None:
    assert weigh(one, other) == weigh(other, one)


@given(pictures, pictures)
def test_pictures_differ_the_same_both_ways_round(one: PicturePrint, other: PicturePrint) -> None:
    assert difference(one, other) == difference(other, one) >= 0


ranges = st.tuples(st.floats(0, 60), st.floats(0, 10)).map(lambda r: (r[0], r[0] + r[1]))


@given(ranges, ranges, st.floats(0.3, 6))
def test_vague_ages_agree_the_same_both_ways_round(
    one: tuple[float, float], other: tuple[float, float], spread: float
) -> None:
    assert math.isclose(agreement(one, other, spread), agreement(other, one, spread), abs_tol=1e-9)


@given(st.floats(-300, 300), st.floats(-300, 300))
def test_bands_rise_with_the_weight(one: float, other: float) -> None:
    order = ["", "weak", "possible", "strong"]
    low, high = sorted((one, other))
    assert order.index(band_of(probability_of(low))) <= order.index(band_of(probability_of(high)))
    assert band_of(WEAK) == "weak"


def test_more_open_cases_make_the_same_evidence_weigh_less() -> None:
    few = judge(CASE, SIGHTING, CONTEXT)
    many = judge(CASE, SIGHTING, replace(CONTEXT, live_cases=1_000_000))

    assert many.weight_bits == few.weight_bits
    assert many.probability < few.probability


def test_a_full_pair_reads_well_in_english() -> None:
    sentences = told(judge(CASE, replace(SIGHTING, seen=day(2014, 10, 14)), CONTEXT))

    assert "Both mention the same mark: birthmark, left shoulder. Few descriptions do." in sentences
    assert "About 1,300 km apart after 9 years. That says little." in sentences
    assert not [s for s in sentences if re.search(r"%\(|\{|None|t:", s)]


def test_an_undated_sighting_is_judged_by_what_it_has() -> None:
    scored = judge(CASE, replace(SIGHTING, seen=None, separated=None, place=None), CONTEXT)
    assert {"age", "height", "place", "impossible", "clothing"}.isdisjoint(
        found.comparison for found in scored.evidence
    )
    assert scored.band == "strong"


def test_a_vague_hour_never_makes_a_distance_impossible() -> None:
    lost = datetime(2026, 11, 20, 9, tzinfo=CHINA)
    known = {"missing": Interval(lost, lost), "missing_from": Spot(22.5, 114.0, 200, None, "")}
    there = Spot(39.9, 116.4, 200, None, "")  # 1,950 km away

    def weight(seen: Interval) -> float:
        return bits(
            judge(*pair(case=known, sighting={"seen": seen, "place": there}), CONTEXT), "place"
        )

    two_hours = Interval(lost + timedelta(hours=2), lost + timedelta(hours=2))
    same_day = Interval(lost, lost + timedelta(hours=14))
    assert weight(two_hours) == -10
    assert weight(same_day) > -10
