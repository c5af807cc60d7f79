"""The phrases of the set, from `data/*.tsv`, and which of them are held out for reporting."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent / "data"
HELD_OUT: Final = "*"


class Split(IntEnum):
    """Who may look: numbers are tuned on one, results are reported on the other.

    The two draw different random numbers from the same seed, and REPORTING also uses the wordings
    and topics that TUNING never sees.
    """

    TUNING = 1
    REPORTING = 2


@dataclass(frozen=True, slots=True)
class Wording:
    """The ways of saying one thing, in either language."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    def told(self, draw: float, language: str) -> str:
        """One way of saying it; `draw` is from 0 to below 1."""
        ways = self.zh if language == "zh" else self.en
        return ways[int(draw * len(ways))]


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that families tell in their words and others in theirs.

    `provinces` are those it belongs to, none for everywhere.
    """

    name: str
    provinces: frozenset[str]
    family: Wording
    other: Wording


@dataclass(frozen=True, slots=True)
class MarkWords:
    """One kind of mark; `part` is '' where it can be anywhere, then words hold {p}, else {s}."""

    kind: str
    part: str
    sided: bool
    hidden: bool
    family: Wording
    other: Wording


@cache
def memories(split: Split) -> tuple[Topic, ...]:
    """What a childhood home was like."""
    return tuple(_topics("memories", split))


@cache
def traits(split: Split) -> tuple[Topic, ...]:
    """What strikes people in a child."""
    return tuple(_topics("traits", split))


@cache
def scenes(split: Split) -> tuple[Wording, ...]:
    """What a passer-by sees the child do."""
    return tuple(_wording(zh, en, split) for _, zh, en in _rows("scenes"))


@cache
def circumstances(split: Split) -> tuple[tuple[int, int, Wording], ...]:
    """How a child was lost, with the ages in years between which that happens."""
    return tuple(
        (int(ages.split("-")[0]), int(ages.split("-")[1]), _wording(zh, en, split))
        for ages, zh, en in _rows("circumstances")
    )


@cache
def marks(split: Split) -> dict[str, tuple[MarkWords, ...]]:
    """The ways of each kind of mark."""
    found: dict[str, tuple[MarkWords, ...]] = {}
    for kind, zh, en, other_zh, other_en in _rows("marks"):
        words = _wording(zh, en, split), _wording(other_zh, other_en, split)
        found[kind] = (MarkWords(kind, "", False, False, *words),)
    for kind, part, sided, hidden, zh, en, other_zh, other_en in _rows("special_marks"):
        words = _wording(zh, en, split), _wording(other_zh, other_en, split)
        special = MarkWords(kind, part, sided == "1", hidden == "1", *words)
        found[kind] = (*found.get(kind, ()), special)
    return found


def _topics(name: str, split: Split) -> Iterator[Topic]:
    for topic, provinces, *told in _rows(name):
        if topic.startswith(HELD_OUT) and split is not Split.REPORTING:
            continue
        zh, en, other_zh, other_en = told
        yield Topic(
            topic.removeprefix(HELD_OUT),
            frozenset(provinces.split(",")) if provinces else frozenset(),
            _wording(zh, en, split),
            _wording(other_zh, other_en, split),
        )


def _wording(zh: str, en: str, split: Split) -> Wording:
    return Wording(_ways(zh, split), _ways(en, split))


def _ways(cell: str, split: Split) -> tuple[str, ...]:
    ways = cell.split(" | ")
    if split is Split.TUNING:
        ways = [way for way in ways if not way.startswith(HELD_OUT)] or ways
    return tuple(way.removeprefix(HELD_OUT) for way in ways)


def _rows(name: str) -> Iterator[list[str]]:
    for line in (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
