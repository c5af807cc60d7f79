"""What a password must be, by NIST SP 800-63B-4: long, not common, and otherwise what one likes."""

import re
import unicodedata
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LEAST: Final = 15
MOST: Final = 128
# Pieces that are no help against guessing, wherever they stand in a password for this site.
KNOWN: Final = ("homeward", "归途", "password", "qwerty", "letmein", "welcome", "abc123", "123456")
_RUN: Final = 4


def normal(password: str) -> str:
    """One form for the same characters typed on different keyboards (NFKC)."""
    return unicodedata.normalize("NFKC", password)


class LengthValidator:
    """At least 15 characters, since it may be the only factor, and at most 128."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError."""
        count = len(normal(password))
        if count < LEAST:
            raise ValidationError(
                ngettext(
                    "Use at least %(least)s characters; this has %(count)s. A few words in a row "
                    "are easy to remember.",
                    "Use at least %(least)s characters; this has %(count)s. A few words in a row "
                    "are easy to remember.",
                    count,
                )
                % {"least": LEAST, "count": count}
            )
        if count > MOST:
            raise ValidationError(_("Use at most %(most)s characters.") % {"most": MOST})

    def get_help_text(self) -> str:
        """Shown below the field."""
        return _(
            "At least %(least)s characters. A few words in a row are easy to remember; you need no "
            "digits or signs."
        ) % {"least": LEAST}


class PredictableValidator:
    """Refuses what is long but soon guessed: repetitions, runs, the site's or one's own name.

    What is left once all such pieces are taken away has to be at least eight characters.
    """

    least_left: Final = 8

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError."""
        left = normal(password).casefold()
        if len(left) < LEAST:
            return  # short: that is what there is to say
        for piece in (*KNOWN, *_own(user)):
            left = left.replace(piece, "")
        left = re.sub(r"(.{1,6}?)\1{2,}", r"\1", left)
        if len(_without_runs(left)) < self.least_left:
            raise ValidationError(
                _("This is too easy to guess. Take some words that only you would put together.")
            )

    def get_help_text(self) -> str:
        """Nothing that has to be said beforehand."""
        return ""


def _own(user: object) -> list[str]:
    """Pieces of the person's own address and name that are long enough to count."""
    email = getattr(user, "email", None) or ""
    name = getattr(user, "display_name", None) or ""
    pieces = re.split(r"\W+", f"{email} {name}".casefold())
    return sorted((piece for piece in pieces if len(piece) > 3), key=len, reverse=True)


def _without_runs(text: str) -> str:
    """`text` with each run of neighbouring characters (abcd, 4321) shrunk to its first."""
    kept, start = "", 0
    while start < len(text):
        end = start + 1
        step = ord(text[end]) - ord(text[start]) if end < len(text) else 0
        while step in (1, -1) and end < len(text) and ord(text[end]) - ord(text[end - 1]) == step:
            end += 1
        kept += text[start] if end - start >= _RUN else text[start:end]
        start = end
    return kept
