"""How much faster whole columns are scored than pairs are judged one by one.

Invents cases and sightings, packs the cases once as a database would keep them, and then times in
one run: `judge` on pairs, and `weights` on columns, for candidate sets and for everything on file.
Also compares both on a sample. Exits with 1 when a weight differs by more than TOLERANCE, or when
`weights` is not at least FASTER times as fast as `judge`.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from uuid import UUID

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from casemgr.platform.places import divisions  # noqa: E402
from casemgr.platform.text import tokens  # noqa: E402
from searches.matching.batch.building import columns_of  # noqa: E402
from searches.matching.batch.columns import Columns  # noqa: E402
from searches.matching.batch.pack import pack  # noqa: E402
from searches.matching.batch.score import weights  # noqa: E402
from searches.matching.faces import DLIB_REAL  # noqa: E402
from searches.matching.score import judge  # noqa: E402
from searches.matching.types import (  # noqa: E402
    CaseProfile,
    Context,
    FacePrint,
    Interval,
    Mark,
    PicturePrint,
    SightingProfile,
    Spot,
)

TOLERANCE = 1e-6
FASTER = 20.0
CHINA = timezone(timedelta(hours=8))
TODAY = datetime(2026, 11, 24, tzinfo=CHINA)
ENGINE = DLIB_REAL.engine
FAMILIES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余"
GIVEN = "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰春生小红建国志文海龙晓东雪梅子轩浩宇欣怡"
MARKS = (
    Mark("birthmark", "shoulder", "left", "左肩有块半月形胎记"),
    Mark("scar", "forehead", "", "额头有一道疤"),
    Mark("scar", "eyebrow", "right", "a scar through the right eyebrow"),
    Mark("mole", "cheek", "left", "左脸颊有颗黑痣"),
    Mark("burn", "hand", "right", "右手背烫伤"),
    Mark("extra_or_missing_digit", "finger", "left", "左手六指"),
    Mark("dental", "mouth", "", "门牙缺了一颗"),
    Mark("other", "hair_whorl", "", "双旋"),
)
MEMORIES = (
    "家门口有一条河", "there was a stone bridge", "爷爷是木匠", "村口有棵大核桃树", "屋后是竹林",
    "grandfather kept bees", "妈妈在砖厂上班", "爸爸开拖拉机", "门前晒着玉米", "we had a white dog",
    "镇上有座塔", "学校旁边是铁路", "a pond with ducks behind the house", "奶奶会唱山歌",
    "山上种茶叶", "家里养蚕", "walnut trees along the road", "附近有个煤矿", "井边有棵槐树",
)  # fmt: skip
CLOTHES = ("红色外套", "蓝色裤子", "yellow T-shirt", "白色运动鞋", "green jacket", "格子衬衫")
SPEECHES = ("四川话", "粤语", "河南话", "Hokkien", "普通话", "湖南话")
# Any two of these make a word that few others have used.
HAN = [chr(code) for code in range(0x5000, 0x5000 + 600)]


@dataclass(frozen=True, slots=True)
class Person:
    """What one invented child is; families and strangers tell parts of it."""

    sex: str
    family: str
    given: str
    birth: datetime
    missing: datetime
    county: str
    marks: tuple[Mark, ...]
    memories: tuple[str, ...]
    clothes: tuple[str, ...]
    speech: str
    ethnicity: str
    blood_type: str
    face: int
    rare_words: tuple[str, ...]


def invent(rng: Random, counties: list[str]) -> Person:
    missing = TODAY - timedelta(days=rng.choice((rng.randint(1, 700), rng.randint(700, 12_000))))
    return Person(
        sex=rng.choice(("male", "female")),
        family=rng.choice(FAMILIES),
        given="".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2)))),
        birth=missing - timedelta(days=rng.randint(200, 5_500)),
        missing=missing,
        county=rng.choice(counties),
        marks=tuple(rng.sample(MARKS, k=rng.choice((0, 0, 1, 1, 2)))),
        memories=tuple(rng.sample(MEMORIES, k=rng.choice((1, 2, 4)))),
        clothes=tuple(rng.sample(CLOTHES, k=2)),
        speech=rng.choice(SPEECHES),
        ethnicity=rng.choice(("汉族", "汉族", "彝族", "苗族", "")),
        blood_type=rng.choice(("A", "B", "O", "AB")),
        face=rng.getrandbits(32),
        rare_words=tuple("".join(rng.choices(HAN, k=4)) for _ in range(4)),
    )


def day(moment: datetime) -> Interval:
    return Interval(moment, moment + timedelta(days=1, microseconds=-1))


def vague(moment: datetime, days: int) -> Interval:
    return Interval(moment - timedelta(days=days), moment + timedelta(days=days))


def print_of(rng: Random, seed: int, noise: float, taken: datetime) -> FacePrint:
    """A face whose prints lie about `noise` apart; two seeds about 0.85."""
    own = np.random.default_rng(seed).normal(0, 0.85 / 16, 128)
    shaken = np.random.default_rng(rng.getrandbits(32)).normal(0, noise / 16, 128)
    vector = (own + shaken).astype(np.float32)
    return FacePrint(ENGINE, vector, day(taken), rng.choice(("good", "usable", "poor")))


def filed(rng: Random, number: int, person: Person, *, faces: float) -> CaseProfile:
    """What the family wrote down; a face for a share `faces` of them."""
    names = (person.family + person.given, person.given)
    pet = ("小" + person.given[-1],) if rng.random() < 0.5 else ()
    story = "。".join((*person.memories, *person.rare_words[:3], "有线索请联系"))
    clothing = "，".join(person.clothes) if rng.random() < 0.7 else ""
    birth = day(person.birth) if rng.random() < 0.7 else vague(person.birth, 180)
    pictured = rng.random() < faces
    marks = "，".join(mark.text for mark in person.marks)
    return CaseProfile(
        id=UUID(int=number),
        sex=person.sex,
        height_cm=rng.randint(70, 160) if rng.random() < 0.4 else None,
        blood_type=person.blood_type if rng.random() < 0.25 else "",
        ethnicity=person.ethnicity if rng.random() < 0.5 else "",
        languages=(person.speech,) if rng.random() < 0.5 else (),
        marks=person.marks,
        clothing=clothing,
        description="圆脸，大眼睛" if rng.random() < 0.5 else "",
        faces=(print_of(rng, person.face, 0.2, person.missing),) if pictured else (),
        pictures=(PicturePrint(rng.getrandbits(256), rng.random() < 0.7),) if pictured else (),
        tokens=tokens("\n".join((story, clothing, marks, *names))),
        names=names + pet,
        family_name=person.family,
        birth=birth if rng.random() < 0.95 else None,
        missing=day(person.missing),
        missing_from=Spot(None, None, None, person.county, ""),
        story=story,
    )


def seen(rng: Random, number: int, person: Person, *, faces: float) -> SightingProfile:
    """What a passer-by, an institution or the grown child tells."""
    kind = rng.choice(("street", "street", "institution", "seeker"))
    moment = person.missing + (TODAY - person.missing) * rng.random()
    age = (moment - person.birth).days / 365 * rng.uniform(0.85, 1.15)
    memories = "。".join((*person.memories[:2], *person.rare_words[2:]))
    told = memories if kind == "seeker" else ""
    marks = "，".join(mark.text for mark in person.marks)
    description = f"{marks}。穿{person.clothes[0]}" if rng.random() < 0.7 else marks
    heard = rng.choice((person.given, person.family + person.given, "小" + person.given[-1]))
    return SightingProfile(
        id=UUID(int=number),
        kind=kind,
        sex=person.sex if rng.random() < 0.95 else "unknown",
        height_cm=rng.randint(70, 180) if rng.random() < 0.5 else None,
        blood_type=person.blood_type if kind == "institution" else "",
        ethnicity=person.ethnicity if kind == "institution" else "",
        languages=(person.speech,) if rng.random() < 0.4 else (),
        marks=person.marks[:1],
        clothing=person.clothes[0],
        description=description,
        faces=(print_of(rng, person.face, 0.2, moment),) if rng.random() < faces else (),
        pictures=(PicturePrint(rng.getrandbits(256), False),) if rng.random() < faces else (),
        tokens=tokens("\n".join((description, told, heard))),
        seen=day(moment) if rng.random() < 0.7 else vague(moment, 45),
        place=Spot(None, None, None, person.county[:4] + "00", ""),
        apparent_age_min=max(0.0, age - 1) if kind != "seeker" else None,
        apparent_age_max=age + 1 if kind != "seeker" else None,
        names_heard=(heard,) if rng.random() < 0.6 else (),
        memories=told,
        birth=vague(person.birth, 200) if kind == "seeker" else None,
        separated=vague(person.missing, 120) if kind in ("seeker", "institution") else None,
        separated_from=Spot(None, None, None, person.county[:2] + "0000", "")
        if kind == "seeker"
        else None,
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """Everybody invented, and the cases as a database would keep them."""

    cases: list[CaseProfile]
    packed: list[bytes]
    sightings: list[SightingProfile]
    context: Context
    seconds_a_pack: float


def set_up(seed: int, *, cases: int, sightings: int, faces: float) -> Stage:
    rng = Random(f"homeward scoring {seed}")
    counties = [code for code, unit in divisions().items() if unit.level == "county"]
    people = [invent(rng, counties) for _ in range(cases)]
    profiles = [filed(rng, number, person, faces=faces) for number, person in enumerate(people)]
    told = [
        seen(rng, number, rng.choice(people) if number % 2 else invent(rng, counties), faces=faces)
        for number in range(sightings)
    ]
    counts = Counter(token for profile in profiles for token in profile.tokens)
    context = Context(
        live_cases=cases,
        now=TODAY,
        token_rarity={token: count / cases for token, count in counts.items()},
        face_model=DLIB_REAL,
    )
    start = time.perf_counter()
    packed = [pack(profile) for profile in profiles]
    return Stage(profiles, packed, told, context, (time.perf_counter() - start) / cases)


def timed(work: Callable[[], object], *, times: int) -> float:
    """Seconds of processor time, the fastest of some runs."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def judged(stage: Stage, cases: Sequence[CaseProfile]) -> float:
    """Seconds a pair, all texts being known already: the kindest to `judge`."""

    def work() -> None:
        for sighting in stage.sightings:
            for case in cases:
                judge(case, sighting, stage.context)

    work()
    return timed(work, times=2) / (len(stage.sightings) * len(cases))


def weighed(stage: Stage, columns: Columns, *, times: int) -> float:
    """Seconds a sighting."""

    def work() -> None:
        for sighting in stage.sightings:
            weights(columns, sighting, stage.context)

    return timed(work, times=times) / len(stage.sightings)


def furthest_off(stage: Stage, columns: Columns, rows: Sequence[int]) -> float:
    """The largest difference between a weight in columns and one that is judged."""
    worst = 0.0
    for sighting in stage.sightings:
        found = weights(columns, sighting, stage.context)
        for row in rows:
            exact = judge(stage.cases[row], sighting, stage.context).weight_bits
            worst = max(worst, abs(float(found[row]) - exact))
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few seconds, for a first look")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--faces", type=float, default=0.3, help="share of cases with a photo")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    cases, sightings = (4_000, 8) if given.small else (given.cases, 24)
    stage = set_up(given.seed, cases=cases, sightings=sightings, faces=given.faces)
    everybody = columns_of(stage.packed)
    rng = Random(given.seed)
    rows = rng.sample(range(cases), 100)
    pair = judged(stage, [stage.cases[row] for row in rows])
    off = furthest_off(stage, everybody, rows)
    print(f"{sightings} sightings, {cases:,} cases, {given.faces:.0%} of them with a face\n")
    print(f"{'':44}{'a sighting':>12}{'pairs a second':>16}{'times judge':>13}")
    print(f"{'judge, pair by pair':44}{'':12}{1 / pair:16,.0f}{1:13.0f}")
    slowest = float("inf")
    for size in (500, 1_000, 2_000):
        chosen = [stage.packed[row] for row in rng.sample(range(cases), size)]
        joined = timed(lambda chosen=chosen: columns_of(chosen), times=5)  # type: ignore[misc]
        took = weighed(stage, columns_of(chosen), times=3)
        shown = f"{joined * 1000:.1f}+{took * 1000:.1f} ms"
        label = f"{size:,} candidates: put side by side, then weighed"
        times = pair * size / (joined + took)
        print(f"{label:44}{shown:>12}{size / (joined + took):16,.0f}{times:13.0f}")
    took = weighed(stage, everybody, times=1 if cases > 200_000 else 3)
    slowest = pair * cases / took
    label = f"all {cases:,} cases in memory"
    print(f"{label:44}{took * 1000:>9.1f} ms{cases / took:16,.0f}{slowest:13.0f}")
    held = everybody.nbytes()
    faces = held.pop("faces")
    print(f"\npacking a case takes {stage.seconds_a_pack * 1e6:.0f} us and ", end="")
    print(f"{sum(map(len, stage.packed)) / cases:.0f} bytes; in columns it holds ", end="")
    print(f"{sum(held.values()) / cases:.0f} bytes, and {faces / cases:.0f} for faces:")
    print("  " + ", ".join(f"{name} {size / cases:.0f}" for name, size in held.items()))
    print(f"furthest weight from judge: {off:.1e} bits (at most {TOLERANCE:.0e})")
    print(f"all cases against judge: {slowest:.0f} times as fast (at least {FASTER:.0f})")
    return 0 if off <= TOLERANCE and slowest >= FASTER else 1


if __name__ == "__main__":
    sys.exit(main())
