"""What the matching core takes in (profiles) and gives out (evidence). No Django here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from searches.matching.weighing import WRITTEN, Weighing

Param: TypeAlias = str | int | float | Mapping[str, str | int] | tuple["Param", ...]
"""One value for a placeholder of a reason; see `searches.matching.phrases`."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time, both ends aware and inclusive; a vague date is a wide one.

    Both ends are in the zone of the place meant, because evidence shows them as civil dates.
    `start` and `end` are the same moments in seconds since 1970 (UTC), which is what is reckoned
    with: two date-times of one zone subtract by the clock on the wall, summer time left out.
    """

    earliest: datetime
    latest: datetime
    start: float = field(init=False, repr=False, compare=False)
    end: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", self.earliest.timestamp())
        object.__setattr__(self, "end", self.latest.timestamp())


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
class PicturePrint:
    """A 256-bit perceptual hash of a whole photo, and whether the public could ever have had it."""

    phash: int
    was_public: bool


@dataclass(frozen=True, slots=True)
class FacePrint:
    """One face's embedding. Only prints of the same `engine` may be compared.

    `picture` is the photo that the face was found in, where the photo still has a hash. It lets a
    sighting that brings a re-posted notice *and* a new photo keep the new photo's face.
    """

    engine: str
    vector: NDArray[np.float32]
    taken: Interval | None
    quality: str
    picture: PicturePrint | None = None


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
    how a param may look, and how it is shown, is told in `searches.matching.phrases`.
    """

    comparison: str
    level: str
    weight_bits: float
    case_value: str
    sighting_value: str
    reason: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The judged pair. probability = 1 / (1 + 2 ** -(weight_bits + prior_bits)).

    `engine_version` names what judged it: the comparisons' version, and the calibration's.
    """

    case_id: UUID
    sighting_id: UUID
    weight_bits: float
    prior_bits: float
    probability: float
    band: str
    engine_version: str
    evidence: tuple[Evidence, ...]


class FaceModel(Protocol):
    """What a distance between two faces of one engine is worth; see `searches.matching.faces`.

    `distances` and `column_bits` say of many prints what `distance` and `bits` say of one.
    """

    @property
    def engine(self) -> str:
        """The engine whose prints this model judges."""

    def distance(self, first: FacePrint, second: FacePrint) -> float | None:
        """How far apart two prints are; None unless both are of this model's engine."""

    def bits(
        self,
        distance: float | None,
        *,
        years_apart: float | None,
        child: bool | None,
        quality: str,
    ) -> float:
        """Signed bits; `child` tells a young child in either photo, `quality` the poorer photo."""

    def distances(
        self, vectors: NDArray[np.float32], print_: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """How far `print_` lies from each row, all of them prints of this model's engine."""

    def column_bits(
        self,
        distances: NDArray[np.float64],
        *,
        years_apart: NDArray[np.float64],
        grown: NDArray[np.bool_],
        quality: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Signed bits for finite distances; NaN years are unknown, `grown` tells that neither photo
        shows a young child, `quality` is the share of the bits that the poorer photo leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What judging needs beside the pair.

    live_cases      how many cases a sighting is held against (at least 1)
    base_rate       share of sightings that are of a child on file at all; expert prior: of the many
                    photos that such calls bring in, a few in a hundred show a child looked for
    token_rarity    share of live cases whose words hold a token (0 to 1)
    face_model      worth of a face distance; None where no face engine is configured
    now             the moment of judging, aware
    weighing        how far the comparisons are believed
    """

    live_cases: int
    now: datetime
    base_rate: float = 0.02
    token_rarity: Mapping[str, float] = field(default_factory=dict)
    face_model: FaceModel | None = None
    weighing: Weighing = WRITTEN
