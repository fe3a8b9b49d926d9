"""What every kind's importer has in common: reading cells, telling new from changed from unchanged, reporting faults.

In: rows of a file. Out: records created by COPY, records changed through `core.operations`, faults. Always: a record is
one `Item`, made of one row or of a document's rows; a subclass says only what is particular to its kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from tieout.core.importing.columns import Column, Unreadable
from tieout.core.importing.reading import Row
from tieout.core.importing.refusals import Faults
from tieout.core.models import Organisation
from tieout.core.rules import Problem, Refused
from tieout.core.setup import Setup

F = TypeVar("F")


@dataclass(slots=True)
class Job:
    """One import: for whom, by whom, and what came of it so far."""

    organisation: Organisation
    setup: Setup
    actor: str
    at: datetime
    detail: str
    faults: Faults
    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Parsed:
    """One row with its cells read; `raw` keeps the texts for fault reports."""

    line: int
    values: dict[str, Any]
    raw: dict[str, str]


@dataclass(slots=True)
class Item(Generic[F]):
    """One record of the file. `status` is what it should be where that is no field of its own."""

    rows: list[Parsed]
    fields: F | None = None
    status: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def first(self) -> dict[str, Any]:
        return self.rows[0].values


@dataclass(slots=True)
class Existing(Generic[F]):
    """The record as Core has it."""

    id: Any
    fields: F
    status: str = ""
    found: dict[str, Any] = field(default_factory=dict)


class Sheet(ABC, Generic[F]):
    """The importer of one kind."""

    record_kind: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    renamed: ClassVar[dict[str, str]] = {}
    """Columns whose name differs from the field that a rule speaks of."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._lines: dict[Hashable, int] = {}

    @abstractmethod
    def key(self, item: Item[F]) -> Hashable:
        """What may occur only once in a file."""

    @abstractmethod
    def look_up(self, items: list[Item[F]]) -> list[Item[F]]:
        """Resolve references for all items at once and set `fields`; an item with a fault is reported and left out."""

    @abstractmethod
    def existing(self, items: list[Item[F]]) -> dict[Hashable, Existing[F]]:
        """Those that Core has already, by `match`."""

    @abstractmethod
    def match(self, item: Item[F]) -> Hashable:
        """What `existing` is keyed by."""

    @abstractmethod
    def problems(self, item: Item[F]) -> list[Problem]:
        """The rules of a new record."""

    @abstractmethod
    def create(self, items: list[Item[F]]) -> None:
        """Write new records, their events and touches."""

    @abstractmethod
    def change(self, item: Item[F], existing: Existing[F]) -> None:
        """Bring an existing record to what the file says, through Core's operations. May raise Refused."""

    def items(self, rows: Iterator[Row]) -> Iterator[Item[F]]:
        """One item per row; documents group theirs."""
        for row in rows:
            parsed = self.parse(row)
            if parsed is not None:
                yield Item([parsed])

    def take(self, items: list[Item[F]]) -> None:
        """Load one portion of the file."""
        items = [item for item in self.look_up(items) if self._once(item)]
        known = self.existing(items)
        new = []
        for item in items:
            existing = known.get(self.match(item))
            if existing is not None:
                self._keep_unnamed(item, existing)
            if existing is None:
                if self.accept(item, self.problems(item)):
                    new.append(item)
            elif existing.fields == item.fields and existing.status == item.status:
                self.job.unchanged += 1
            else:
                self._change(item, existing)
        if new and not self.job.faults.total:
            self.create(new)
        self.job.created += len(new)

    def _keep_unnamed(self, item: Item[F], existing: Existing[F]) -> None:
        """What the file has no column for stays as Core has it; an empty cell, by contrast, empties the field."""
        header = item.rows[0].raw
        unnamed = {column.name for column in self.columns if column.name not in header}
        if "status" in unnamed:
            item.status = existing.status
        names = [each.name for each in fields(item.fields) if each.name.removesuffix("_id") in unnamed]  # type: ignore[arg-type]
        if names:
            kept = {name: getattr(existing.fields, name) for name in names}
            item.fields = replace(item.fields, **kept)  # type: ignore[type-var]

    def _change(self, item: Item[F], existing: Existing[F]) -> None:
        try:
            self.change(item, existing)
        except Refused as refusal:
            self.accept(item, refusal.problems)
        else:
            self.job.changed += 1

    def _once(self, item: Item[F]) -> bool:
        line = item.rows[0].line
        before = self._lines.setdefault(self.key(item), line)
        if before == line:
            return True
        name = self.columns[0].name
        self.fault(item.rows[0], name, self.repeated(before))
        return False

    def repeated(self, before: int) -> str:
        return f"is on line {before} already; keep one of the two rows"

    def parse(self, row: Row, *, later: bool = False) -> Parsed | None:
        """Read the cells. `later`: a further row of a document, whose first row has what is required."""
        parsed = Parsed(row.line, {}, row.cells)
        sound = True
        for column in self.columns:
            cell = row.cells.get(column.name, "")
            if cell:
                try:
                    parsed.values[column.name] = column.read(cell)
                except Unreadable as reason:
                    self.fault(parsed, column.name, str(reason))
                    sound = False
            else:
                parsed.values[column.name] = column.missing
                if column.required and not (later and column.on_first_row):
                    self.fault(parsed, column.name, "is empty; it must be given")
                    sound = False
        return parsed if sound else None

    def accept(self, item: Item[F], problems: Sequence[Problem]) -> bool:
        """Whether there are no problems; those there are become faults of the rows that they belong to."""
        for problem in problems:
            row = item.rows[problem.line or 0]
            column = self.renamed.get(problem.field, problem.field)
            if column in row.raw:
                self.fault(row, column, problem.reason)
            else:
                self.job.faults.add(row.line, column, problem.value, problem.reason)
        return not problems

    def fault(self, row: Parsed, column: str, reason: str) -> None:
        self.job.faults.add(row.line, column, row.raw.get(column, ""), reason)

    def named(self, row: Parsed, column: str, known: Any, what: str) -> Any:
        """The id behind a name in a cell (without regard to case), None if empty; an unknown name is a fault."""
        name: str = row.values[column]
        if not name:
            return None
        found = known.get(name.lower())
        if found is None:
            self.fault(row, column, f"is not {what} of this organisation; create it first, or correct the name")
        return found


def ids_by(manager: Any, organisation: Organisation, name: str, wanted: set[str]) -> dict[str, UUID]:
    """Ids of records by code, SKU or number."""
    return dict(manager.filter(organisation=organisation, **{f"{name}__any": wanted}).values_list(name, "id"))
