"""A small bilingual vocabulary: 红色外套 and 'red jacket' both hold t:red and t:jacket."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from casemgr.platform.text.runs import Run, runs
from casemgr.platform.text.words import STOP_WORDS, stemmed

_DATA: Final = Path(__file__).parents[1] / "data"
_LONGEST_PHRASE: Final = 5
_NOT_HAN: Final = ("没有", "并无", "无", "没", "不是", "不像")
_NOT_LATIN: Final = frozenset({"no", "not", "without", "never", "nor"})
_REACH: Final = 2  # words after 'no' that it still denies


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with (_DATA / "terms.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _kinds() -> dict[str, str]:
    return {"t:" + row["term"]: row["kind"] for row in _rows()}


def kind_of(term: str) -> str:
    """What a term such as 't:jacket' belongs to, '' for anything that is no term.

    Kinds: colour, pattern, clothing, body, mark, body_part, side, landscape, household, animal,
    trade, activity, family, speech.
    """
    return _kinds().get(term, "")


@cache
def _han_terms() -> tuple[dict[str, str], int]:
    """Chinese words to terms ('' for a decoy that is skipped whole), and the longest word."""
    table: dict[str, str] = {}
    for line in (_DATA / "decoys.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            table.update(dict.fromkeys(line.partition(":")[2].split(), ""))
    for row in _rows():
        table.update(dict.fromkeys(row["chinese"].casefold().split("|"), "t:" + row["term"]))
    return table, max(map(len, table))


@cache
def _latin_terms() -> dict[tuple[str, ...], str]:
    table: dict[tuple[str, ...], str] = {}
    for row in _rows():
        for phrase in row["english"].split("|"):
            table.setdefault(_phrase_key(phrase.replace("-", " ").split()), "t:" + row["term"])
    return table


def _phrase_key(words: list[str]) -> tuple[str, ...]:
    return tuple(stemmed(word) for word in words)


@lru_cache(maxsize=4_096)
def terms(text: str) -> frozenset[str]:
    """The vocabulary terms a text holds, as 't:red', but not what it denies ('no scar', 没有疤)."""
    return terms_in(tuple(runs(text)))


def terms_in(cut: tuple[Run, ...]) -> frozenset[str]:
    """As `terms`, of a text already cut into runs."""
    found: set[str] = set()
    words: list[str] = []
    for run in (*cut, Run("pause", ".")):
        if run.kind == "latin":
            words.append(run.text)
            continue
        found.update(_in_words(words))
        words = []
        if run.kind == "han":
            found.update(_in_han(run.text))
    return frozenset(found)


def _in_han(text: str) -> Iterator[str]:
    table, longest = _han_terms()
    position = 0
    while position < len(text):
        for length in range(min(longest, len(text) - position), 0, -1):
            term = table.get(text[position : position + length])
            if term is not None:
                if term and not text[:position].endswith(_NOT_HAN):
                    yield term
                position += length
                break
        else:
            position += 1


def _in_words(words: list[str]) -> Iterator[str]:
    table = _latin_terms()
    keys = _phrase_key(words)
    position, denied_until = 0, 0
    while position < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - position), 0, -1):
            term = table.get(keys[position : position + length])
            if term and not (length == 1 and words[position] in STOP_WORDS):
                if position >= denied_until:
                    yield term
                position += length
                break
        else:
            if words[position] in _NOT_LATIN:
                denied_until = position + 1 + _REACH
            position += 1


def forms_of(term: str) -> dict[str, tuple[str, ...]]:
    """How a term is written, by language ('en', 'zh-hans'); empty for an unknown term."""
    return _forms().get(term, {})


@cache
def _forms() -> dict[str, dict[str, tuple[str, ...]]]:
    table: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in _rows():
        table["t:" + row["term"]] = {
            "en": tuple(row["english"].split("|")),
            "zh-hans": tuple(row["chinese"].split("|")),
        }
    return dict(table)
