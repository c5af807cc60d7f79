"""Reading sheets in bounds: rows of text by number, or a refusal in words.

A sheet's first row names its columns; rows are counted as the sheet shows them, so the first row of
data is row 2. Nothing here knows what the columns mean.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import DomainError, Words

MAX_COLUMNS: Final = 200
MAX_CELL: Final = 32_767
"""Characters; what a cell of XLSX can hold at most."""
MAX_UNPACKED: Final = 300 * 1024 * 1024
MAX_SHARED: Final = 64 * 1024 * 1024
"""Of the workbook's shared texts, which are held in memory."""
MAX_RATIO: Final = 150
"""How many times its packed size a workbook's part may unpack to; sheets of text reach 40."""
RATIO_FROM: Final = 1024 * 1024
MAX_PARTS: Final = 2_000
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:$]{1,24})"')
_OVERLAP: Final = 200

Row = tuple[int, list[str]]


class TableRefused(DomainError):
    """The file as a whole can't be read; the message says what to do about it."""


def read_csv(data: bytes) -> Iterator[Row]:
    """Rows of a CSV file in UTF-8 or GB18030, set apart by commas, semicolons or tabs."""
    text = decoded(data)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    csv.field_size_limit(MAX_CELL * 4)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, _checked(number, cells)
    except csv.Error as error:
        words = _("The sheet can't be read beyond line %(line)s. Is a quotation mark left open?")
        raise TableRefused("malformed_csv", words % {"line": reader.line_num}) from error


def decoded(data: bytes) -> str:
    """Text in UTF-8, with or without its mark, or in GB18030; raises TableRefused."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise TableRefused(
        "wrong_encoding",
        _("This text is neither UTF-8 nor GB18030. Please save the sheet as 'CSV UTF-8'."),
    )


def _checked(number: int, cells: list[str]) -> list[str]:
    if len(cells) > MAX_COLUMNS:
        words = _("Row %(row)s has more than %(most)s columns.")
        raise TableRefused("too_many_columns", words % {"row": number, "most": MAX_COLUMNS})
    return [cell.strip() for cell in cells]


def read_xlsx(data: bytes) -> Iterator[Row]:
    """Rows of a workbook's first sheet that shows; a cell with a formula is told as it stands.

    Raises TableRefused for what is no workbook, for one that unpacks beyond bounds, and for merged
    cells, of which nobody can tell which rows they speak for.
    """
    _check_archive(data)
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on styles and extensions that nothing here reads
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
            sheets = [each for each in book.worksheets if each.sheet_state == "visible"]
            if not sheets:
                raise _no_workbook()
            sheet: Any = sheets[0]
            _refuse_merged(data, sheet._worksheet_path)
            # A sheet may lie about its size, and is then read to that alone.
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield number, _checked(number, [_text(cell) for cell in cells])
    except TableRefused:
        raise
    except Exception as error:  # whatever the library stumbles over in a broken file
        raise _no_workbook() from error


def _no_workbook() -> TableRefused:
    words = _("This isn't a workbook that can be read. Please save it as XLSX once more.")
    return TableRefused("malformed_xlsx", words)


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _no_workbook() from error
    shared = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
    swollen = any(
        part.file_size > RATIO_FROM and part.file_size > MAX_RATIO * max(1, part.compress_size)
        for part in parts
    )
    unpacked = sum(part.file_size for part in parts)
    if swollen or unpacked > MAX_UNPACKED or shared > MAX_SHARED or len(parts) > MAX_PARTS:
        words: Words = _(
            "This workbook unpacks to far more than a sheet of cases holds. Please copy the "
            "rows into a new one, or save it as CSV."
        )
        raise TableRefused("unpacks_too_large", words)


def _refuse_merged(data: bytes, path: str) -> None:
    """Look through the sheet's own text: the library leaves merged cells out when it streams."""
    found: list[str] = []
    kept = b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(path) as sheet:
        while chunk := sheet.read(1024 * 1024):
            found += [ref.decode() for ref in _MERGED.findall(kept + chunk)]
            kept = chunk[-_OVERLAP:]
            if len(found) > 3:
                break
    if found:
        words = _("The cells %(cells)s are merged. Please split them, and fill in each row.")
        listed = ", ".join(dict.fromkeys(found[:3]))
        raise TableRefused("merged_cells", words % {"cells": listed})


def _text(cell: Any) -> str:
    """A cell as somebody would have typed it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
