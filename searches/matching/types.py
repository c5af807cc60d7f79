"""What the matching core takes in (profiles) and gives out (evidence). No Django here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time, both ends aware and inclusive; a vague date is a wide one."""

    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as matching sees it: WGS 84 degrees and how far off they may be, in metres."""

    latitude: float | None
    longitude: float | None
    precision_m: int | None
    division_code: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A distinguishing mark; codes are those of the vocabularies, '' where not given."""

    kind: str
    body_part: str
    side: str
    text: str


@dataclass(frozen=True, slots=True)
class FacePrint:
    """One face's embedding. Only prints of the same `engine` may be compared."""

    engine: str
    vector: NDArray[np.float32]
    taken: Interval | None
    quality: str


@dataclass(frozen=True, slots=True)
class PicturePrint:
    """A 64-bit perceptual hash of a whole photo, and whether the public could ever have had it."""

    phash: int
    was_public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonProfile:
    """What cases and sightings both say of a person. '' and None mean unknown, never 'no'."""

    id: UUID
    sex: str = "unknown"
    height_cm: int | None = None
    blood_type: str = ""
    ethnicity: str = ""
    languages: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    clothing: str = ""
    description: str = ""
    faces: tuple[FacePrint, ...] = ()
    pictures: tuple[PicturePrint, ...] = ()
    tokens: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProfile(PersonProfile):
    """One missing child. `names` are full name, given name and nicknames as written."""

    names: tuple[str, ...] = ()
    family_name: str = ""
    birth: Interval | None = None
    missing: Interval | None = None
    missing_from: Spot | None = None
    height_as_of: Interval | None = None
    parents_blood_types: tuple[str, ...] = ()
    story: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingProfile(PersonProfile):
    """One sighting. Ages are in years at the time seen."""

    kind: str = "street"
    seen: Interval | None = None
    place: Spot | None = None
    apparent_age_min: float | None = None
    apparent_age_max: float | None = None
    names_heard: tuple[str, ...] = ()
    memories: str = ""
    birth: Interval | None = None
    separated: Interval | None = None
    separated_from: Spot | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One comparison's say: bits for (positive) or against (negative), and why.

    `reason` is an English message (a catalogue key) with named placeholders filled from `params`;
    a param that is a vocabulary code is written {"list": ..., "code": ...} and labelled when shown.
    """

    comparison: str
    level: str
    weight_bits: float
    case_value: str
    sighting_value: str
    reason: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The judged pair. probability = 1 / (1 + 2 ** -(weight_bits + prior_bits))."""

    case_id: UUID
    sighting_id: UUID
    weight_bits: float
    prior_bits: float
    probability: float
    band: str
    evidence: tuple[Evidence, ...]
