"""Cuts a text into the runs that are read alike: Latin words, numbers, Han characters."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_CHARACTERS: Final = 20_000
_RUN: Final = re.compile(
    r"(?P<han>[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
    r"|(?P<latin>[a-z]+(?:['’][a-z]+)*)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<pause>[,.;:!?，。；：！？、\n])"
)


@dataclass(frozen=True, slots=True)
class Run:
    """`kind` is 'han', 'latin', 'number' or 'pause' (punctuation that ends a phrase)."""

    kind: str
    text: str


def normalised(text: str) -> str:
    """NFKC, lower case, accents dropped from Latin letters; at most 20,000 characters are read."""
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold()
    if plain.isascii():
        return plain
    spread = unicodedata.normalize("NFD", plain)
    return "".join(character for character in spread if not unicodedata.combining(character))


def runs(text: str) -> list[Run]:
    """The runs of a text in order; what is none of the kinds is left out."""
    return [Run(match.lastgroup or "", match.group()) for match in _RUN.finditer(normalised(text))]
