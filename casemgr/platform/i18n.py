"""Mark strings for the catalogues in modules that must not import Django."""

from typing import Final


def N_(message: str) -> str:  # noqa: N802 - the customary gettext name for "mark, don't translate"
    """Return `message` unchanged; catalogue extraction collects the literal."""
    return message


LANGUAGES: Final = ("en", "zh-hans")
