"""A file cut into sealed parts of some rows each: any number of rows takes little memory."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from casemgr.platform import tables
from casemgr.platform.errors import DomainError
from casemgr.platform.rest.parsing import MAX_JSON_BYTES
from cases.bulk.columns import heading_columns
from cases.models import BulkFormat, ImportJob, ImportPart

MAX_ROWS: Final = 50_000
PART_ROWS = 250
PART_BYTES: Final = 2 * 1024 * 1024

# A row on its way: its number, and its line, its cells, or the code of what is wrong with it.
Piece = tuple[int, Any, str]


def cut(job: ImportJob, data: bytes) -> None:
    """Write the parts, the number of rows and the columns; raises DomainError for a bad file.

    The caller saves the job, in the same transaction.
    """
    pieces = _lines(data) if job.format == BulkFormat.NDJSON else _cells(job, data)
    count = 0
    for number, part in enumerate(_parts(pieces)):
        count += len(part)
        if count > MAX_ROWS:
            words = _("One file brings in %(most)s cases at most. Please send it in several.")
            raise DomainError("too_many_rows", words % {"most": MAX_ROWS})
        ImportPart.objects.create(
            job=job, number=number, content=json.dumps(part, ensure_ascii=False)
        )
    if not count:
        raise DomainError("empty", _("There are no rows in this file."))
    job.rows = count


def pieces_of(part: ImportPart) -> list[Piece]:
    """What `cut` put into a part."""
    return [(number, content, code) for number, content, code in json.loads(part.content)]


def first_lines(data: bytes, most: int) -> list[Piece]:
    """The first lines of NDJSON that say something."""
    return list(islice(_lines(data), most))


def _parts(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    part: list[Piece] = []
    size = 0
    for piece in pieces:
        part.append(piece)
        size += len(piece[1]) if isinstance(piece[1], str) else sum(map(len, piece[1] or ()))
        if len(part) >= PART_ROWS or size >= PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _lines(data: bytes) -> Iterator[Piece]:
    """Lines that say something; a line that can't be read is a bad row, not a bad file."""
    start, number = 0, 0
    if data.startswith(b"\xef\xbb\xbf"):
        start = 3
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        number += 1
        raw = data[start:end].strip()
        start = end + 1
        if not raw:
            continue
        if len(raw) > MAX_JSON_BYTES:
            yield number, None, "too_large"
            continue
        try:
            yield number, raw.decode("utf-8"), ""
        except UnicodeDecodeError:
            yield number, None, "wrong_encoding"


def sheet_rows(format: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet by number; raises DomainError for what can't be read."""
    return tables.read_csv(data) if format == BulkFormat.CSV else tables.read_xlsx(data)


def _cells(job: ImportJob, data: bytes) -> Iterator[Piece]:
    headed = False
    for number, cells in sheet_rows(job.format, data):
        if not any(cells):
            continue
        if not headed:
            if not job.mapping:
                heading_columns(cells)
            job.columns = headings(cells)
            headed = True
            continue
        extra = cells[len(job.columns) :]
        yield number, cells[: len(job.columns)], "beyond_the_columns" if any(extra) else ""


def headings(cells: Sequence[str]) -> list[str]:
    """The first row's cells, as a job keeps them; empty ones at its end name nothing."""
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return [cell[:60] for cell in kept]
