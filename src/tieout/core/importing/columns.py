"""The columns of a file and how a cell is read.

In: the text of one cell. Out: its value, or `Unreadable` with a reason that says what to write instead. Always: a
decimal point only, ISO dates only, no guessing: 1,234 is neither 1.234 nor 1234 until a person says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YES_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


class Unreadable(ValueError):
    """The cell cannot be read; the text is the reason."""


def as_text(cell: str) -> str:
    return cell


def as_kept_text(cell: str) -> str:
    """A text without the apostrophe that Tieout's own files put before what a spreadsheet would run as a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(("=", "+", "-", "@")) else cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `missing`: what an empty cell is. `on_first_row`: only a document's first row must have it."""

    name: str
    meaning: str
    example: str
    required: bool = False
    read: Callable[[str], Any] = as_text
    missing: Any = ""
    on_first_row: bool = False


@lru_cache(maxsize=20_000)
def as_number(cell: str) -> Decimal:
    if NUMBER.fullmatch(cell) and len(cell) <= 40:
        return Decimal(cell)
    if "," in cell:
        raise Unreadable("uses a comma; write a decimal point and no thousands separator, such as 1234.50")
    if cell.endswith("%"):
        raise Unreadable("has a percent sign; write the number alone, such as 12.5")
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", cell):
        raise Unreadable("is in a spreadsheet's short notation; format the column as a number and save again")
    if len(cell) > 40:
        raise Unreadable("is too long for a number")
    raise Unreadable("is not a number; write digits and a decimal point only, such as 1234.50")


@lru_cache(maxsize=20_000)
def as_date(cell: str) -> date:
    if not ISO_DATE.fullmatch(cell):
        if re.fullmatch(r"[0-9]{5}", cell):
            raise Unreadable("is a spreadsheet's day number; format the column as YYYY-MM-DD and save again")
        raise Unreadable("is not a date as YYYY-MM-DD, such as 2026-03-31")
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise Unreadable("is not a day of the calendar") from None


def as_yes_no(cell: str) -> bool:
    try:
        return YES_NO[cell.lower()]
    except KeyError:
        raise Unreadable("is neither yes nor no") from None


def as_named_texts(cell: str) -> dict[str, str]:
    """`Name=text; Name=text`."""
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in cell.split(";"))):
        name, sign, value = (each.strip() for each in part.partition("="))
        if not (name and sign and value):
            raise Unreadable("is not a list such as Colour=White; Season=Winter")
        if name in found:
            raise Unreadable(f"names {name} twice; keep one of the two")
        found[name] = value
    return found


def attributes_column(meaning: str, example: str, *, name: str = "attributes", on_first_row: bool = False) -> Column:
    """A column of named texts."""
    return Column(name, meaning, example, read=as_named_texts, missing={}, on_first_row=on_first_row)


def as_currency(cell: str) -> str:
    return cell.upper()


def one_of(choices: Mapping[str, str]) -> Callable[[str], str]:
    """Reads one of a few words, whatever the case; spaces, hyphens and underscores are alike."""
    known = {_plain(word): value for word, value in choices.items()}

    def read(cell: str) -> str:
        try:
            return known[_plain(cell)]
        except KeyError:
            raise Unreadable(f"is not one of {', '.join(choices)}") from None

    return read


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]", "", word).lower()
