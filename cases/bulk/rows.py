"""One row of a file: read, checked as the API checks it, and what is wrong with it, by pointer."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import Invalid
from casemgr.platform.rest.parsing import strict_json
from casemgr.platform.rest.problems import lines_of
from cases import rules
from cases.bulk.columns import (
    IGNORED,
    PHOTOS,
    Column,
    chosen_columns,
    heading_columns,
    row_content,
)
from cases.bulk.parts import Piece
from cases.filing import Filing
from cases.models import BulkFormat, ImportJob
from cases.serializers import CaseSerializer, split

MOST_PHOTOS: Final = 20
Line = dict[str, Any]
Pair = tuple[str, str]

_WORDS: Final = {
    "too_large": _("This line is longer than 1 MiB."),
    "wrong_encoding": _("This line isn't UTF-8."),
    "beyond_the_columns": _("There is something beyond the last column that has a name."),
}


@dataclass(slots=True)
class Row:
    """`filing` are its checked facts, `content` what they were read from; None where `errors`."""

    number: int
    filing: Filing | None = None
    content: Any = None
    photos: Sequence[str] = ()
    errors: list[Line] = field(default_factory=list)

    @property
    def pairs(self) -> list[Pair]:
        """Its ids in other systems."""
        ids = self.filing.external_ids if self.filing else ()
        return [(pair["system"], pair["id"]) for pair in ids]

    @property
    def keys(self) -> list[int]:
        """Digests of `pairs` that fit into a bigint."""
        return [key_of(pair) for pair in self.pairs]


def key_of(pair: Pair) -> int:
    """64 bits of a digest."""
    plain = json.dumps(pair).encode()
    return int.from_bytes(hashlib.sha256(plain).digest()[:8], "big", signed=True)


class Reader:
    """Reads the rows of one job."""

    def __init__(self, job: ImportJob) -> None:
        self.job = job
        # One for all rows: making it costs more than checking a row with it.
        self.shape = CaseSerializer()
        sheet = job.format != BulkFormat.NDJSON
        self.columns: list[Column | None] = []
        if sheet:
            self.columns = (
                chosen_columns(job.mapping) if job.mapping else heading_columns(job.columns)
            )
        self.headings = {
            column.pointer: heading
            for column, heading in zip(self.columns, job.columns, strict=True)
            if column is not None
        }

    def read(self, piece: Piece) -> Row:
        """The row, checked; never raises for what is in it."""
        number, content, code = piece
        if code:
            return Row(number, errors=[_line("", code, _WORDS[code])])
        if self.job.format == BulkFormat.NDJSON:
            try:
                content = strict_json(content.encode())
            except Exception as error:
                return Row(number, errors=self._lines(error))
            return self.check(number, content)
        content, errors = row_content(self.columns, content)
        row = self.check(number, content)
        if errors:
            row.filing = None
            row.errors = self._named(errors) + row.errors
        return row

    def check(self, number: int, content: Any) -> Row:
        """A row whose content is in the API's shape."""
        row = Row(number, content=content)
        try:
            row.filing, row.photos = self._checked(content)
        except Exception as error:
            row.errors = self._lines(error)
        return row

    def _checked(self, content: Any) -> tuple[Filing, list[str]]:
        if isinstance(content, Mapping):
            content = {k: v for k, v in content.items() if k not in IGNORED}
        photos = photo_names(content.pop(PHOTOS, [])) if isinstance(content, dict) else []
        given = split(self.shape.run_validation(content))
        case = given["case"]
        self._set_alliance(case)
        rules.check_case(case, given["child"])
        filing = Filing(case, given["child"], given["marks"] or (), given["external_ids"] or ())
        return filing, photos

    def _set_alliance(self, case: dict[str, Any]) -> None:
        named = case.pop("alliance_id", None)
        if named is not None and named != self.job.alliance_id:
            words = _("An import's cases belong to whom it was sent for. Leave this out.")
            raise Invalid({"alliance": ("unknown_alliance", words)})
        if self.job.alliance_id is not None:
            case["alliance"] = self.job.alliance

    def _lines(self, error: Exception) -> list[Line]:
        lines = lines_of(error)
        if lines is None:
            raise error
        return self._named(lines)

    def _named(self, lines: Sequence[Mapping[str, Any]]) -> list[Line]:
        """Each with the column that it is about, where there is one."""
        named = []
        for line in lines:
            known = [at for at in self.headings if line["pointer"].startswith(at)]
            column = self.headings[max(known, key=len)] if known else ""
            named.append({**line, **({"column": column} if column else {})})
        return named


def photo_names(value: Any) -> list[str]:
    """Names of files, without folders; raises DomainError."""
    good = isinstance(value, list) and len(value) <= MOST_PHOTOS
    good = good and all(
        isinstance(name, str) and 0 < len(name) <= 200 and not set("/\\:") & set(name)
        for name in value
    )
    if not good:
        words = _(
            "Name photos by their files' names, without folders and never by an address: at most "
            "%(most)s."
        )
        raise Invalid({PHOTOS: ("invalid", words % {"most": MOST_PHOTOS})})
    return list(dict.fromkeys(value))


def _line(pointer: str, code: str, words: Any) -> Line:
    return {"pointer": pointer, "code": code, "detail": str(words)}
