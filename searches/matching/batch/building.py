"""From prepared cases to columns, block by block, so that a million of them pass through little
memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searches.matching.batch.columns import (
    Coded,
    Columns,
    Faces,
    Marks,
    Names,
    Pictures,
    Spans,
    Spots,
    Words,
)
from searches.matching.batch.lookup import Keys, Rows, lookup_of, ranges
from searches.matching.batch.pack import (
    BARE,
    BETWEEN,
    FACE_HEAD,
    HEAD,
    PARTS,
    PICTURE_WORDS,
    VERSION,
    WITHIN,
    text_of,
)
from searches.matching.compare.marks import SEEN_CLOTHED
from searches.matching.maths import Array
from searches.matching.types import Mark

BLOCK: Final = 20_000
FIXED_LABELS: Final = ("ethnicity", "blood", "speech", "outfit")
LENGTH_SHIFT: Final = 32


def columns_of(packed: Iterable[bytes], *, likenesses: bool = True) -> Columns:
    """Columns of prepared cases, in their order, without faces and pictures if `likenesses` are not
    wanted. Raises ValueError where one was prepared by another version."""
    cases = iter(packed)
    builder = _Builder(likenesses)
    while block := list(islice(cases, BLOCK)):
        builder.add(block)
    return builder.built()


@dataclass(slots=True)
class _Coder:
    """Gives labels codes in the order in which they come."""

    seen: dict[bytes, int] = field(default_factory=dict)
    codes: list[Rows] = field(default_factory=list)

    def add(self, labels: Sequence[bytes]) -> Rows:
        seen = self.seen
        for label in dict.fromkeys(labels):
            if label not in seen:
                seen[label] = len(seen)
        coded = np.fromiter(map(seen.__getitem__, labels), np.int32, len(labels))
        self.codes.append(coded)
        return coded

    def built(self) -> Coded:
        return Coded(_joined(self.codes, np.int32), tuple(self.seen))


@dataclass(slots=True)
class _Builder:
    """Blocks gathered so far, by field."""

    likenesses: bool
    size: int = 0
    blocks: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    coders: dict[str, _Coder] = field(default_factory=dict)

    def add(self, packed: list[bytes]) -> None:
        heads = np.frombuffer(b"".join(case[: HEAD.itemsize] for case in packed), HEAD)
        if (heads["version"] != VERSION).any():
            raise ValueError("a case was prepared by another version")
        for name in ("sex", "named", "accounts", "terms", "birth", "missing", "spot", "score"):
            self._keep(name, heads[name].copy())
        lengths = np.array([len(case) for case in packed]) - heads["labels"]
        parts = _Parts.of(packed, lengths, heads["counts"])
        labels = BETWEEN.join(
            case[end:] for case, end in zip(packed, lengths.tolist(), strict=True)
        ).split(BETWEEN)
        owners = np.arange(self.size, self.size + len(packed), dtype=np.int32)
        face_heads, vectors = _faces(parts.of_part("faces"))
        counts = {
            "marks": parts.count["marks"],
            "names": parts.count["names"],
            "families": parts.count["names"],
            "engines": _faces_each(face_heads, parts.count["faces"]),
        }
        sorted_labels = _by_field(labels, counts)
        for name in FIXED_LABELS:
            self._coder(name).add(sorted_labels[name])
        self._add_words(owners, parts)
        self._add_marks(owners, parts, sorted_labels["marks"])
        self._add_names(owners, parts, sorted_labels)
        if self.likenesses:
            self._add_pictures(owners, parts)
            self._coder("engines").add(sorted_labels["engines"])
            self._keep("face_rows", np.repeat(owners, counts["engines"]))
            self._keep("face_heads", face_heads)
            self.blocks.setdefault("vectors", []).extend(vectors)
        self.size += len(packed)

    def _add_words(self, owners: Rows, parts: "_Parts") -> None:
        self._keep("word_keys", parts.of_part("words"))
        self._keep("word_rows", np.repeat(owners, parts.count["words"]))

    def _add_marks(self, owners: Rows, parts: "_Parts", sorts: list[bytes]) -> None:
        before = sum(map(len, self.blocks.get("mark_rows", ())))
        words = parts.of_part("marks").astype(np.int64)
        numbers = np.arange(before, before + len(words), dtype=np.int32)
        self._coder("sorts").add(sorts)
        self._keep("mark_rows", np.repeat(owners, parts.count["marks"]))
        self._keep("mark_keys", parts.of_part("mark_words"))
        self._keep("mark_numbers", np.repeat(numbers, words))

    def _add_names(self, owners: Rows, parts: "_Parts", labels: dict[str, list[bytes]]) -> None:
        """A name's keys are kept once, however many bear it."""
        coder = self._coder("names")
        before = len(coder.seen)
        codes = coder.add(labels["names"])
        told = parts.of_part("names")
        keys = (told & np.uint64((1 << LENGTH_SHIFT) - 1)).astype(np.int64)
        starts = np.cumsum(keys) - keys
        distinct, first = np.unique(codes, return_index=True)
        first = first[distinct >= before]
        families = labels["families"]
        self._coder("families").add([families[number] for number in first.tolist()])
        self._keep("name_rows", np.repeat(owners, parts.count["names"]))
        self._keep("name_lengths", (told[first] >> np.uint64(LENGTH_SHIFT)).astype(np.int64))
        self._keep("name_keys", parts.of_part("name_keys")[ranges(starts[first], keys[first])])
        self._keep("name_numbers", np.repeat(codes[first], keys[first]))

    def _add_pictures(self, owners: Rows, parts: "_Parts") -> None:
        pictures = parts.of_part("pictures").reshape(-1, PICTURE_WORDS)
        self._keep("picture_rows", np.repeat(owners, parts.count["pictures"] // PICTURE_WORDS))
        self._keep("pictures", pictures)

    def _keep(self, name: str, block: NDArray[Any]) -> None:
        self.blocks.setdefault(name, []).append(block)

    def _coder(self, name: str) -> _Coder:
        return self.coders.setdefault(name, _Coder())

    def _column(self, name: str, kind: Any, shape: tuple[int, ...] = ()) -> NDArray[Any]:
        blocks = self.blocks.pop(name, None)
        return np.concatenate(blocks).astype(kind) if blocks else np.empty((0, *shape), kind)

    def _lookup_blocks(self, keys: str, owners: str) -> tuple[list[Keys], list[Rows]]:
        return self.blocks.pop(keys, []), self.blocks.pop(owners, [])

    def built(self) -> Columns:
        return Columns(
            size=self.size,
            sex=self._column("sex", np.uint8),
            **{name: self._coder(name).built() for name in FIXED_LABELS},
            birth=_spans(self._column("birth", np.float64, (2,))),
            missing=_spans(self._column("missing", np.float64, (2,))),
            spot=_spots(self._column("spot", np.float64, (3,))),
            score=self._column("score", np.float64),
            words=Words(
                self._column("accounts", np.int32),
                self._column("terms", np.int32),
                lookup_of(*self._lookup_blocks("word_keys", "word_rows")),
            ),
            names=self._names(),
            marks=self._marks(),
            pictures=self._pictures(),
            faces=self._faces(),
        )

    def _names(self) -> Names:
        names, families = self._coder("names").built(), self._coder("families").built()
        rows = self._column("name_rows", np.int32)
        texts = b"".join(names.labels)
        ends = np.cumsum([0, *map(len, names.labels)], dtype=np.int64)
        borne = np.bincount(names.codes, minlength=len(names.labels))
        lengths = self._column("name_lengths", np.int64)
        return Names(
            texts=texts,
            ends=ends,
            bare=np.frombuffer(texts, "u1")[ends[1:] - 1] == BARE[0],
            family=families.codes,
            families=tuple(text_of(label) for label in families.labels),
            lookup=lookup_of(*self._lookup_blocks("name_keys", "name_numbers")),
            lengths=tuple(np.unique(lengths[lengths > 0]).tolist()),
            offsets=np.concatenate(([0], np.cumsum(borne, dtype=np.int64))),
            rows=rows[np.argsort(names.codes, kind="stable")],
            heard_at_all=self._column("named", np.bool_),
        )

    def _marks(self) -> Marks:
        sorts = self._coder("sorts").built()
        rows = self._column("mark_rows", np.int32)
        kinds = tuple(_mark_of(label) for label in sorts.labels)
        in_sight = np.array([kind.body_part in SEEN_CLOTHED for kind in kinds], dtype=np.bool_)
        return Marks(
            rows=rows,
            sort=sorts.codes,
            sorts=kinds,
            lookup=lookup_of(*self._lookup_blocks("mark_keys", "mark_numbers")),
            filed=np.bincount(rows, minlength=self.size).astype(np.int16),
            in_sight=np.bincount(rows[in_sight[sorts.codes]], minlength=self.size).astype(np.int16),
        )

    def _pictures(self) -> Pictures:
        words = self._column("pictures", np.uint64, (PICTURE_WORDS,))
        return Pictures(
            rows=self._column("picture_rows", np.int32),
            hashes=np.ascontiguousarray(words[:, :-1]),
            public=words[:, -1].astype(np.bool_),
        )

    def _faces(self) -> tuple[Faces, ...]:
        engines = self._coder("engines").built()
        rows = self._column("face_rows", np.int32)
        heads = self._column("face_heads", np.float64, (FACE_HEAD,))
        vectors = self.blocks.pop("vectors", [])
        sorts, which = np.unique(
            np.stack([engines.codes, heads[:, 0].astype(np.int32)], axis=-1),
            axis=0,
            return_inverse=True,
        )
        found = []
        for number, (engine, _) in enumerate(sorts.tolist()):
            chosen = np.flatnonzero(which.ravel() == number)
            _, quality, start, end, age = heads[chosen].T
            found.append(
                Faces(
                    engine=text_of(engines.labels[engine]),
                    rows=rows[chosen],
                    vectors=np.stack([vectors[face] for face in chosen.tolist()]),
                    start=start.copy(),
                    end=end.copy(),
                    age=age.copy(),
                    quality=quality.astype(np.int8),
                )
            )
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a block of cases, each as one array, and how much of each is each case's."""

    words: NDArray[np.uint64]
    start: NDArray[np.int64]
    count: dict[str, NDArray[np.int64]]

    @classmethod
    def of(
        cls, packed: list[bytes], lengths: NDArray[np.int64], counts: NDArray[np.uint32]
    ) -> "_Parts":
        size = HEAD.itemsize
        body = b"".join(case[size:end] for case, end in zip(packed, lengths.tolist(), strict=True))
        counts_ = counts.astype(np.int64)
        total = counts_.sum(axis=1)
        before = np.cumsum(counts_, axis=1) - counts_
        start = before + (np.cumsum(total) - total)[:, np.newaxis]
        return cls(
            np.frombuffer(body, "<u8"),
            start,
            {part: counts_[:, number] for number, part in enumerate(PARTS)},
        )

    def of_part(self, part: str) -> NDArray[np.uint64]:
        return self.words[ranges(self.start[:, PARTS.index(part)], self.count[part])]


def _by_field(labels: list[bytes], counts: dict[str, NDArray[np.int64]]) -> dict[str, list[bytes]]:
    """Labels of a block of cases, which come case by case, taken apart by what they say."""
    each = {name: np.ones(len(counts["marks"]), np.int64) for name in FIXED_LABELS} | counts
    lengths = np.stack(list(each.values()), axis=1)
    total = lengths.sum(axis=1)
    start = np.cumsum(lengths, axis=1) - lengths + (np.cumsum(total) - total)[:, np.newaxis]
    return {
        name: list(map(labels.__getitem__, ranges(start[:, number], lengths[:, number]).tolist()))
        for number, name in enumerate(each)
    }


def _faces(words: NDArray[np.uint64]) -> tuple[Array, list[NDArray[np.float32]]]:
    """Heads and vectors of a block's faces, which come one after the other."""
    numbers, floats = words.view("<f8"), words.view("<f4")
    heads, vectors = [], []
    at = 0
    while at < len(words):
        dimension = int(numbers[at])
        heads.append(numbers[at : at + FACE_HEAD])
        first = 2 * (at + FACE_HEAD)
        vectors.append(floats[first : first + dimension])
        at += FACE_HEAD + (dimension + 1) // 2
    return np.array(heads).reshape(-1, FACE_HEAD), vectors


def _faces_each(heads: Array, words: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many faces make up each case's words."""
    sizes = FACE_HEAD + (heads[:, 0].astype(np.int64) + 1) // 2
    return np.diff(np.searchsorted(np.cumsum(sizes), np.cumsum(words), side="right"), prepend=0)


def _mark_of(label: bytes) -> Mark:
    kind, part, side = map(text_of, label.split(WITHIN))
    return Mark(kind, part, side, "")


def _spans(ends: Array) -> Spans:
    codes, distinct = _coded(ends[:, 0], ends[:, 1])
    return Spans(codes, distinct.real.copy(), distinct.imag.copy())


def _spots(spots: Array) -> Spots:
    points, there = _coded(spots[:, 0], spots[:, 1])
    blurred, both = _coded(np.where(points > 0, points, np.nan), spots[:, 2])
    at = there[both.real.astype(np.intp) - 1]
    return Spots(blurred, at.real.copy(), at.imag.copy(), both.imag.copy())


def _coded(first: Array, second: Array) -> tuple[Rows, NDArray[np.complex128]]:
    """Codes of pairs from 1 (0 where either is NaN), and the distinct pairs as complex numbers."""
    pairs = np.empty(len(first), np.complex128)
    pairs.real, pairs.imag = first, second
    known = ~np.isnan(pairs)
    distinct, codes = np.unique(pairs[known], return_inverse=True)
    found = np.zeros(len(first), np.int32)
    found[known] = codes + 1
    return found, distinct


def _joined(blocks: list[Rows], kind: type[np.int32]) -> Rows:
    return np.concatenate(blocks) if blocks else np.empty(0, kind)
