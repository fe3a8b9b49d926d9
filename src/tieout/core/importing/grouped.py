"""Records of several rows: the rows of one document, journal or money task stand one after another.

Always: what belongs to the record as a whole is on its first row; further rows may repeat it or leave it empty, but not
contradict it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from tieout.core.importing.reading import Row
from tieout.core.importing.sheet import Item, Parsed, Sheet

F = TypeVar("F")


class GroupedSheet(Sheet[F]):
    """The importer of a kind whose records have lines, one row each."""

    def items(self, rows: Iterator[Row]) -> Iterator[Item[F]]:
        """Group the rows by their number. A group with an unreadable row is reported and left out as a whole."""
        group: Item[F] | None = None
        sound = True
        for row in rows:
            later = group is not None and self._belongs(row, group)
            parsed = self.parse(row, later=later)
            if not later:
                if group is not None and sound:
                    yield group
                group = Item([parsed or Parsed(row.line, {}, row.cells)])
                sound = parsed is not None
            elif parsed is None:
                sound = False
            elif group is not None:
                sound = self._agrees(parsed, group.rows[0]) and sound
                group.rows.append(parsed)
        if group is not None and sound:
            yield group

    def _belongs(self, row: Row, group: Item[F]) -> bool:
        return row.cells.get("number") == group.rows[0].raw.get("number")

    def _agrees(self, row: Parsed, first: Parsed) -> bool:
        agrees = True
        for column in self.columns:
            if column.on_first_row and row.raw.get(column.name):
                name = column.name
                if first.values and row.values[name] != first.values[name]:
                    there = first.raw.get(name, "")
                    self.fault(row, name, f"contradicts “{there}” on line {first.line}, the document’s first row")
                    agrees = False
        return agrees

    def repeated(self, before: int) -> str:
        return f"begins on line {before} already; keep the rows of one document together"
