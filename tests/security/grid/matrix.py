"""The written matrix, read without any help of the product.

A grant is a set of relations of which all must hold: o, a, p, s, g. m, t and 2 shape an answer or
ask for two people; they are left out here.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).resolve().parents[1] / "matrix.csv"
ACTIONS: Final = "CRUPAXD"
ROLES: Final = ("AN", "VO", "FU", "FV", "IN", "SE", "CO", "RV", "DP", "AD")
CLIENTS: Final = ("cR", "cW", "sR", "sW", "oP", "eR", "wM", "tR")

Grants = dict[str, set[frozenset[str]]]
"""Action letter to the ways in which it is granted."""

_LETTERS: Final = re.compile(r"([CRUPAXD]+)([oapsgmt2]*)")
# Phrases of the matrix in which a letter hides behind a word.
_WORDED: Final = {"clear 2": "Us2", "invites a": "Ca", "original g": ""}

# What the letters leave open, or what was decided since; docs/permissions.md, section 4, says why.
ADDED: Final[Mapping[tuple[str, str], str]] = {
    ("f2", "CO"): "Rp",
    ("f3", "CO"): "Rpm",
    ("f5", "CO"): "Rp",
    ("f3-original", "RV"): "Rsg",
    ("f1", "PA"): "R",
    ("f20", "PA"): "R",
    ("f21", "AD"): "CRUD",
    ("f21", "PA"): "RUDp",
}
# Where the program asks for more than the letters do.
STRICTER: Final[Mapping[tuple[str, str], str]] = {
    ("f12", "RV"): "As2",
    ("f13", "RV"): "As2",
    ("f16", "AD"): "Rom",
}


def rows() -> dict[str, dict[str, str]]:
    """Field group (f1, f2, …) to column to cell, as written."""
    with FILE.open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    return {line[0].split()[0]: dict(zip(head[1:], line[1:], strict=True)) for line in lines}


def read(cell: str) -> Grants:
    """A cell's grants."""
    found: Grants = {}
    for phrase in cell.split(","):
        words = _WORDED.get(phrase.strip(), phrase)
        for word in words.split():
            letters = _LETTERS.fullmatch(word)
            if letters is None:
                continue
            for action in letters[1]:
                found.setdefault(action, set()).add(frozenset(letters[2]) - set("mt2"))
    return found


def table() -> dict[tuple[str, str], Grants]:
    """(field group, column) to what is granted there: the matrix, with what was added since."""
    written = {
        (group, column): read(cell)
        for group, columns in rows().items()
        for column, cell in columns.items()
    }
    for at, cell in ADDED.items():
        for action, ways in read(cell).items():
            written.setdefault(at, {}).setdefault(action, set()).update(ways)
    for at, cell in STRICTER.items():
        written[at] |= read(cell)
    return written


TABLE: Final = table()


def granted(columns: Iterable[str], action: str, group: str, relations: frozenset[str]) -> bool:
    """Whether somebody with these columns and relations to the object may do this."""
    ways = [way for column in columns for way in TABLE.get((group, column), {}).get(action, ())]
    return any(way <= relations for way in ways)
