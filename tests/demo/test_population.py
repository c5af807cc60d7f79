"""Who is invented: the same people for the same seed, and witnesses who never copy a family."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from casemgr.demo.pictures import take
from casemgr.demo.population import DRAWN, PLAIN, STRANGERS, Population, invent
from casemgr.demo.sightings import InventedSighting, Sort, invent_sightings
from casemgr.platform import dates
from casemgr.platform.places import find

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def people() -> Population:
    return invent(1, today=TODAY)


@pytest.fixture(scope="module")
def sightings(people: Population) -> tuple[InventedSighting, ...]:
    return invent_sightings(people)


def test_one_seed_always_gives_the_same_people_and_sightings(people: Population) -> None:
    again = invent(1, today=TODAY)
    assert again == people
    assert invent_sightings(again) == invent_sightings(people)


def test_another_seed_gives_other_people(people: Population) -> None:
    other = invent(7, today=TODAY)
    same = sum(mine == theirs for mine, theirs in zip(people.cases, other.cases, strict=True))
    assert same == 0


def test_there_are_forty_children_with_photos_and_two_thousand_without(people: Population) -> None:
    assert [bool(case.photos) for case in people.cases] == [True] * DRAWN + [False] * PLAIN
    assert all(1 <= len(case.photos) <= 2 for case in people.cases[:DRAWN])


def test_nobody_drawn_is_two_people(people: Population) -> None:
    faces = [case.person.portrait for case in people.cases if case.photos]
    assert len({*faces, *people.stranger_portraits}) == DRAWN + STRANGERS


def test_most_families_write_chinese_and_some_english(people: Population) -> None:
    chinese = sum(case.language == "zh" for case in people.cases) / len(people.cases)
    assert 0.8 < chinese < 0.92


def test_every_date_and_place_that_a_family_writes_can_be_read(people: Population) -> None:
    for case in people.cases:
        for text in (case.birth, case.missing_at):
            assert dates.parse(text, today=TODAY, zone="Asia/Shanghai"), text
        assert find(case.place) is not None, case.place


def test_a_child_went_missing_after_being_born_and_before_today(people: Population) -> None:
    for case in people.cases:
        assert case.person.birth < case.person.lost < TODAY


def test_there_are_sixty_sightings_of_the_sorts_that_are_promised(
    sightings: tuple[InventedSighting, ...],
) -> None:
    assert Counter(sighting.sort for sighting in sightings) == {
        Sort.PHOTO_AND_WORDS: 8, Sort.PHOTO_ONLY: 8, Sort.WORDS_ONLY: 8,
        Sort.STRANGER: 18, Sort.NEAR_MISS: 12, Sort.NOBODY: 6,
    }  # fmt: skip
    for sighting in sightings:
        assert (sighting.truth is not None) == (sighting.number in _true(sightings))
    assert len({sighting.key for sighting in sightings}) == 60


def test_sightings_come_in_no_order_of_truth(sightings: tuple[InventedSighting, ...]) -> None:
    true = [sighting.truth is not None for sighting in sightings]
    assert sum(one != following for one, following in pairwise(true)) > 12


def test_what_is_sent_never_says_which_case_it_is_of(
    sightings: tuple[InventedSighting, ...],
) -> None:
    allowed = {
        "kind", "seen_at", "place", "description", "situation", "marks", "sex", "name_heard",
        "apparent_age_min", "apparent_age_max", "companions", "clothing", "languages",
        "height_cm", "admitted_at", "memories", "birth_date", "separated_at", "separated_from",
    }  # fmt: skip
    for sighting in sightings:
        assert set(sighting.values) <= allowed


def test_no_witness_repeats_a_familys_sentence(
    people: Population, sightings: tuple[InventedSighting, ...]
) -> None:
    for sighting in sightings:
        if sighting.truth is None:
            continue
        case = people.cases[sighting.truth - 1]
        written = [case.story, case.description, *(words for *_, words, _ in case.marks)]
        sentences = {part for text in written for part in re.split(r"[。，.,]\s*", text)}
        long_ones = {part for part in sentences if len(part) > 6}
        assert not long_ones & set(re.split(r"[。，.,]\s*", _words(sighting.values)))


def test_the_same_photo_is_the_same_file_and_another_is_another(people: Population) -> None:
    first, second = people.cases[0].photos[0], people.cases[1].photos[0]
    assert take(first) == take(first)
    assert take(first) != take(second)


def _true(sightings: tuple[InventedSighting, ...]) -> set[int]:
    sorts = (Sort.PHOTO_AND_WORDS, Sort.PHOTO_ONLY, Sort.WORDS_ONLY)
    return {sighting.number for sighting in sightings if sighting.sort in sorts}


def _words(values: dict[str, Any]) -> str:
    marks = "。".join(mark["text"] for mark in values.get("marks", []))
    return "。".join([values.get("description", ""), values.get("memories", ""), marks])
