"""Tables that people keep elsewhere: read from CSV and XLSX, written inert."""

from casemgr.platform.tables.reading import MAX_COLUMNS, TableRefused, read_csv, read_xlsx
from casemgr.platform.tables.writing import csv_rows, inert, xlsx_bytes

__all__ = [
    "MAX_COLUMNS",
    "TableRefused",
    "csv_rows",
    "inert",
    "read_csv",
    "read_xlsx",
    "xlsx_bytes",
]
