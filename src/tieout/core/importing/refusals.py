"""What an import answers.

ImportResult     it went well
NotACsv          the file cannot be read as CSV at all; nothing else was looked at
ImportRefused    rows are bad; nothing was loaded
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

KEPT = 1000
VALUE_SHOWN = 80


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Counts of records (`rows`: of lines of the file, without the header) and how long it took."""

    created: int
    changed: int
    unchanged: int
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BadRow:
    """One fault. `line` counts the file's lines from 1, the header being line 1; `column` is empty for a whole row."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: “{self.value}” {self.reason}" if self.value else f"{where}: {self.reason}"


class NotACsv(Exception):
    """The file is empty, of another format or in another encoding; the text says which, and what to do."""


class ImportRefused(Exception):
    """Nothing was loaded. `rows` holds the first 1,000 faults in the file's order, `total` counts all."""

    def __init__(self, rows: Sequence[BadRow], total: int) -> None:
        self.rows = list(rows)
        self.total = total
        faults = "1 fault" if total == 1 else f"{total:,} faults"
        super().__init__(f"{faults}, so nothing was loaded; the first: {self.rows[0]}")


@dataclass(slots=True)
class Faults:
    """The bad rows met so far; keeps the first 1,000 and counts the rest."""

    rows: list[BadRow] = field(default_factory=list)
    total: int = 0

    def add(self, line: int, column: str, value: str, reason: str) -> None:
        self.total += 1
        if len(self.rows) < KEPT:
            shown = value if len(value) <= VALUE_SHOWN else value[:VALUE_SHOWN] + "…"
            self.rows.append(BadRow(line, column, shown, reason))
