"""What is weighed roughly brings up what is heaviest when weighed exactly."""

from dataclasses import dataclass
from functools import cache
from math import log2

import numpy as np
import pytest

from bench.population import NOW, Population, Split, token_rarity
from searches.matching.batch import pack
from searches.matching.batch import shortlist as rough
from searches.matching.batch.building import columns_of
from searches.matching.batch.columns import Columns
from searches.matching.batch.index import Index
from searches.matching.batch.score import weights
from searches.matching.score import WEAK, prior_bits
from searches.matching.types import Context, SightingProfile
from tests.unit.test_matching_batch import crowds

CASES, SIGHTINGS, LISTED = 800, 60, 40


@dataclass(frozen=True)
class Stage:
    """Invented cases, what is told of some of them, and which of them weigh most."""

    columns: Columns
    sightings: list[SightingProfile]
    context: Context
    least: float
    heaviest: list[set[int]]


@cache
def stage() -> Stage:
    population = Population(11, Split.TUNING, CASES)
    cases = list(population.cases())
    columns = columns_of(map(pack.pack, cases))
    context = Context(live_cases=10_000, now=NOW, token_rarity=token_rarity(cases))
    least = log2(WEAK / (1 - WEAK)) - prior_bits(context)
    told = [one.profile for one in population.sightings(SIGHTINGS, on_file=1.0)]
    heaviest = []
    for sighting in told:
        worth = weights(columns, sighting, context)
        ten = np.argsort(-worth)[:10].tolist()
        heaviest.append({row for row in ten if worth[row] >= least})
    return Stage(columns, told, context, least, heaviest)


def brought_up() -> float:
    """The share of the heaviest cases that a short list holds."""
    given = stage()
    index = Index.of(given.columns)
    held = 0
    for sighting, wanted in zip(given.sightings, given.heaviest, strict=True):
        rows, _ = rough.shortlist(
            index, sighting, given.context, least=given.least - 4, count=LISTED
        )
        assert len(rows) <= LISTED
        held += len(wanted & set(rows.tolist()))
    return held / sum(map(len, given.heaviest))


def test_the_heaviest_cases_are_on_the_short_list() -> None:
    assert sum(map(len, stage().heaviest)) > 100
    assert brought_up() >= 0.99


@pytest.mark.parametrize("part", ["_words", "_add_names", "_add_marks"])
def test_leaving_out_words_names_or_marks_is_noticed(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = getattr(rough, part)

    def none(*given: object) -> object:
        if part == "_words":
            return right(*given) * np.float32(0)
        return None

    monkeypatch.setattr(rough, part, none)
    assert brought_up() < 0.99


def test_odd_people_are_weighed_without_fail() -> None:
    for both in crowds():
        index = Index.of(columns_of(map(pack.pack, both.filed), likenesses=False))
        everybody = len(both.filed)
        rows, worth = rough.shortlist(
            index, both.sighting, both.context, least=-1e9, count=everybody
        )
        assert sorted(rows.tolist()) == list(range(everybody))
        assert np.isfinite(worth).all()


def test_nobody_on_file_makes_an_empty_list() -> None:
    index = Index.of(columns_of([]))
    rows, _ = rough.shortlist(index, stage().sightings[0], stage().context, least=0.0, count=LISTED)
    assert not len(rows)
