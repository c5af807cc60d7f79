"""Whole columns weigh what `judge` weighs pair by pair, however odd the people; each comparison is
held to its own line, so that one that strays cannot hide behind the sum."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searches.matching import score
from searches.matching.batch import building, lookup, pack
from searches.matching.batch import score as batch
from searches.matching.batch.building import columns_of
from searches.matching.batch.columns import Columns
from searches.matching.batch.score import weights
from searches.matching.score import judge
from searches.matching.types import CaseProfile, Context, Mark, SightingProfile
from searches.matching.weighing import WRITTEN, Weighing
from tests.unit.matching_people import (
    BLANK_CASE,
    BLANK_SIGHTING,
    CASE,
    CHINA,
    CONTEXT,
    HUMEN,
    KUNMING,
    SIGHTING,
    ZHENGZHOU,
    day,
    face,
    hour,
    months,
    picture,
    year,
)
from tests.unit.test_matching_properties import cases, sightings

TOLERANCE = 1e-6
CALIBRATED = Weighing("1", {"name": 0.8, "place": 1.2}, {"marks": 0.7, "picture": 0.9})

FAMILIES = ("王", "汪", "黄", "陈", "程", "张", "章", "欧阳", "Wang", "Zhang", "")
GIVEN = (
    "伟", "春生", "小明", "明明", "小石头", "长江", "阿长", "Xiaoming", "chunsheng", "Ming", "伟王",
    "Wei Wang", "Wang Wei", " 王伟", "歐陽春生", "",
)  # fmt: skip
CLAUSES = (
    "左肩有块半月形胎记", "额头有一道疤", "右脸有颗黑痣", "a scar on the left cheek", "右手背烫伤",
    "穿红色外套", "blue jacket and white shoes", "黄色裤子", "王春生", "家门口有一条河",
    "grandfather was a carpenter", "村口有棵核桃树", "walnut trees", "a stone bridge", "养蜂",
    "没有疤",
)  # fmt: skip
LOST = datetime(2005, 6, 3, 9, tzinfo=CHINA)
WHEN = (
    day(2005, 6, 3), day(2005, 6, 4), day(2005, 6, 20), months(2005, 5, 8), year(2005),
    year(2001), months(2001, 3, 3), day(2001, 3, 9), day(2014, 10, 14), year(1999), hour(LOST),
    hour(LOST + timedelta(hours=1)),
)  # fmt: skip
MARKS = tuple(
    Mark(kind, part, side, text)
    for kind, part, text in (
        ("scar", "forehead", "额头有一道疤"), ("burn", "cheek", ""), ("scar", "cheek", "long scar"),
        ("birthmark", "shoulder", "半月形胎记"), ("mole", "shoulder", ""), ("mole", "", "黑痣"),
        ("other", "", "双旋"), ("other", "head", "two whorls"), ("dental", "mouth", "门牙缺"),
    )
    for side in ("", "left", "right")
)  # fmt: skip
RARITY = {
    "t:river": 0.3, "t:bridge": 0.26, "t:scar": 0.3, "t:walnut": 0.001, "木匠": 0.0004,
    "t:red": 0.08, "石桥": 0.2,
}  # fmt: skip


def some(rng: Random, choices: Sequence[Any], most: int) -> tuple[Any, ...]:
    return tuple(rng.choices(choices, k=rng.randint(0, most)))


def person(rng: Random) -> dict[str, Any]:
    return {
        "sex": rng.choice(("female", "male", "unknown")),
        "height_cm": rng.choice((None, 90, 104, 150, 170)),
        "blood_type": rng.choice(("A", "B", "O", "AB", "B RH-", "A+", "")),
        "ethnicity": rng.choice(("汉族", "彝族", "Yi", "苗", "")),
        "languages": some(rng, ("粤语", "Cantonese", "四川话", "普通话", "温州话"), 2),
        "marks": some(rng, MARKS, 3),
        "clothing": "，".join(some(rng, ("红色外套", "blue trousers", "white shoes"), 2)),
        "description": "，".join(some(rng, CLAUSES, 4)),
        "faces": tuple(
            face(
                rng.uniform(0, 1),
                taken=rng.choice((None, *WHEN)),
                quality=rng.choice(("good", "usable", "poor", "")),
                picture=rng.choice((None, picture(rng.randint(0, 2)))),
            )
            for _ in range(rng.randint(0, 2))
        ),
        "pictures": tuple(
            picture(
                rng.randint(0, 2), public=rng.random() < 0.5, flipped=rng.choice((0, 9, 20, 36))
            )
            for _ in range(rng.randint(0, 2))
        ),
    }


def invented_case(rng: Random) -> CaseProfile:
    family = rng.choice(FAMILIES)
    names = (family + rng.choice(GIVEN), *some(rng, GIVEN, 2))
    return replace(
        BLANK_CASE,
        **person(rng),
        names=tuple(name for name in names if name),
        family_name=family if rng.random() < 0.8 else "",
        birth=rng.choice((None, *WHEN)),
        missing=rng.choice((None, *WHEN)),
        missing_from=rng.choice((None, HUMEN, ZHENGZHOU, KUNMING)),
        height_as_of=rng.choice((None, *WHEN)),
        parents_blood_types=some(rng, ("A", "B", "O", "AB"), 2),
        story="，".join(some(rng, CLAUSES, 4)),
    )


def invented_sighting(rng: Random) -> SightingProfile:
    return replace(
        BLANK_SIGHTING,
        **person(rng),
        kind=rng.choice(("street", "online", "institution", "seeker")),
        seen=rng.choice((None, *WHEN)),
        place=rng.choice((None, HUMEN, ZHENGZHOU, KUNMING)),
        apparent_age_min=rng.choice((None, 4, 8.5, 30)),
        apparent_age_max=rng.choice((None, 5, 12)),
        names_heard=tuple(
            name
            for name in (rng.choice(FAMILIES) + rng.choice(GIVEN), *some(rng, GIVEN, 1))
            if name and rng.random() < 0.8
        ),
        memories="，".join(some(rng, CLAUSES, 4)),
        birth=rng.choice((*[None] * len(WHEN), *WHEN)),
        separated=rng.choice((None, *WHEN)),
        separated_from=rng.choice((None, HUMEN, ZHENGZHOU)),
    )


@dataclass(frozen=True)
class Crowd:
    """Cases, and what each comparison and `judge` say of each against one sighting."""

    filed: tuple[CaseProfile, ...]
    sighting: SightingProfile
    context: Context
    lines: dict[str, list[float]]
    levels: set[tuple[str, str]]
    totals: list[float]


def crowd(
    filed: Sequence[CaseProfile], sighting: SightingProfile, context: Context = CONTEXT
) -> Crowd:
    lines = {name: [0.0] * len(filed) for name in batch.COMPARISONS}
    levels = set()
    for number, case in enumerate(filed):
        for compare in score.COMPARISONS:
            if (line := compare(case, sighting, context)) is not None:
                lines[line.comparison][number] = line.weight_bits
                levels.add((line.comparison, line.level))
    totals = [judge(case, sighting, context).weight_bits for case in filed]
    return Crowd(tuple(filed), sighting, context, lines, levels, totals)


@cache
def crowds() -> list[Crowd]:
    """People who have much in common, so that every comparison has its say."""
    found = []
    for seed in range(6):
        rng = Random(seed)
        filed = [CASE, *(invented_case(rng) for _ in range(49))]
        weighing = CALIBRATED if seed % 2 else WRITTEN
        context = replace(CONTEXT, token_rarity=RARITY, weighing=weighing)
        found += [crowd(filed, invented_sighting(rng), context) for _ in range(4)]
    # One word that says too little by itself, and one that a long account is sure to hold.
    terse = replace(BLANK_CASE, story="家门口有一条河")
    wordy = replace(terse, story="河，桥，山，核桃树，木匠，狗，鸭子，井，学校，铁路，砖厂，养蜂")
    for memories in ("a river", "a river, walnut trees"):
        told = replace(BLANK_SIGHTING, memories=memories)
        found.append(crowd([terse, wordy], told, context))
    # A name that is both heard and written down.
    told = replace(SIGHTING, names_heard=CASE.names[:1], description="他叫欧阳春生")
    return [*found, crowd([CASE], SIGHTING), crowd([CASE], told)]


def columns_for(crowd: Crowd) -> Columns:
    return columns_of(map(pack.pack, crowd.filed))


def strays(crowd: Crowd, columns: Columns) -> set[str]:
    """What columns do not weigh as pairs are weighed."""
    found = set()
    for name, weigh in batch.COMPARISONS.items():
        bits = weigh(columns, crowd.sighting, crowd.context)
        if bits is None:
            bits = np.zeros(columns.size)
        if not np.allclose(bits, crowd.lines[name], rtol=0, atol=TOLERANCE):
            found.add(name)
    totals = weights(columns, crowd.sighting, crowd.context)
    if not np.allclose(totals, crowd.totals, rtol=0, atol=TOLERANCE):
        found.add("total")
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(cases, min_size=1, max_size=3), sightings)
def test_any_cases_weigh_the_same_in_columns(
    filed: list[CaseProfile], sighting: SightingProfile
) -> None:
    both = crowd(filed, sighting)
    assert strays(both, columns_for(both)) == set()


def test_people_with_much_in_common_weigh_the_same_in_columns() -> None:
    for both in crowds():
        assert strays(both, columns_for(both)) == set()


def test_every_comparison_has_its_say_among_them() -> None:
    spoken = {name for both in crowds() for name, bits in both.lines.items() if any(bits)}
    assert spoken == set(batch.COMPARISONS)
    levels = set[tuple[str, str]]().union(*(both.levels for both in crowds()))
    assert {
        ("name", "swapped"),
        ("name", "nickname"),
        ("name", "in_text"),
        ("name", "family_only"),
        ("marks", "other_side"),
        ("marks", "several"),
        ("picture", "reposted"),
        ("face", "reposted"),
        ("place", "unreachable"),
        ("clothing", "other_colour"),
        ("blood_type", "excluded"),
    } <= levels


@pytest.mark.parametrize("name", batch.COMPARISONS)
def test_a_comparison_that_strays_by_a_thousandth_is_noticed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = max(crowds(), key=lambda crowd: np.count_nonzero(crowd.lines[name]))
    right = batch.COMPARISONS[name]

    def wrong(columns: Columns, sighting: SightingProfile, context: Context) -> Any:
        bits = right(columns, sighting, context)
        return None if bits is None else bits * 1.001

    monkeypatch.setattr(batch, "COMPARISONS", {**batch.COMPARISONS, name: wrong})
    assert strays(both, columns_for(both)) >= {name}


def test_many_cases_are_indexed_and_come_in_blocks_and_weigh_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lookup, "SCANNED", 0)
    monkeypatch.setattr(building, "BLOCK", 7)
    for both in crowds()[::4]:
        assert strays(both, columns_for(both)) == set()


def test_no_cases_and_blank_ones_weigh_nothing() -> None:
    assert len(weights(columns_of([]), SIGHTING, CONTEXT)) == 0
    blank = columns_of([pack.pack(BLANK_CASE)] * 2)
    assert weights(blank, SIGHTING, CONTEXT).tolist() == [0.0, 0.0]
    assert weights(columns_for(crowds()[0]), BLANK_SIGHTING, CONTEXT).tolist() == [0.0] * 50


def test_a_case_prepared_by_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "VERSION", pack.VERSION + 1)
    packed = pack.pack(CASE)
    monkeypatch.undo()
    with pytest.raises(ValueError, match="another version"):
        columns_of([packed])


def test_a_case_taken_apart_in_another_way_is_of_another_version() -> None:
    # Where this fails, cases that were packed before no longer weigh what they would if packed
    # now: raise VERSION, then write the new sum down.
    packed = b"".join(pack.pack(both.filed[1]) for both in crowds()[:24:4]) + pack.pack(CASE)
    assert (pack.VERSION, sha256(packed).hexdigest()[:16]) == (1, "efb4b77074a695eb")
