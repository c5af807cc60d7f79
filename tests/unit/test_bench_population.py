"""The benchmark set: the same from the same seed, honest about its halves, true to the product."""

import re
from collections import Counter
from dataclasses import fields
from random import Random

import pytest

from bench.population import Population, Split, Told, phrases, token_rarity
from bench.population.names import heard
from bench.population.phrases import MarkWords, Topic
from casemgr.platform import names, text
from casemgr.platform.names import NameAgreement
from casemgr.platform.vocabularies import BodyPart, MarkKind, Side
from searches.matching.types import CaseProfile, Mark, PersonProfile, SightingProfile

SIZE = 600
TUNING = Population(3, Split.TUNING, SIZE)
REPORTING = Population(3, Split.REPORTING, SIZE)


@pytest.fixture(scope="module")
def cases() -> list[CaseProfile]:
    return list(REPORTING.cases())


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return [REPORTING.sighting(number, known=True) for number in range(400)]


def test_the_same_seed_gives_the_same_set_and_another_seed_another() -> None:
    again = Population(3, Split.REPORTING, SIZE)
    other = Population(4, Split.REPORTING, SIZE)

    assert again.case(17) == REPORTING.case(17)
    assert list(again.sightings(20, on_file=0.5)) == list(REPORTING.sightings(20, on_file=0.5))
    assert other.case(17) != REPORTING.case(17)


def test_a_larger_set_begins_with_the_smaller_one() -> None:
    larger = Population(3, Split.REPORTING, 50_000)

    assert [larger.case(number) for number in range(40)] == [
        REPORTING.case(number) for number in range(40)
    ]


def test_the_two_halves_share_no_child() -> None:
    tuning = {(case.names, case.birth, case.story) for case in TUNING.cases() if case.story}
    reporting = {(case.names, case.birth, case.story) for case in REPORTING.cases() if case.story}

    assert len(tuning) > SIZE / 2
    assert tuning.isdisjoint(reporting)


def test_wordings_and_topics_are_held_out_from_tuning() -> None:
    def wordings(split: Split) -> set[str]:
        topics: list[Topic | MarkWords] = [*phrases.memories(split), *phrases.traits(split)]
        topics += [mark for kinds in phrases.marks(split).values() for mark in kinds]
        return {
            way
            for told in topics
            for side in (told.family, told.other)
            for way in (*side.zh, *side.en)
        }

    tuning, reporting = wordings(Split.TUNING), wordings(Split.REPORTING)
    held_out = reporting - tuning
    said = {
        clause
        for case in map(TUNING.case, range(SIZE))
        for clause in re.split("，|。|, |[.] ", f"{case.description}。{case.story}")
    }

    assert tuning < reporting
    assert len(held_out) > len(reporting) / 3
    assert said & tuning
    assert said.isdisjoint(held_out)


def test_about_the_asked_share_of_sightings_is_of_a_case_on_file(cases: list[CaseProfile]) -> None:
    on_file = {case.id for case in cases}
    told = list(REPORTING.sightings(100, on_file=0.23))

    assert sum(one.truth is not None for one in told) == 23
    assert {one.truth for one in told} - {None} <= on_file
    assert len({one.profile.id for one in told} | on_file) == 100 + SIZE


def test_search_tokens_are_those_that_the_product_would_keep(cases: list[CaseProfile]) -> None:
    for case in cases[:150]:
        place = case.missing_from.text if case.missing_from else ""
        texts = [*case.names, case.clothing, case.description, case.story, place]
        assert case.tokens == product_tokens(case, texts, case.names)


def test_a_sightings_tokens_are_those_that_the_product_would_keep(told: list[Told]) -> None:
    for sighting in (one.profile for one in told[:150]):
        spots = [spot.text for spot in (sighting.place, sighting.separated_from) if spot]
        heard_name = sighting.names_heard[0] if sighting.names_heard else ""
        texts = [heard_name, sighting.clothing, sighting.description, sighting.memories, *spots]
        assert sighting.tokens == product_tokens(sighting, texts, sighting.names_heard)


def product_tokens(
    person: PersonProfile, texts: list[str], called: tuple[str, ...]
) -> frozenset[str]:
    """What cases.services and searches.services keep, of a profile."""
    texts = [*texts, *person.languages, *(mark.text for mark in person.marks)]
    found = set(text.tokens("\n".join(part for part in texts if part)))
    for name in called:
        found |= names.name_keys(name)
    for mark in person.marks:
        keys = ["m", mark.kind, mark.body_part, mark.side if mark.body_part else ""]
        ends = [end for end in (2, 3, 4) if all(keys[:end])]
        found |= {":".join(keys[:end]) for end in ends}
    return frozenset(found)


def test_every_field_is_told_by_some_and_left_out_by_others(
    cases: list[CaseProfile], told: list[Told]
) -> None:
    never = {"faces", "pictures", "id", "tokens", "kind", "names"}
    always = {"missing", "seen", "place", "apparent_age_min", "apparent_age_max"}
    sightings = [one.profile for one in told]

    for people, of in ((cases, CaseProfile), (sightings, SightingProfile)):
        for field in fields(of):
            if field.name in never:
                continue
            values = [getattr(person, field.name) for person in people]
            blank = sum(value in ("", None, (), "unknown") for value in values)
            assert blank < len(values), field.name
            if field.name not in always:
                assert blank > 0, field.name


def test_strangers_err_as_people_do(told: list[Told]) -> None:
    """Sex, age, side of a mark, name and place: mostly right, at times wrong."""
    by_id = {REPORTING.case_id(number): REPORTING.child(number) for number in range(SIZE)}
    sexes, ages, sides, counties = Counter[bool](), [], Counter[bool](), Counter[bool]()
    for one in told:
        assert one.truth is not None
        child, sighting = by_id[one.truth], one.profile
        if sighting.sex != "unknown":
            sexes[sighting.sex == child.sex] += 1
        low, high = sighting.apparent_age_min, sighting.apparent_age_max
        assert sighting.seen is not None
        assert low is not None
        assert high is not None
        ages.append((low + high) / 2 - child.age_on(sighting.seen.latest.date()))
        for mark in sighting.marks:
            own = [m for m in child.marks if (m.kind.kind, m.part) == (mark.kind, mark.body_part)]
            if own and mark.side:
                sides[any(m.side == mark.side for m in own)] += 1
        assert sighting.place is not None
        counties[child.lost_at.name_zh in sighting.place.text] += 1

    assert 0.95 < share(sexes) < 1
    assert -1.5 < sum(ages) / len(ages) < 0.5
    assert sum(abs(age) > 3 for age in ages) > 0.02 * len(ages)
    assert 0.8 < share(sides) < 1
    assert 0.05 < share(counties) < 0.6


def share(counted: Counter[bool]) -> float:
    return counted[True] / sum(counted.values())


def test_a_name_heard_in_dialect_still_sounds_alike() -> None:
    rng = Random(5)
    found: list[NameAgreement] = [
        names.compare("建林", heard(rng, "建林", "zh", slip=1.0)) for _ in range(200)
    ]
    levels = Counter(agreement.level for agreement in found)

    assert levels["exact"] == 0
    assert levels["same_sound"] + levels["alike_sound"] > 150


def test_twins_share_their_home_and_not_their_names() -> None:
    many = Population(1, Split.TUNING, 4_000)
    pairs = [(many.child(number - 1), many.child(number)) for number in range(1, many.size, 2)]
    twins = [
        (one, other) for one, other in pairs if one.birth == other.birth and one.home is other.home
    ]

    assert 2 <= len(twins) <= 25
    assert all(one.name.family == other.name.family for one, other in twins)
    assert all(one.lost == other.lost for one, other in twins)
    assert any(one.name.given != other.name.given for one, other in twins)


def test_names_are_as_common_as_in_life(cases: list[CaseProfile]) -> None:
    families = Counter(case.family_name for case in cases if not case.family_name.isascii())

    assert 0.04 < families["王"] / sum(families.values()) < 0.11
    assert len(families) > 60


def test_rarity_is_a_share_of_the_cases() -> None:
    cases = [
        CaseProfile(id=REPORTING.case_id(0), tokens=frozenset({"河", "桥"})),
        CaseProfile(id=REPORTING.case_id(1), tokens=frozenset({"河"})),
    ]

    assert token_rarity(cases) == {"河": 1.0, "桥": 0.5}


def test_marks_use_the_products_codes(cases: list[CaseProfile], told: list[Told]) -> None:
    marks: list[Mark] = [mark for case in cases for mark in case.marks]
    marks += [mark for one in told for mark in one.profile.marks]

    assert {mark.kind for mark in marks} <= set(MarkKind.values)
    assert {mark.body_part for mark in marks} - {""} <= set(BodyPart.values)
    assert {mark.side for mark in marks} - {""} <= set(Side.values)
