"""Cases in memory for `shortlist`: columns, and what is worked out of them once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searches.matching.batch.columns import Columns, Spans
from searches.matching.batch.lookup import Indices, Rows
from searches.matching.compare import words
from searches.matching.maths import Array, Floats, log2, most
from searches.matching.spans import DAY
from searches.matching.types import Interval

MOST_MARKS: Final = 7
"""More marks on file than this are taken to be this many."""
NEAR: Final = 60 * DAY
"""Seconds between two dates within which they may be the same; further apart, months will do."""
AGES: Final = 9
"""Into so many ages of a loss the five of `FOUND_AFTER_DAYS` are divided."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Distinct intervals, and groups of those that begin and end within the same month."""

    spans: Spans
    groups: Spans
    group_of: Rows

    @classmethod
    def of(cls, spans: Spans) -> "Grouped":
        """Codes of the spans are not looked at."""
        months = np.floor(np.stack([spans.start, spans.end], axis=-1) / (30 * DAY))
        _, which, count = np.unique(months, axis=0, return_inverse=True, return_counts=True)
        which = which.ravel()
        start = np.bincount(which, spans.start) / count
        end = np.bincount(which, spans.end) / count
        return cls(spans, each(start, end), np.concatenate(([0], which + 1)).astype(np.int32))

    def weighed(self, weigh: Callable[[Spans], Array], told: Interval | None) -> Array:
        """`weigh` of groups' middles, for each distinct one (0 for unknown); exactly where it is
        about as long ago as what was told."""
        worth = np.concatenate(([0.0], weigh(self.groups)))[self.group_of]
        if told is not None:
            near = (self.spans.start < told.end + NEAR) & (self.spans.end > told.start - NEAR)
            chosen = np.flatnonzero(near)
            worth[chosen + 1] = weigh(each(self.spans.start[chosen], self.spans.end[chosen]))
        return worth


@dataclass(frozen=True, slots=True)
class Index:
    """Columns (without faces and pictures), and what else is worked out of them once.

    `marked` are the cases of the marks of each sort: marked[sorted_marks[n] : sorted_marks[n + 1]].
    `mention` and `mention_term` are log2 of how likely a case's account says a word again, `usual`
    and `usual_term` their medians.
    `person` is each case's code into `persons`: what is told of the child beside dates and places.
    Codes are of the width that NumPy looks up by, so that it need not widen them each time.
    """

    columns: Columns
    marked: Rows
    sorted_marks: Indices
    mention: Floats
    mention_term: Floats
    usual: float
    usual_term: float
    births: Grouped
    losses: Grouped
    person: Indices
    persons: "Persons"
    birth: Indices
    missing: Indices
    spot: Indices

    @classmethod
    def of(cls, columns: Columns) -> "Index":
        filed = columns.marks
        counts = np.bincount(filed.sort, minlength=len(filed.sorts))
        plain, term = words.mentions(
            most(columns.words.accounts.astype(np.float64), 1.0),
            columns.words.terms.astype(np.float64),
        )
        person, persons = Persons.of(columns)
        return cls(
            columns=columns,
            marked=filed.rows[np.argsort(filed.sort, kind="stable")],
            sorted_marks=np.concatenate(([0], np.cumsum(counts))),
            mention=log2(plain).astype(np.float32),
            mention_term=log2(term).astype(np.float32),
            usual=float(np.median(log2(plain))) if columns.size else 0.0,
            usual_term=float(np.median(log2(term))) if columns.size else 0.0,
            births=Grouped.of(columns.birth),
            losses=Grouped.of(columns.missing),
            person=person,
            persons=persons,
            birth=columns.birth.codes.astype(np.int64),
            missing=columns.missing.codes.astype(np.int64),
            spot=columns.spot.codes.astype(np.int64) * AGES,
        )


@dataclass(frozen=True, slots=True)
class Persons:
    """The distinct things told of a child beside dates, places and words, as codes."""

    sex: Indices
    filed: Indices
    in_sight: Indices
    speech: Indices
    ethnicity: Indices
    blood: Indices

    @classmethod
    def of(cls, columns: Columns) -> tuple[Indices, "Persons"]:
        """Each case's code, and what the codes stand for."""
        parts: tuple[NDArray[Any], ...] = (
            columns.sex,
            np.minimum(columns.marks.filed, MOST_MARKS),
            np.minimum(columns.marks.in_sight, MOST_MARKS),
            columns.speech.codes,
            columns.ethnicity.codes,
            columns.blood.codes,
        )
        sizes = [int(part.max(initial=0)) + 1 for part in parts]
        packed = np.zeros(columns.size, np.int64)
        for part, size in zip(parts, sizes, strict=True):
            packed = packed * size + part
        distinct, codes = np.unique(packed, return_inverse=True)
        found = []
        for size in reversed(sizes):
            found.append(distinct % size)
            distinct = distinct // size
        return codes.astype(np.int64), cls(*reversed(found))


def each(start: Array, end: Array) -> Spans:
    """Known intervals, each in a row of its own."""
    return Spans(np.arange(1, len(start) + 1, dtype=np.int32), start, end)
