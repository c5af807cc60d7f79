"""Case references: read out, mistyped, written in every way."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgr.platform.references import ALPHABET, ReferenceProblem, check, generate, normalise

references = st.integers(0, 10**9).map(lambda seed: generate(random.Random(seed)))


def test_a_reference_has_the_shape_that_is_printed_on_posters() -> None:
    reference = generate()
    assert reference.startswith("HW-")
    assert [len(part) for part in reference.split("-")] == [2, 3, 3, 1]
    assert check(reference) is None


def test_look_alikes_are_not_in_the_alphabet() -> None:
    assert not set("0O1ILUV") & set(ALPHABET)
    assert len(set(ALPHABET)) == 29


@given(references, st.integers(0, 6), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
@settings(max_examples=500, deadline=None)
def test_every_wrong_character_is_told(reference: str, place: int, character: str) -> None:
    plain = reference.replace("-", "")[2:]
    wrong = plain[:place] + character + plain[place + 1 :]
    expected = None if wrong == plain else ReferenceProblem.MISTYPED
    assert check(wrong) is expected


@given(references, st.integers(0, 6), st.integers(0, 6))
@settings(max_examples=500, deadline=None)
def test_every_exchange_of_two_characters_is_told(reference: str, first: int, second: int) -> None:
    plain = list(reference.replace("-", "")[2:])
    same = plain[first] == plain[second]
    plain[first], plain[second] = plain[second], plain[first]
    assert check("HW" + "".join(plain)) is (None if same else ReferenceProblem.MISTYPED)


def test_every_single_mistake_in_one_reference_is_told() -> None:
    plain = generate(random.Random(7)).replace("-", "")[2:]
    for place in range(7):
        for character in set(ALPHABET) - {plain[place]}:
            assert check(plain[:place] + character + plain[place + 1 :]), (place, character)


@given(references)
@settings(deadline=None)
def test_however_it_is_typed_it_is_the_same_reference(reference: str) -> None:
    plain = reference.replace("-", "")
    wide = "".join(chr(ord(c) + 0xFEE0) for c in reference)
    ways = [
        reference.lower(), plain, plain[2:], f" {reference} ", reference.replace("-", " "), wide,
        reference.replace("-", "—"), f"{reference}。",
    ]  # fmt: skip
    assert {normalise(way) for way in ways} == {reference}
    assert {check(way) for way in ways} == {None}


@pytest.mark.parametrize(
    "text",
    [
        "", "HW", "hello", "HW-4K7", "HW-4K7-Q9M-22", "XX-4K7-Q9M-2", "欧阳春生", "\x00",
        "\ud800", "-" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_reference_is_malformed_and_no_error(text: str) -> None:
    assert check(text) is ReferenceProblem.MALFORMED
    assert isinstance(normalise(text), str)


def test_a_seeded_source_makes_the_same_references_again() -> None:
    first, second = random.Random(1), random.Random(1)
    assert [generate(first) for _ in range(50)] == [generate(second) for _ in range(50)]


def test_thousands_do_not_collide() -> None:
    source = random.Random(3)
    assert len({generate(source) for _ in range(5_000)}) == 5_000
