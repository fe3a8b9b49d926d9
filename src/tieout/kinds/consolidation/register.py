"""Where a record's figures go.

In: the figures as they are now (None where the record is void or does not go), the terms that the policy gives them
(None where it goes by itself), and the rows that consolidated documents hold of it. Out: `Changes`: rows to take out of
open documents, placements to be made. Always: what closed documents hold plus what is placed equals the figures; asking
again after it was carried out changes nothing; a closed document is never touched.

    closed documents hold ──┐
    figures now ────────────┴─► the rest ─► no closed document fits: join an open one
                                            one fits: an adjusting document, an extra one or one that takes back
    open documents hold ──────► compared with that: kept where equal, else taken out and placed anew
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from tieout.kinds.consolidation.figures import Figures, total_of
from tieout.kinds.consolidation.lines import NOTHING, Key, Line, difference
from tieout.kinds.consolidation.terms import Terms


@dataclass(frozen=True, slots=True)
class Row:
    """What a document holds of a record, its lines as the record's own kind counts them. `first`, `last`: the period
    that it belongs to, whatever the document's is. `adjusts`: the closed document whose share of it this corrects."""

    id: int
    document_id: UUID
    terms: Terms
    first: date
    last: date
    open: bool
    current: bool
    counted: Decimal
    lines: tuple[Line, ...]
    adjusts: UUID | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Lines to be put into an open document of these terms. `sign`: −1 where that takes back, so that they stand there
    the other way round. `current`: what depends on the record goes to that document from now on."""

    terms: Terms
    lines: tuple[Line, ...]
    counted: Decimal
    sign: int = 1
    adjusts: UUID | None = None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """`leaves`: rows to be deleted. `released`: closed documents that the record belongs to no more."""

    leaves: tuple[Row, ...] = ()
    placements: tuple[Placement, ...] = ()
    released: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.leaves or self.placements or self.released)


def changes(kind: str, figures: Figures | None, wanted: Terms | None, rows: Sequence[Row]) -> Changes:
    """What is to be done for one record of that (plain) kind."""
    held: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.open:
            held[row.adjusts or row.document_id].append(row)
    home = _home(figures, held)
    placements = []
    for origin, group in held.items():
        if rest := _rest(kind, figures if origin == home else None, origin, group):
            placements.append(rest)
    if figures and home is None and wanted:
        lines = figures.lines(wanted.grouping)
        placements.append(Placement(wanted, lines, total_of(kind, lines, wanted.treatment), current=True))
    left, kept = _compare([row for row in rows if row.open], placements)
    released = tuple(
        row for group in held.values() for row in group if row.current and figures and row.document_id != home
    )
    return Changes(left, tuple(each for each in placements if each not in kept), released)


def _home(figures: Figures | None, held: dict[UUID, list[Row]]) -> UUID | None:
    """The closed document that the record still belongs to."""
    if figures is None:
        return None
    for origin, group in held.items():
        for row in group:
            if row.document_id == origin and row.first <= figures.day <= row.last and row.terms.fits(figures):
                return origin
    return None


def _rest(kind: str, figures: Figures | None, origin: UUID, group: list[Row]) -> Placement | None:
    """What an adjusting document must bring so that this closed one and its adjustments hold the figures."""
    terms = next((row.terms for row in group if row.document_id == origin), group[0].terms)
    now = figures.lines(terms.grouping) if figures else ()
    lines = difference(now, [line for row in group for line in row.lines])
    if not lines:
        return None
    booked = sum((row.counted for row in group), NOTHING)
    counted = total_of(kind, now, terms.treatment) - booked
    adds = total_of(kind, lines, terms.treatment) >= 0
    if kind == "journal":
        return Placement(terms, lines, counted, adjusts=origin)
    return Placement(terms if adds else terms.reversed(), lines, counted, 1 if adds else -1, origin)


def _compare(rows: Iterable[Row], placements: Sequence[Placement]) -> tuple[tuple[Row, ...], list[Placement]]:
    """Which rows of open documents must go, and which placements stand there already."""
    kept: list[Placement] = []
    left: list[Row] = []
    for row in rows:
        same = next((each for each in placements if each not in kept and _stands(row, each)), None)
        if same is None:
            left.append(row)
        else:
            kept.append(same)
    return tuple(left), kept


def _stands(row: Row, placement: Placement) -> bool:
    natural = replace(row.terms, first=row.first, last=row.last)
    return (natural == placement.terms or placement.adjusts is not None) and (
        row.adjusts,
        row.lines,
        row.counted,
        row.terms.kind,
        row.terms.type,
    ) == (
        placement.adjusts,
        placement.lines,
        placement.counted,
        placement.terms.kind,
        placement.terms.type,
    )


# -- parts ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Part:
    """An open document of a run. `keys`: the lines that it has, as far as the limit counts them."""

    id: UUID
    terms: Terms
    limit: int
    adjusts: UUID | None = None
    keys: set[Key] = field(default_factory=set)

    def has_room(self, keys: set[Key]) -> bool:
        """A record is never split: one of more lines than the limit has a document to itself."""
        return not self.keys or len(self.keys | keys) <= self.limit


Load = Callable[[Terms, UUID | None], list[Part]]
Make = Callable[[Placement], Part]


class Parts:
    """The open documents, found or made as lines are placed. `load` finds those of earlier runs."""

    def __init__(self, load: Load, make: Make) -> None:
        self._load, self._make = load, make
        self._open: dict[tuple[str, UUID | None], list[Part]] = {}

    def place(self, placement: Placement) -> Part:
        """The document that takes these lines: the first with room, or a new one."""
        bucket = (placement.terms.key, placement.adjusts)
        if bucket not in self._open:
            self._open[bucket] = self._load(placement.terms, placement.adjusts)
        keys = keys_of(placement.lines, placement.sign, placement.terms.kind)
        part = next((each for each in self._open[bucket] if each.has_room(keys)), None)
        if part is None:
            part = self._make(placement)
            self._open[bucket].append(part)
        part.keys |= keys
        return part


def keys_of(lines: Iterable[Line], sign: int, kind: str) -> set[Key]:
    """What the lines will be told apart by in the document: as many keys, as many lines."""
    by_side = kind == "consolidated_journal"
    found: set[Key] = set()
    for number, line in enumerate(lines):
        apart = (line.amount, line.description, number) if line.alone else by_side and sign * line.amount < 0
        found.add((*line.key, apart))
    return found
