"""Characters that no stored text may hold."""

import re
from typing import Final

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def has_forbidden_characters(text: str) -> bool:
    """Whether the text holds what no keyboard types and no database keeps.

    NUL and other control characters except tab, line feed and carriage return; surrogates that
    stand alone (they cannot be written as UTF-8); the two non-characters U+FFFE and U+FFFF.
    """
    return _FORBIDDEN.search(text) is not None
