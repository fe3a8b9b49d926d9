"""From bytes to rows: encoding, delimiter and header.

In: a binary file. Out: `Row`s, each with the line it starts on and its cells by column. Always: read line by line, so
memory stays flat; UTF-8 with or without a byte order mark; what cannot be CSV is `NotACsv` with a sentence that says
what it is instead; faults of single rows go to `Faults` and reading goes on where it can.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from tieout.core.importing.columns import Column
from tieout.core.importing.refusals import Faults, ImportRefused, NotACsv

LONGEST_LINE = 1_000_000
OTHER_FORMATS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "a compressed file"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<", "a web page or XML"),
)


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: dict[str, str]


class Table:
    """The rows of one file. `done` counts the bytes read so far, `count` the rows that are not blank."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column], faults: Faults) -> None:
        self.done = 0
        self.count = 0
        self._file = file
        self._columns = columns
        self._faults = faults

    def rows(self) -> Iterator[Row]:
        """Every row that has the right number of cells; blank rows are passed over."""
        first = self._first_line()
        reader = csv.reader(self._lines(first), delimiter=_delimiter(first), strict=True)
        header = self._header(reader)
        width = len(header)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._faults.add(line, "", "", _quoting(error))
                return
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            self.count += 1
            if len(cells) == width or (len(cells) > width and not any(cells[width:])):
                yield Row(line, dict(zip(header, cells, strict=False)))
            else:
                advice = "put values that hold the delimiter in double quotes" if len(cells) > width else "fill it up"
                self._faults.add(line, "", "", f"has {len(cells)} values where the header has {width}; {advice}")

    def _first_line(self) -> str:
        raw = self._file.readline(LONGEST_LINE)
        if not raw:
            raise NotACsv("The file is empty. It must begin with a header row that names the columns.")
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or raw.count(0) > len(raw) // 4:
            raise NotACsv("The file is in UTF-16. Save it again as “CSV UTF-8”.")
        for beginning, name in OTHER_FORMATS:
            if raw.startswith(beginning):
                raise NotACsv(f"The file is {name}, not CSV. Export or save it as “CSV UTF-8” first.")
        self.done += len(raw)
        return self._decoded(raw.removeprefix(b"\xef\xbb\xbf"), 1)

    def _lines(self, first: str) -> Iterator[str]:
        yield first
        number = 1
        while raw := self._file.readline(LONGEST_LINE):
            number += 1
            if len(raw) == LONGEST_LINE:
                raise NotACsv(f"Line {number} is longer than a million bytes, so this is hardly a CSV file.")
            self.done += len(raw)
            yield self._decoded(raw, number)

    def _decoded(self, raw: bytes, number: int) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = raw[error.start]
            raise NotACsv(
                f"Line {number} holds the byte 0x{byte:02X}, which is not UTF-8. Save the file again as “CSV UTF-8”."
            ) from None

    def _header(self, reader: Iterator[list[str]]) -> list[str]:
        try:
            cells = next(reader)
        except csv.Error as error:
            raise NotACsv(f"The header row cannot be read: it {_quoting(error)}.") from None
        names = [re.sub(r"[\s_-]+", "_", cell.strip().lower()) for cell in cells]
        while names and not names[-1]:
            names.pop()
        known = [column.name for column in self._columns]
        if not set(names) & set(known):
            raise NotACsv(f"The first row is not a header. It must name the columns: {', '.join(known)}.")
        self._check_header(names, known)
        return names

    def _check_header(self, names: list[str], known: list[str]) -> None:
        for index, name in enumerate(names):
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                advice = f"did you mean {near[0]}?" if near else f"the columns are {', '.join(known)}"
                self._faults.add(1, name or f"column {index + 1}", "", f"is not a column of this kind; {advice}")
            elif name in names[:index]:
                self._faults.add(1, name, "", "appears twice in the header; keep one of them")
        for column in self._columns:
            if column.required and column.name not in names:
                self._faults.add(1, column.name, "", "is missing from the header; this column must be there")
        if self._faults.total:
            raise ImportRefused(self._faults.rows, self._faults.total)


def _delimiter(header: str) -> str:
    bare = re.sub(r'"[^"]*"', "", header)
    return max(",;\t", key=bare.count)


def _quoting(error: csv.Error) -> str:
    text = str(error)
    if "end of data" in text or "field larger" in text:
        return "has a double quote that is never closed; close it, or double it inside a quoted value"
    if "expected after" in text:
        return "has text after a closing double quote; double a quote that belongs to the value"
    return f"cannot be read as CSV ({text}); nothing after it was looked at"
