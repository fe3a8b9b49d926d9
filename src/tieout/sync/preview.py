"""What a sync would do now, record by record, without asking Xero and without changing anything.

In: an organisation's ledger; other books where settings or mappings are to be tried out. Out: a `Line` for every record
that is open (due, held, waiting, refused), chunk by chunk, each with its action, the exact payload and what Xero is
expected to say. Always: reads only; works on what Xero showed last; what waits for a record that this same sync would
send is planned as if that record stood in Xero already, and told as going after it. What is planned moves the balances
that later lines see, as sending it would; what a balance held is looked at again where something gave back.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import structs

from tieout.core.records import CoreRecord, RecordKey
from tieout.kinds.books import Agreed, Books, Seen
from tieout.kinds.kind import AnyKind, Facts
from tieout.kinds.registry import KINDS, by_rank
from tieout.sync import bulk, outbox
from tieout.sync.clock import Clock
from tieout.sync.ledger import Ledger, digest
from tieout.sync.models import Status
from tieout.sync.plan import BY_SETTINGS, HELD, Adopt, Carried, Claims, Decision, LeaveOut, Unfit, Wait, Write, decide
from tieout.sync.planning import CHUNK, Planned


class Verdict(StrEnum):
    """What is to be expected for a record."""

    ACCEPT = "accept"  # goes, and Xero would take it as far as can be known
    HOLD = "hold"  # does not go: something is known to be in the way
    REFUSE = "refuse"  # Xero has refused just this before
    NOTHING = "nothing"  # there is nothing to send


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of one record. `entry_id` is 0 for one that is not in Sync History yet; `after` names the
    record that goes before it in the same sync; `write` is what would be sent; `place`: where it stands in the list."""

    key: RecordKey
    entry_id: int
    place: int
    facts: Facts
    action: str
    verdict: Verdict
    code: str = ""
    why: str = ""
    advice: str = ""
    after: str = ""
    write: Write | None = None

    @property
    def goes(self) -> bool:
        return self.verdict is Verdict.ACCEPT

    def stays(self, action: str, verdict: Verdict, code: str = "", why: str = "", advice: str = "") -> Line:
        """The line of a record that does not go, and why."""
        return dataclasses.replace(self, action=action, verdict=verdict, code=code, why=why, advice=advice)

    def planned(self) -> Planned | None:
        """As the push phase would get it."""
        return Planned(self.entry_id, self.key, self.write) if self.goes and self.write else None


@dataclass(frozen=True, slots=True)
class Place:
    """How far a list of lines has come: those of Sync History first, then records that were never queued."""

    queued: bool = True
    last: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """An open record as Sync History (or the outbox) has it. `place`: where it stands in its list."""

    place: int
    record_id: UUID
    entry_id: int
    status: Status
    touched: bool
    local: bool
    refused_fingerprint: str
    reason_code: str
    reason: str
    advice: str
    next_try_at: datetime | None


@dataclass(slots=True)
class Standing:
    """A record that will stand in Xero by the time others need it."""

    agreed: Agreed
    seen: Seen | None


@dataclass(slots=True)
class Preview:
    """One look ahead. `books`: others than those of the connection; `as_changed`: what was held or left out by settings
    and mappings is looked at anew, as after a change of them."""

    ledger: Ledger
    clock: Clock
    books: Books | None = None
    as_changed: bool | None = None
    _base: Books = field(init=False)
    _claims: Claims = field(default_factory=Claims)
    _standing: dict[RecordKey, Standing | None] = field(default_factory=dict)
    _labels: dict[RecordKey, str] = field(default_factory=dict)
    _moved: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    gave_back: bool = False

    def __post_init__(self) -> None:
        self._base = self.books or self.ledger.base_books()
        if self.as_changed is None:
            self.as_changed = digest(self._base) != self.ledger.connection.books_digest

    def lines(self, kind: AnyKind, start: Place = Place(), chunk: int = CHUNK) -> Iterator[tuple[list[Line], Place]]:
        """The lines of one kind in the order of a sync, each chunk with the place where it began."""
        place = start
        while found := self._open(kind, place, chunk):
            yield self._plan(kind, found), place
            place = Place(place.queued, found[-1].place)
        if place.queued:
            yield from self.lines(kind, Place(queued=False), chunk)

    def one(self, kind: AnyKind, record_id: UUID) -> Line | None:
        """The line of one record; None where it is not open."""
        return next(iter(self._plan(kind, self._open_of(kind, [record_id]))), None)

    # -- balances ----------------------------------------------------------------------------------------------------

    def sent(self, lines: Iterable[Line]) -> None:
        """Hear what these lines take of the balances of other documents, or give back, once they are sent."""
        for line in lines:
            if line.goes and line.write:
                for document, amount in line.write.moves.items():
                    self._moved[document] += amount
                self.gave_back |= line.write.action == "void" and bool(line.write.moves)

    def again(self, kind: AnyKind, lines: Sequence[Line]) -> list[Line]:
        """What these lines become when the sync looks at them a second time, after all else was sent."""
        found = self._open_of(kind, [line.key.id for line in lines])
        return self._plan(kind, [dataclasses.replace(each, touched=True) for each in found])

    def _settled(self, seen: Mapping[str, Seen]) -> dict[str, Seen]:
        """The last-seen views, as what was planned before leaves them."""
        moved = self._moved
        return {
            key: _after(view, moved[key]) if key in moved and view.due is not None else view
            for key, view in seen.items()
        }

    # -- what is open ------------------------------------------------------------------------------------------------

    def _open(self, kind: AnyKind, place: Place, chunk: int) -> list[Open]:
        statement = _QUEUED if place.queued else _NEW
        return self._rows(statement, kind, where_id=place.last, chunk=chunk)

    def _open_of(self, kind: AnyKind, ids: Sequence[UUID]) -> list[Open]:
        wanted = {"where_id": 0, "chunk": 2 * len(ids), "ids": list(ids)}
        return [each for text in (_QUEUED, _NEW) for each in self._rows(text, kind, **wanted)]

    def _rows(self, statement: str, kind: AnyKind, **values: Any) -> list[Open]:
        cursor = bulk.run(
            statement,
            **{
                "ids": None,
                "organisation": self.ledger.connection.organisation_id,
                "kind": kind.name,
                "left_out": list(BY_SETTINGS) if self.as_changed else [],
                "by_hand": outbox.BY_HAND,
                **values,
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return [Open(values[0], values[1], values[2], Status(values[3]), *values[4:]) for values in rows]

    # -- what becomes of it ------------------------------------------------------------------------------------------

    def _plan(self, kind: AnyKind, found: Sequence[Open]) -> list[Line]:
        """A line for each, and remember which of them will stand in Xero."""
        records = self.ledger.records(kind, [each.record_id for each in found])
        looked_at = [records[each.record_id] for each in found if each.record_id in records]
        books = self.ledger.books_for(self._base, kind, looked_at)
        if self._moved:
            books = dataclasses.replace(books, seen=self._settled(books.seen))
        decisions = {record.key.id: decide(kind, record, books, self._claims) for record in looked_at}
        after = self._look_past_waits(kind, books, looked_at, decisions)
        lines = []
        for each in found:
            record = records.get(each.record_id)
            decision = decisions.get(each.record_id) or LeaveOut("record-gone", "The record no longer exists in Core.")
            facts = kind.facts(record) if record else Facts("", "", None, None, "")
            key = RecordKey(kind.name, each.record_id)
            line = self._line(each, key, facts, decision)
            if line.goes and (first := after.get(each.record_id)):
                line = dataclasses.replace(line, after=self._label(first))
            self._remember(kind, line, decision)
            lines.append(line)
        return lines

    def _look_past_waits(
        self, kind: AnyKind, books: Books, records: Sequence[CoreRecord], decisions: dict[UUID, Decision]
    ) -> dict[UUID, RecordKey]:
        """Decide anew what waits only for records that this sync brings to Xero. Which of them each one waits for."""
        waiting = [record for record in records if isinstance(decisions[record.key.id], Wait)]
        needed = {key for record in waiting for key in kind.depends_on(record) if key not in books.agreed}
        coming = self._coming(needed)
        agreed = {**books.agreed, **{key: each.agreed for key, each in coming.items()}}
        ready = [record for record in waiting if all(key in agreed for key in kind.depends_on(record))]
        if not ready:
            return {}
        seen = self._settled({each.agreed.xero_id: each.seen for each in coming.values() if each.seen})
        imagined = dataclasses.replace(books, agreed=agreed, seen={**books.seen, **seen})
        going = [record for record in ready if not any(map(imagined.missing, kind.depends_on(record)))]
        found = self.ledger.found(kind, going, imagined)
        imagined = dataclasses.replace(imagined, found={**books.found, **found})
        for record in ready:
            decisions[record.key.id] = decide(kind, record, imagined, self._claims)
        return {record.key.id: next(key for key in kind.depends_on(record) if key in needed) for record in ready}

    def _coming(self, needed: Collection[RecordKey]) -> dict[RecordKey, Standing]:
        """Those of these records that this sync would bring to Xero."""
        unknown: dict[str, list[UUID]] = defaultdict(list)
        for key in needed:
            if key not in self._standing:
                self._standing[key] = None
                unknown[key.kind].append(key.id)
        for name, ids in unknown.items():
            self._plan(KINDS[name], self._open_of(KINDS[name], ids))
        return {key: standing for key in needed if (standing := self._standing.get(key))}

    def _line(self, each: Open, key: RecordKey, facts: Facts, decision: Decision) -> Line:
        line = Line(key, each.entry_id, each.place, facts, "", Verdict.ACCEPT)
        if stopped := self._not_now(each, line):
            return stopped
        match decision:
            case Write(fingerprint=content) as write if _refused_before(each, content):
                return dataclasses.replace(line.stays("warn", Verdict.REFUSE, *_told(each)), write=write)
            case Write(action=action) as write:
                return dataclasses.replace(line, action=action, write=write)
            case Adopt(then=then, seen=seen):
                why = f"It stands in Xero already as {seen.number or seen.xero_id}, and is taken over."
                return dataclasses.replace(line, action="adopt", why=why, write=then)
            case _:
                return self._unsent(line, decision)

    def _unsent(self, line: Line, decision: Decision) -> Line:
        match decision:
            case Carried(by=by):
                return line.stays("consolidate", Verdict.ACCEPT, "consolidated", by.words)
            case Wait(on=on):
                why = f"Waits for {self._label(on)}, which does not go."
                return line.stays("wait", Verdict.HOLD, "waits", why)
            case Unfit(problem=problem):
                return line.stays("warn", Verdict.HOLD, problem.code, problem.text, problem.advice)
            case LeaveOut(code=code, reason=reason):
                return line.stays("leave out", Verdict.NOTHING, code, reason)
        return line.stays("nothing", Verdict.NOTHING)

    def _not_now(self, each: Open, line: Line) -> Line | None:
        """The line of what a sync would not look at: still on its way, not due again yet, or waiting for a person."""
        if each.status is Status.SENDING:
            return line.stays("look up", Verdict.HOLD, "on-its-way", "It is on its way to Xero just now.")
        if each.status is Status.UNCERTAIN:
            why = "Its last sending got no answer; the sync looks it up first."
            return line.stays("look up", Verdict.HOLD, "answer-lost", why)
        later = each.next_try_at is not None and each.next_try_at > self.clock.now()
        if each.status is Status.FAILED and later and not each.touched:
            return line.stays("retry later", Verdict.HOLD, *_told(each))
        looked_at = each.touched or (each.local and self.as_changed)
        if each.status is Status.WARNING and not looked_at:
            return line.stays("warn", Verdict.HOLD if each.local else Verdict.REFUSE, *_told(each))
        return None

    def _remember(self, kind: AnyKind, line: Line, decision: Decision) -> None:
        self._labels[line.key] = _named(kind, line.facts)
        standing: Standing | None = None
        if isinstance(decision, Adopt) and line.goes:
            standing = Standing(Agreed(decision.seen.xero_id, decision.fingerprint), decision.seen)
        elif line.goes and line.write and line.write.action == "create":
            xero_id = f"‹{_named(kind, line.facts)}, {line.key.id.hex[:8]}›"
            standing = Standing(Agreed(xero_id, line.write.fingerprint), _as_seen(kind, line, xero_id))
        elif isinstance(decision, Carried):
            standing = self._coming({decision.by.key}).get(decision.by.key)
        self._standing[line.key] = standing

    def _label(self, key: RecordKey) -> str:
        return self._labels.get(key) or f"a {KINDS[key.kind].title.lower()}"


def _named(kind: AnyKind, facts: Facts) -> str:
    return f"{kind.title} {facts.label}".strip()


def _refused_before(each: Open, fingerprint: str) -> bool:
    """Xero refused just this content, and nobody asked for another try."""
    return each.status is Status.WARNING and not each.local and each.refused_fingerprint == fingerprint


def _told(each: Open) -> tuple[str, str, str]:
    return each.reason_code, each.reason, each.advice


def _as_seen(kind: AnyKind, line: Line, xero_id: str) -> Seen | None:
    """How Xero would show what is about to be created: nothing paid, all of it due."""
    if line.write is None or line.write.body == b"":
        return None
    seen: Seen | None = kind.seen(kind.decode(line.write.body))
    if seen is None:
        return None
    status = seen.status or "AUTHORISED"
    due = line.facts.amount
    return structs.replace(seen, xero_id=xero_id, status=status, total=due, due=due, paid=Decimal(0))


def _after(view: Seen, amount: Decimal) -> Seen:
    """A document of which so much was taken; less than nothing gives back."""
    due = (view.due or Decimal(0)) - amount
    status = view.status
    if status in ("AUTHORISED", "PAID"):
        status = "AUTHORISED" if due else "PAID"
    return structs.replace(view, due=due, paid=(view.paid or Decimal(0)) + amount, status=status)


# Entries that are open, or touched since; with `ids` only those of these records.
_QUEUED = """
    select e.id, e.record_id, e.id, e.status, e.touched or t.record_id is not null, e.local, e.refused_fingerprint,
           e.reason_code, e.reason, e.advice, e.next_try_at
      from sync_entry e
      left join (select distinct record_id from core_touch
                  where organisation_id = %(organisation)s and kind = %(kind)s) t on t.record_id = e.record_id
     where e.organisation_id = %(organisation)s and e.kind = %(kind)s and e.id > %(where_id)s
       and (e.status in ('pending', 'sending', 'uncertain', 'failed', 'warning')
            or e.status = 'completed' and (e.touched or t.record_id is not null)
            or e.status = 'skipped' and (e.reason_code = any(%(left_out)s)
                                         or e.reason_code <> %(by_hand)s and t.record_id is not null))
       and (%(ids)s::uuid[] is null or e.record_id = any(%(ids)s::uuid[]))
     order by e.id limit %(chunk)s"""
# Records that changed and have no entry yet.
_NEW = """
    select min(t.id), t.record_id, 0, 'pending', true, false, '', '', '', '', null::timestamptz
      from core_touch t
     where t.organisation_id = %(organisation)s and t.kind = %(kind)s
       and (%(ids)s::uuid[] is null or t.record_id = any(%(ids)s::uuid[]))
       and not exists (select from sync_entry e where e.organisation_id = t.organisation_id and e.kind = t.kind
                          and e.record_id = t.record_id)
     group by t.record_id having min(t.id) > %(where_id)s order by min(t.id) limit %(chunk)s"""


@dataclass(slots=True)
class Course:
    """All lines in the order of a sync, chunk by chunk; those that a balance holds come last, as the sync leaves them.
    `second`: the lines are those of the second look."""

    preview: Preview
    second: bool = False

    def lines(self) -> Iterator[tuple[AnyKind, list[Line]]]:
        kinds = [kind for rank in by_rank() for kind in rank]
        held: dict[str, list[Line]] = defaultdict(list)
        for kind in kinds:
            together: list[Line] = []  # planned at a time by a sync, before any of it is sent
            for lines, _ in self.preview.lines(kind):
                together += lines
                if len(together) >= CHUNK:
                    self.preview.sent(together)
                    together = []
                held[kind.name] += [line for line in lines if _by_balance(line)]
                yield kind, [line for line in lines if not _by_balance(line)]
            self.preview.sent(together)
        self.second = True
        for kind in kinds:
            lines = held[kind.name]
            if lines and self.preview.gave_back:
                lines = self.preview.again(kind, lines)
                self.preview.sent(lines)
            if lines:
                yield kind, lines


def _by_balance(line: Line) -> bool:
    return line.verdict is Verdict.HOLD and line.code in HELD
