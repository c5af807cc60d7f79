"""Case references: short enough to read out on the phone, sparse enough not to be guessed.

'HW-4K7-Q9M-2': six random characters out of 29 (about 595 million, so that even ten million cases
fill less than 2 %), and one check character. The alphabet has no 0 O 1 I L U and
no V, which sounds like another letter in Chinese ears.
"""

import secrets
import unicodedata
from enum import Enum
from typing import Final, Protocol

PREFIX: Final = "HW"
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTWXYZ"
_BASE: Final = len(ALPHABET)  # 29, a prime: what makes the check below complete
_RANDOM: Final = 6
_LENGTH: Final = _RANDOM + 1
_DASHES: Final = "-‐‑‒–—―−－_ー"


class ReferenceProblem(Enum):
    """Why a text is no case reference."""

    MALFORMED = "malformed"
    """Not of the shape HW-XXX-XXX-X at all."""
    MISTYPED = "mistyped"
    """Of the right shape, but at least one character is wrong: no case ever had it."""


class Chooser(Protocol):
    """What `generate` needs of a source of randomness: `secrets` or a seeded `random.Random`."""

    def choice(self, seq: str) -> str:
        """One character of the string, each as likely."""
        ...


def _check_character(body: str) -> str:
    """The character that makes the weighted sum zero modulo 29.

    Character number i (from 1) has weight i. All weights and their differences are non-zero
    modulo the prime 29, so every single wrong character and every exchange of two characters,
    neighbours or not, changes the sum.
    """
    total = sum(weight * ALPHABET.index(c) for weight, c in enumerate(body, start=1))
    # The check character itself has weight _LENGTH: solve total + _LENGTH * value = 0 (mod 29).
    value = -total * pow(_LENGTH, -1, _BASE) % _BASE
    return ALPHABET[value]


def _formatted(characters: str) -> str:
    return f"{PREFIX}-{characters[:3]}-{characters[3:6]}-{characters[6:]}"


def generate(rng: Chooser = secrets) -> str:
    """A new reference such as 'HW-4K7-Q9M-2'; uniqueness is the database's to hold."""
    body = "".join(rng.choice(ALPHABET) for _ in range(_RANDOM))
    return _formatted(body + _check_character(body))


def _characters(text: str) -> str:
    """Upper-case letters and digits of a text of sane length, dashes and spaces dropped."""
    plain = unicodedata.normalize("NFKC", text[:64]).upper()
    kept = "".join(c for c in plain if c not in _DASHES and not c.isspace() and c not in ".:#,。")
    if len(kept) == len(PREFIX) + _LENGTH:
        kept = kept.removeprefix(PREFIX)
    return kept


def normalise(text: str) -> str:
    """The reference as it is stored, from however it was typed.

    Case, width, spaces and dashes do not matter and the prefix may be missing. A text that is not
    of a reference's shape comes back upper-case and trimmed, for a message or a search.
    """
    characters = _characters(text)
    if len(characters) == _LENGTH and all(c.isascii() and c.isalnum() for c in characters):
        return _formatted(characters)
    return unicodedata.normalize("NFKC", text[:64]).strip().upper()


def check(text: str) -> ReferenceProblem | None:
    """None for a well-formed reference with the right check character, else what is wrong.

    A right shape with a character that no reference has (O, 0, I, 1, L, U, V) is MISTYPED.
    """
    characters = _characters(text)
    if len(characters) != _LENGTH or not all(c.isascii() and c.isalnum() for c in characters):
        return ReferenceProblem.MALFORMED
    if not set(characters) <= set(ALPHABET):
        return ReferenceProblem.MISTYPED
    if _check_character(characters[:_RANDOM]) != characters[_RANDOM]:
        return ReferenceProblem.MISTYPED
    return None
