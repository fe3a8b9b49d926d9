"""Reports as files: CSV and Excel.

In: columns and rows of plain values. Out: CSV in pieces, or an .xlsx in a temporary file. Always: memory does not grow
with the rows; numbers stay numbers and days stay days; text that a spreadsheet would run as a formula stays text.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from tieout.reports.synchronization import Column

# Spreadsheets take a cell that begins with one of these for a formula, or for something that leads to one.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
ROWS_PER_SHEET = 1_048_576  # Excel's limit
TOGETHER = 500
WIDTHS = {"text": 22, "day": 12, "moment": 17, "amount": 14, "whole": 10}


def neutral(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def csv_pieces(columns: Sequence[Column], rows: Iterable[object]) -> Iterator[bytes]:
    """UTF-8 with a byte-order mark (Excel needs it), days as 2026-03-31, moments in UTC."""
    buffer = io.StringIO()
    write = csv.writer(buffer).writerow
    buffer.write("\ufeff")
    write([column.title for column in columns])
    for number, row in enumerate(rows, 1):
        write([_csv_cell(getattr(row, column.name)) for column in columns])
        if number % TOGETHER == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | Decimal | int):
        return str(value)
    return neutral(str(value))


def xlsx_file(columns: Sequence[Column], rows: Iterable[object], title: str) -> IO[bytes]:
    """A finished workbook of one table, open for reading from its start; it vanishes when closed."""
    return xlsx_book([(title, columns, rows)])


def xlsx_book(tables: Iterable[tuple[str, Sequence[Column], Iterable[object]]]) -> IO[bytes]:
    """The same with several tables, each on a sheet of its own: its title, columns and rows."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the caller streams and closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(file, options) as book:
        for title, columns, rows in tables:
            sheet = _Sheets(book, columns, title)
            for row in rows:
                sheet.add(row)
    file.seek(0)
    return file


class _Sheets:
    """Rows one after the other, on a further sheet where one is full."""

    def __init__(self, book: Any, columns: Sequence[Column], title: str) -> None:
        self._book, self._columns, self._title = book, columns, title
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._formats = {
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
            "whole": book.add_format({"num_format": "0"}),
            "text": None,
        }
        self._count = 0
        self._begin()

    def _begin(self) -> None:
        self._count += 1
        name = self._title if self._count == 1 else f"{self._title} {self._count}"
        self._sheet = self._book.add_worksheet(name[:31])
        self._sheet.freeze_panes(1, 0)
        for position, column in enumerate(self._columns):
            self._sheet.set_column(position, position, WIDTHS[column.sort])
            self._sheet.write_string(0, position, column.title, self._head)
        self._row = 1

    def add(self, row: object) -> None:
        if self._row == ROWS_PER_SHEET:
            self._begin()
        for position, column in enumerate(self._columns):
            value = getattr(row, column.name)
            style = self._formats[column.sort]
            if value is None or value == "":
                continue
            if isinstance(value, datetime):
                self._sheet.write_datetime(self._row, position, value.astimezone(UTC), style)
            elif isinstance(value, date):
                self._sheet.write_datetime(self._row, position, value, style)
            elif isinstance(value, Decimal | int):
                self._sheet.write_number(self._row, position, value, style)
            else:
                self._sheet.write_string(self._row, position, str(value), style)
        self._row += 1
