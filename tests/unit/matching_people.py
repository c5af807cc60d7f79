"""Invented people for the matching tests: one full case, one full sighting of the same child."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from searches.matching.faces import DLIB_REAL
from searches.matching.types import (
    CaseProfile,
    Context,
    Evidence,
    FacePrint,
    Interval,
    Mark,
    PicturePrint,
    Scored,
    SightingProfile,
    Spot,
)

CHINA = timezone(timedelta(hours=8))
CONTEXT = Context(
    live_cases=2_000, now=datetime(2026, 11, 24, 12, tzinfo=CHINA), face_model=DLIB_REAL
)
ENGINE = "dlib-resnet-v1"


def day(year: int, month: int, date: int) -> Interval:
    start = datetime(year, month, date, tzinfo=CHINA)
    return Interval(start, start + timedelta(days=1, seconds=-1))


def months(year: int, first: int, last: int) -> Interval:
    after = datetime(year + last // 12, last % 12 + 1, 1, tzinfo=CHINA)
    return Interval(datetime(year, first, 1, tzinfo=CHINA), after - timedelta(seconds=1))


def year(number: int) -> Interval:
    return months(number, 1, 12)


def hour(moment: datetime) -> Interval:
    return Interval(moment, moment + timedelta(minutes=59))


def spot(code: str, text: str = "") -> Spot:
    return Spot(None, None, None, code, text)


def face(
    distance: float = 0.0, *, taken: Interval | None = None, quality: str = "good", **more: Any
) -> FacePrint:
    """A face `distance` away from the one at distance 0."""
    vector: NDArray[np.float32] = np.zeros(128, dtype=np.float32)
    vector[0] = distance
    return FacePrint(ENGINE, vector, taken, quality, **more)


def picture(seed: int, *, public: bool = False, flipped: int = 0) -> PicturePrint:
    """A made-up hash for each seed; `flipped` of its bits differ."""
    return PicturePrint(Random(seed).getrandbits(256) ^ ((1 << flipped) - 1), public)


HUMEN = spot("441900", "广东东莞虎门")
ZHENGZHOU = spot("410100", "河南郑州")
KUNMING = spot("530112", "云南昆明西山区")

CASE = CaseProfile(
    id=UUID(int=1),
    sex="male",
    height_cm=105,
    height_as_of=months(2005, 5, 5),
    blood_type="B",
    ethnicity="彝族",
    languages=("粤语",),
    marks=(Mark("birthmark", "shoulder", "left", "半月形胎记"),),
    clothing="红色外套，蓝色裤子",
    description="圆脸，说话有点口吃",
    faces=(face(taken=months(2005, 2, 2)),),
    pictures=(picture(1),),
    names=("欧阳春生", "春生", "阿生"),
    family_name="欧阳",
    birth=months(2001, 3, 5),
    missing=day(2005, 6, 3),
    missing_from=HUMEN,
    story="家门口有一条河，河上有一座石桥，爷爷是木匠。",
)
SIGHTING = SightingProfile(
    id=UUID(int=2),
    kind="seeker",
    sex="male",
    height_cm=155,
    blood_type="B型",
    ethnicity="彝族",
    languages=("Cantonese",),
    marks=(Mark("birthmark", "shoulder", "left", "half-moon birthmark"),),
    clothing="red jacket",
    description="stutters a little",
    faces=(face(0.40, taken=day(2014, 10, 14)),),
    pictures=(picture(1, flipped=1),),
    seen=day(2014, 10, 14),
    place=ZHENGZHOU,
    apparent_age_min=12,
    apparent_age_max=14,
    names_heard=("Ouyang Chunsheng",),
    memories="There was a river with a stone bridge. Grandfather was a carpenter.",
    separated=months(2005, 6, 8),
    separated_from=HUMEN,
)
BLANK_CASE = CaseProfile(id=CASE.id)
BLANK_SIGHTING = SightingProfile(id=SIGHTING.id, kind="street")

Pair = tuple[CaseProfile, SightingProfile]


def pair(*, case: dict[str, Any], sighting: dict[str, Any]) -> Pair:
    """A pair that says nothing but what is given."""
    return replace(BLANK_CASE, **case), replace(BLANK_SIGHTING, **sighting)


def line(scored: Scored, comparison: str) -> Evidence | None:
    return next((found for found in scored.evidence if found.comparison == comparison), None)


def bits(scored: Scored, comparison: str) -> float:
    found = line(scored, comparison)
    return found.weight_bits if found else 0.0
