"""Prepared cases side by side: one array a field, and lookups for what is shared by few."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from searches.matching.batch.lookup import Lookup, Rows
from searches.matching.maths import Array
from searches.matching.types import Interval, Mark

Flags: TypeAlias = NDArray[np.bool_]

UNKNOWN: Final = 0
"""The code of what a case does not tell, in `Spans` and `Spots`."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A label a case, as a code into the distinct ones."""

    codes: Rows
    labels: tuple[bytes, ...]

    def spread(self, worth: Callable[[bytes], float]) -> Array:
        """What each case's label is worth, asked once for each distinct one."""
        return np.array([worth(label) for label in self.labels])[self.codes]


@dataclass(frozen=True, slots=True)
class Spans:
    """An interval a case, as a code into the distinct ones; code 0 is unknown, code n the n-th.

    It reads as a `Span` of the distinct ones.
    """

    codes: Rows
    start: Array
    end: Array

    def spread(self, weights: Array, unknown: float = 0.0) -> Array:
        """What is known of each distinct interval, for every case."""
        return np.concatenate(([unknown], weights))[self.codes]


@dataclass(frozen=True, slots=True)
class Moment:
    """One interval that broadcasts against a column; it reads as a `Span`."""

    start: Array
    end: Array

    @classmethod
    def of(cls, span: Interval) -> "Moment":
        """The interval as columns of one row."""
        return cls(np.array([span.start]), np.array([span.end]))


@dataclass(frozen=True, slots=True)
class Spots:
    """A spot a case, as a code into the distinct ones; code 0 is unknown, code n the n-th."""

    codes: Rows
    latitude: Array
    longitude: Array
    blur_km: Array


@dataclass(frozen=True, slots=True)
class Words:
    """Free words of the accounts, by their keys; `accounts` and `terms` count each account's tokens
    and vocabulary terms."""

    accounts: Rows
    terms: Rows
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Names:
    """The distinct names on file, and who bears them: rows[offsets[n] : offsets[n + 1]].

    The n-th name is texts[ends[n] : ends[n + 1] - 1], in UTF-8, a flag behind it. `heard_at_all`
    tells, a case, whether any of its names can be compared; `lengths` are those of names to be
    looked for in free words.
    """

    texts: bytes
    ends: NDArray[np.int64]
    bare: Flags
    family: Rows
    families: tuple[str, ...]
    lookup: Lookup
    lengths: tuple[int, ...]
    offsets: NDArray[np.int64]
    rows: Rows
    heard_at_all: Flags

    def text(self, number: int) -> str:
        """The n-th name as written."""
        written = self.texts[self.ends[number] : self.ends[number + 1] - 1]
        return written.decode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks on file in their cases' order: whose, and which of the distinct `sorts`.

    `sorts` hold no words; those are in the lookup, by mark. `filed` and `in_sight` count each
    case's marks, and those that a passer-by can see.
    """

    rows: Rows
    sort: Rows
    sorts: tuple[Mark, ...]
    lookup: Lookup
    filed: NDArray[np.int16]
    in_sight: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Hashes of pictures (rows of 64-bit words), whose, and whether ever public."""

    rows: Rows
    hashes: NDArray[np.uint64]
    public: Flags


@dataclass(frozen=True, slots=True)
class Faces:
    """Prints of one engine and dimension: whose, when taken, how old the child was at least by
    then, and the picture's quality as a rank. What is unknown is NaN."""

    engine: str
    rows: Rows
    vectors: NDArray[np.float32]
    start: Array
    end: Array
    age: Array
    quality: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Columns:
    """Cases in the order in which they were given; see `searches.matching.batch.building`."""

    size: int
    sex: NDArray[np.uint8]
    ethnicity: Coded
    blood: Coded
    speech: Coded
    outfit: Coded
    birth: Spans
    missing: Spans
    spot: Spots
    score: Array
    words: Words
    names: Names
    marks: Marks
    pictures: Pictures
    faces: tuple[Faces, ...]

    def nbytes(self) -> dict[str, int]:
        """Bytes held in arrays, texts and labels, by field."""
        return {field.name: _bytes_of(getattr(self, field.name)) for field in fields(self)}


def _bytes_of(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, bytes | str):
        return len(value) + 33
    if isinstance(value, tuple):
        return sum(_bytes_of(part) + 8 for part in value)
    if is_dataclass(value):
        return sum(_bytes_of(getattr(value, field.name)) for field in fields(value))
    return 8
