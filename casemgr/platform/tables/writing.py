"""Writing sheets whose cells are only ever text: nothing in them runs when they are opened."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# What spreadsheets take for the start of a formula, also behind a tab or a line's end.
_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: what could be one gets an apostrophe."""
    return f"'{text}" if text.startswith(_STARTS) else text


def csv_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of inert cells as CSV in UTF-8, without the mark that a whole file begins with."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([inert(cell) for cell in row])
    return buffer.getvalue().encode()


def xlsx_bytes(sheets: Sequence[tuple[str, Iterable[Sequence[str]]]]) -> bytes:
    """A workbook of inert text, sheet by sheet; rows may be a generator and are held one by one."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            cells = []
            for text in row:
                cell = WriteOnlyCell(sheet, value=inert(text))
                cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
