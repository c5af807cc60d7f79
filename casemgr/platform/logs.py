"""What a log line may hold: what happened and where in the code, and of nobody anything.

Messages of exceptions are left out, since databases and mail servers repeat in them what they were
given. What looks like an address, a number, a code or a token is struck out of every line.
"""

import logging
import re
import traceback
from types import TracebackType
from typing import Final

STRUCK: Final = "[…]"
_SECRET_PATHS: Final = re.compile(
    r"(/(?:sign-in/link|confirm-address|password/new|alliances/join)/)[^/\s]+"
)
_SHAPES: Final = re.compile(
    r"[^\s@<>'\"(]+@[^\s@<>'\")]+\.\w+"  # an e-mail address
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"  # IPv4
    r"|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}(?![\w:])"  # IPv6
    r"|(?<![\w-])[a-z0-9]{6}(?:-[a-z0-9]{6}){2}(?![\w-])"  # a receipt
    r"|(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{24,}={0,2}"  # a token or key
    r"|(?<![\w+-])(?!\d{4}-\d\d-\d\d)\+?\d[\d ()-]{7,}[\dX](?![\w-])"  # a phone or identity number
)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def redact(line: str) -> str:
    """The line without anything that looks as if it were about somebody, or opened something."""
    return _SHAPES.sub(STRUCK, _SECRET_PATHS.sub(rf"\1{STRUCK}", line))


class RedactingFormatter(logging.Formatter):
    """Formats every line that leaves a process of ours."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = redact(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's name
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines += traceback.format_tb(error.__traceback__)
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}\n")
            following = error.__cause__ or (
                None if error.__suppress_context__ else error.__context__
            )
            error = following
        return "".join(lines).rstrip("\n")
