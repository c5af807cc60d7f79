"""The alarm on reviewers who always agree: how soon it sounds, and how seldom without a cause."""

from itertools import combinations
from uuid import UUID

import numpy as np

from searches import pairs
from searches.pairs import Counted, Pair

PEOPLE = [UUID(int=number) for number in range(6)]
ALL = list(combinations(PEOPLE, 2))
COLLUDING = ALL[0]


def nights(
    seed: int, *, base: float, colluding: bool, decisions: int, step: int = 10
) -> tuple[int | None, list[Pair]]:
    """Look after every `step` decisions of each pair; returns when first somebody is named."""
    rng = np.random.default_rng(seed)
    rates = np.full(len(ALL), base)
    rates[0] = 1.0 if colluding else base
    agreed = np.zeros(len(ALL), dtype=int)
    for decided in range(step, decisions + 1, step):
        agreed += rng.binomial(step, rates)
        counts = {pair: Counted(decided, int(each)) for pair, each in zip(ALL, agreed, strict=True)}
        named = [each.pair for each in pairs.stand(counts) if each.alarming]
        if named:
            return decided, named
    return None, []


def test_a_pair_that_always_agrees_is_named_within_200_decisions() -> None:
    for base in (0.7, 0.8, 0.9):
        for seed in range(20):
            when, named = nights(seed, base=base, colluding=True, decisions=200)
            assert named == [COLLUDING], (base, seed)
            assert when is not None


def test_honest_reviewers_are_named_in_at_most_one_of_a_hundred_years() -> None:
    """A hundred houses for each rate, looked at after every ten decisions, five hundred a pair."""
    for base in (0.6, 0.85, 0.95):
        named = [nights(seed, base=base, colluding=False, decisions=500)[1] for seed in range(100)]
        assert sum(bool(each) for each in named) <= 1, base


def test_where_the_others_have_decided_little_nobody_is_named() -> None:
    counts = {COLLUDING: Counted(300, 300), ALL[1]: Counted(pairs.BASE_LEAST - 1, 50)}
    [first, _second] = pairs.stand(counts)
    assert (first.pair, first.base, first.alarming) == (COLLUDING, None, False)


def test_where_all_always_agree_nobody_stands_out() -> None:
    found = pairs.stand({pair: Counted(400, 400) for pair in ALL})
    assert not any(each.alarming for each in found)
    assert pairs.stand({}) == []


def test_a_single_no_does_not_hide_an_understanding() -> None:
    counts = {pair: Counted(300, 240) for pair in ALL} | {COLLUDING: Counted(200, 199)}
    assert [each.pair for each in pairs.stand(counts) if each.alarming] == [COLLUDING]


def test_the_first_two_of_each_match_are_counted() -> None:
    one, other, third = PEOPLE[:3]
    said = {
        UUID(int=100): ((one, "accept"), (other, "accept")),
        UUID(int=101): ((other, "accept"), (one, "reject"), (third, "accept")),
        UUID(int=102): ((one, "reject"),),
    }
    assert pairs.count(said) == {(one, other): Counted(2, 1)}
