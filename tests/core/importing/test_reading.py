"""Files as they come: encodings, delimiters, headers, and cells that mean something else elsewhere."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.core.importing.columns import Column, Unreadable, as_date, as_number, as_yes_no, one_of
from tieout.core.importing.reading import Row, Table
from tieout.core.importing.refusals import Faults, ImportRefused, NotACsv

COLUMNS = (Column("code", "", "A", True), Column("due_date", "", "B"), Column("name", "", "C"))


def rows(data: bytes) -> tuple[list[Row], list[str]]:
    faults = Faults()
    found = list(Table(io.BytesIO(data), COLUMNS, faults).rows())
    return found, [str(each) for each in faults.rows]


def cells(data: bytes) -> list[dict[str, str]]:
    found, faults = rows(data)
    assert faults == []
    return [each.cells for each in found]


def not_csv(data: bytes) -> str:
    with pytest.raises(NotACsv) as error:
        rows(data)
    return str(error.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiter_byte_order_mark_and_line_ends_do_not_matter(delimiter: str, mark: bytes, end: str) -> None:
    text = end.join(delimiter.join(row) for row in (("Code", "DUE Date", " name "), ("a", "b", "Café")))
    assert cells(mark + text.encode()) == [{"code": "a", "due_date": "b", "name": "Café"}]


def test_header_names_are_alike_with_spaces_hyphens_and_underscores() -> None:
    assert cells(b"CODE,Due-Date\n1,2\n") == cells(b"code,due_date\n1,2\n")


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks() -> None:
    found, _ = rows(b'code,name\n1,"a, ""b""\nc"\n\n2,d\n')
    assert [(each.line, each.cells["name"]) for each in found] == [(2, 'a, "b"\nc'), (5, "d")]


def test_empty_lines_and_empty_cells_at_the_end_are_passed_over() -> None:
    assert cells(b"code,name\n\n,,\n1,2,,\n") == [{"code": "1", "name": "2"}]


def test_a_row_of_another_width_is_a_fault_and_reading_goes_on() -> None:
    found, faults = rows(b"code,name\n1,2,3\n4\n5,6\n")
    assert [each.line for each in found] == [4]
    assert faults[0].startswith("line 2: has 3 values where the header has 2; put values")
    assert faults[1].startswith("line 3: has 1 values")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7\n...", "The file is a PDF document"),
        (b"PK\x03\x04....", "The file is an Excel workbook"),
        (b"\xd0\xcf\x11\xe0....", "The file is an old Excel workbook"),
        (b"\x1f\x8b....", "The file is a compressed file"),
        (b'{"a": 1}', "The file is JSON"),
        (b"<html>", "The file is a web page"),
        ("code,name\n1,2\n".encode("utf-16"), "The file is in UTF-16"),
        ("code,name\n1,2\n".encode("utf-16-le"), "The file is in UTF-16"),
        (b"code,name\n1,2\n3,Caf\xe9\n", "Line 3 holds the byte 0xE9, which is not UTF-8"),
        (b"1,2026-01-01,Cup\n", "The first row is not a header"),
        (b"\n\n", "The first row is not a header"),
        (b'code,"name\n1,2\n', "The header row cannot be read"),
        (b"code,name\n" + b"x" * 1_000_001, "Line 2 is longer than a million bytes"),
    ],
)
def test_what_is_no_csv_is_told_in_one_sentence(data: bytes, sentence: str) -> None:
    assert not_csv(data).startswith(sentence)


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("code,nmae", "line 1, nmae: is not a column of this kind; did you mean name?"),
        ("code,zzz", "line 1, zzz: is not a column of this kind; the columns are code, due_date, name"),
        ("code,,name", "line 1, column 2: is not a column of this kind; the columns are code, due_date, name"),
        ("code,name,Name", "line 1, name: appears twice in the header; keep one of them"),
        ("name", "line 1, code: is missing from the header; this column must be there"),
    ],
)
def test_a_wrong_header_is_refused_with_a_suggestion(header: str, fault: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        rows(f"{header}\n".encode())
    assert [str(each) for each in refusal.value.rows] == [fault]


def test_a_quote_that_is_never_closed_is_named_with_its_line() -> None:
    _, faults = rows(b'code,name\n1,2\n3,"open\n4,5\n')
    assert faults == ["line 3: has a double quote that is never closed; close it, or double it inside a quoted value"]


def test_text_after_a_closing_quote_is_a_fault() -> None:
    _, faults = rows(b'code,name\n1,"6" pipe"\n')
    assert faults[0].startswith("line 2: has text after a closing double quote")


@given(st.binary(max_size=300))
def test_no_bytes_whatsoever_make_the_reader_fail(data: bytes) -> None:
    for beginning in (b"", b"code,name\n"):
        try:
            rows(beginning + data)
        except (NotACsv, ImportRefused) as answer:
            assert str(answer)


@pytest.mark.parametrize(("cell", "value"), [("12", "12"), ("-0.50", "-0.5"), (".5", "0.5"), ("+7.", "7")])
def test_numbers_have_a_decimal_point(cell: str, value: str) -> None:
    assert as_number(cell) == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("12,50", "uses a comma"),
        ("1,234.50", "uses a comma"),
        ("10%", "has a percent sign"),
        ("1.5E+05", "is in a spreadsheet's short notation"),
        ("$5", "is not a number"),
        ("NaN", "is not a number"),
        ("Infinity", "is not a number"),
        ("1_000", "is not a number"),
        ("٣", "is not a number"),
        ("1" * 41, "is too long"),
    ],
)
def test_what_is_no_plain_number_has_its_own_reason(cell: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=f"^{reason}"):
        as_number(cell)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("31/03/2026", "is not a date as YYYY-MM-DD"),
        ("2026-3-1", "is not a date as YYYY-MM-DD"),
        ("20260331", "is not a date as YYYY-MM-DD"),
        ("2026-03-31T00:00:00", "is not a date as YYYY-MM-DD"),
        ("2026-02-30", "is not a day of the calendar"),
        ("46112", "is a spreadsheet's day number"),
    ],
)
def test_what_is_no_iso_date_has_its_own_reason(cell: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=f"^{reason}"):
        as_date(cell)


def test_the_other_cells_are_read_whatever_their_case() -> None:
    assert as_date("2026-03-31") == date(2026, 3, 31)
    assert (as_yes_no("YES"), as_yes_no("0")) == (True, False)
    assert one_of({"Set Up Required": "S"})("set-up required") == "S"
    with pytest.raises(Unreadable, match="neither yes nor no"):
        as_yes_no("maybe")
    with pytest.raises(Unreadable, match="is not one of Yes, No"):
        one_of({"Yes": "Y", "No": "N"})("perhaps")
