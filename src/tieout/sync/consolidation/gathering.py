"""Before each rank goes: due records join their documents, edits and late ones are settled, what is over is closed.

In: the entries of a rank that are due. Out: documents and members in the tables; entries for the documents that are to
be sent. Always: a thousand records in a handful of statements, in one transaction; a record that may stand in Xero by
itself (bound, uncertain, or found under its number) is left to the planner; running again changes nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection as database
from django.db import transaction

from tieout.core import store
from tieout.core.records import CoreRecord, JournalRecord, MoneyTaskRecord, RecordKey, SettlementRecord
from tieout.kinds.books import Books
from tieout.kinds.consolidation import figures as read_figures
from tieout.kinds.consolidation.figures import Figures, total_of
from tieout.kinds.consolidation.lines import dump
from tieout.kinds.consolidation.register import Part, Parts, Placement, Row, changes
from tieout.kinds.consolidation.terms import (
    CARRIED_BY,
    TEMPLATE,
    Terms,
    number,
    period,
    reference,
    series,
    terms_of,
)
from tieout.kinds.kind import AnyKind
from tieout.kinds.lines import lines_problem
from tieout.kinds.money_task import TRANSFER
from tieout.kinds.registry import KINDS
from tieout.sync import outbox
from tieout.sync.clock import Clock
from tieout.sync.consolidation import allocating, mending, standing, tables
from tieout.sync.consolidation.policies import Policies, channel_of, channels_of, terms_policy
from tieout.sync.consolidation.tables import Held, NewDocument, NewMember, Origin
from tieout.sync.ledger import Ledger
from tieout.sync.models import ConsolidatedDocument, ConsolidationPolicy

CHUNK = 1000
_SIDES = {"sale_invoice": "sale", "sale_credit_note": "sale", "bill": "purchase", "purchase_credit_note": "purchase"}
_DUE = """
    select id, record_id from sync_entry
     where organisation_id = %(organisation)s and kind = %(kind)s and id > %(after)s
       and (touched and status in ('pending', 'completed', 'failed', 'warning')
            or status = 'pending' and blocked_id is null
            or status = 'failed' and next_try_at <= %(now)s)
     order by id limit %(chunk)s"""


@dataclass(slots=True)
class Chunk:
    """What is to be written for a thousand records."""

    deleted: list[Row] = field(default_factory=list)
    released: list[Row] = field(default_factory=list)
    documents: list[NewDocument] = field(default_factory=list)
    members: list[NewMember] = field(default_factory=list)


@dataclass(slots=True)
class Case:
    """One record that is being placed."""

    record: CoreRecord | None
    key: RecordKey
    policy: ConsolidationPolicy | None
    figures: Figures | None
    held: Held | None


class Gathering:
    """The consolidation of one run."""

    def __init__(self, ledger: Ledger, clock: Clock, *, ahead: bool = False) -> None:
        """`ahead`: nothing is sent; what this sync would send counts as standing in Xero."""
        self._ledger, self._clock, self._ahead = ledger, clock, ahead
        self._connection = ledger.connection
        self._policies = Policies(self._connection)
        self._parts = Parts(self._open_parts, self._make)
        self._positions: dict[str, int] = {}
        self._closed: dict[tuple[str, Any], bool] = {}
        self._origins: dict[UUID, Origin] = {}
        self._case: Case | None = None
        self._chunk = Chunk()

    def before(self, rank: Sequence[AnyKind]) -> None:
        """Gather the due records of these kinds."""
        if self._policies.spare_customers and any(kind.name == "contact" for kind in rank):
            standing.take_back_spared(self._connection)
        kinds = [kind for kind in rank if kind.name in CARRIED_BY]
        if not kinds or not self.concerned():
            return
        mending.mend(self._connection)
        base = self._ledger.base_books()
        for kind in kinds:
            self._gather(kind, base)
        with transaction.atomic():
            tables.close(self._connection, self._clock.now())
            if any(kind.name == allocating.KIND for kind in rank):
                allocating.settle(self._connection, ahead=self._ahead)
        self._parts, self._closed = Parts(self._open_parts, self._make), {}
        outbox.take(self._connection.organisation_id, self._clock.now(), [*tables.NAMES, allocating.KIND])

    def concerned(self) -> bool:
        """Does this company consolidate, or did it?"""
        return self._policies.consolidate or ConsolidatedDocument.objects.filter(connection=self._connection).exists()

    def _gather(self, kind: AnyKind, base: Books) -> None:
        last = 0
        while due := self._due(kind.name, last):
            last = due[-1][0]
            ids = [record_id for _, record_id in due]
            records = store.load(self._connection.organisation_id, kind.name, ids)
            with transaction.atomic():
                self._place(kind, ids, records, base)

    def _due(self, kind: str, after: int) -> list[tuple[int, UUID]]:
        values: dict[str, Any] = {"organisation": self._connection.organisation_id, "kind": kind, "after": after}
        with database.cursor() as cursor:
            cursor.execute(_DUE, values | {"now": self._clock.now(), "chunk": CHUNK})
            due: list[tuple[int, UUID]] = cursor.fetchall()
        return due

    # -- one chunk -----------------------------------------------------------------------------------------------------

    def _place(self, kind: AnyKind, ids: list[UUID], records: dict[UUID, CoreRecord], base: Books) -> None:
        books = self._ledger.books_for(base, kind, list(records.values()))
        held = tables.held(self._connection, kind.name, ids)
        channels = channels_of(list(records.values()))
        standing_alone = self._standing_alone(kind, list(records.values()), books)
        self._remember({row.adjusts or row.document_id for each in held.values() for row in each.rows})
        self._chunk = Chunk()
        for record_id in ids:
            record, key = records.get(record_id), RecordKey(kind.name, record_id)
            if key in books.agreed or (record is None and record_id not in held):
                continue
            channel = channel_of(record, channels) if record else ""
            policy = self._policies.of(record, channel) if record else None
            consolidates = bool(policy and terms_policy(policy).consolidates)
            if not consolidates and record_id not in held:
                continue
            case = Case(record, key, policy, None, held.get(record_id))
            self._settle(case, books, channel, goes=consolidates and key not in standing_alone)
        self._write()

    def _settle(self, case: Case, books: Books, channel: str, *, goes: bool) -> None:
        """Bring what documents hold of one record to what it is now."""
        self._case = case
        rows = case.held.rows if case.held else ()
        closed = any(not row.open for row in rows)
        if case.record is not None and _live(case.record) and (goes or closed):
            problem = None if closed else _problem(case.record, books)
            case.figures = None if problem else _figures(case.record, books, channel)
        wanted = None
        if goes and case.figures and case.policy and self._in_time(case.figures, books):
            wanted = terms_of(case.figures, terms_policy(case.policy))
        change = changes(case.key.kind, case.figures, wanted, rows)
        self._chunk.deleted += change.leaves
        self._chunk.released += change.released
        for placement in change.placements:
            part = self._parts.place(dataclasses.replace(placement, terms=self._dated(placement)))
            self._chunk.members.append(_member(case, part, placement))

    @staticmethod
    def _in_time(figures: Figures, books: Books) -> bool:
        return books.settings.sync_from is None or figures.day >= books.settings.sync_from

    def _standing_alone(self, kind: AnyKind, records: Collection[CoreRecord], books: Books) -> set[RecordKey]:
        """Records that Xero may hold one by one, under their own number: never to be sent a second time."""
        keys: dict[str, RecordKey] = {}
        alone: set[RecordKey] = set()
        for record in records:
            try:
                keys |= dict.fromkeys(kind.keys(record, books), record.key)
            except KeyError:  # its contact or document is not in Xero
                if kind.name in ("bill", "purchase_credit_note"):
                    alone.add(record.key)
        found = self._ledger.find(kind.name, sorted(keys)) if keys else []
        for seen in found:
            if not seen.gone:
                alone |= {keys[key] for key in (seen.key, seen.other_key) if key in keys}
        return alone

    def _remember(self, ids: set[UUID]) -> None:
        if missing := ids - set(self._origins):
            self._origins |= tables.origins(self._connection, missing)

    def _write(self) -> None:
        chunk, now = self._chunk, self._clock.now()
        tables.delete(chunk.deleted)
        tables.release(chunk.released)
        tables.add_documents(self._connection, chunk.documents, now)
        tables.add_members(self._connection, chunk.members, now)
        changed = {row.document_id for row in chunk.deleted} | {each.document_id for each in chunk.members}
        if changed:
            tables.touch(self._connection, self._shown_as_drafts(changed))

    def _shown_as_drafts(self, ids: Collection[UUID]) -> list[UUID]:
        drafts = ConsolidatedDocument.objects.filter(pk__in=list(ids), delivery=ConsolidationPolicy.Delivery.DRAFT)
        return list(drafts.values_list("pk", flat=True))

    # -- documents -----------------------------------------------------------------------------------------------------

    def _open_parts(self, terms: Terms, adjusts: UUID | None) -> list[Part]:
        return tables.open_parts(self._connection, terms, adjusts)

    def _dated(self, placement: Placement) -> Terms:
        """The terms with the period that the document gets: by policy, a late record's is the one that gathers now."""
        terms, policy, today = placement.terms, self._case and self._case.policy, self._today()
        if not policy or policy.late != ConsolidationPolicy.Late.NEXT:
            return terms
        if placement.adjusts is None and not self._was_closed(terms):
            return terms
        day = today if placement.adjusts else max(today, terms.last + timedelta(days=1))
        first, last = period(day, policy.mode)
        return terms if first <= terms.first else dataclasses.replace(terms, first=first, last=last)

    def _today(self) -> date:
        return self._connection.day_of(self._clock.now())

    def _was_closed(self, terms: Terms) -> bool:
        key = (terms.kind, (terms.channel, terms.first, terms.last, terms.contact_id))
        if key not in self._closed:
            self._closed[key] = tables.was_closed(self._connection, terms)
        return self._closed[key]

    def _make(self, placement: Placement) -> Part:
        """A new document, numbered; it is stored with the chunk."""
        case = self._case
        origin = self._origins.get(placement.adjusts) if placement.adjusts else None
        policy = case.policy if case else None
        template = policy.template if policy else TEMPLATE
        limit = origin.line_limit if origin else policy.line_limit if policy else 500
        terms = placement.terms
        whose = terms.channel or (origin.whose if origin else "") or self._whose(terms)
        text = series(template, terms, whose)
        position = self._positions.get(text) or tables.last_position(self._connection, text)
        self._positions[text] = position = position + 1
        common = reference(text, terms, self._connection.organisation.base_currency)
        made = NewDocument(
            id=uuid4(),
            terms=terms,
            what=origin.what if origin else policy.what if policy else "",
            line_limit=limit,
            delivery=policy.delivery if policy and not origin else "close",
            cut_off=policy.cut_off if policy and not origin else time(),
            closes_after=policy.closes_after if policy and not origin else 0,
            sign=placement.sign,
            adjusts=placement.adjusts,
            series=text,
            position=position,
            number=number(text, position),
            reference=f"Adjusts {origin.number}"[:255] if origin else common,
        )
        self._chunk.documents.append(made)
        return Part(made.id, terms, limit, placement.adjusts)

    def _whose(self, terms: Terms) -> str:
        case = self._case
        if terms.by_contact and case and case.figures:
            return case.figures.party
        if case and case.policy and case.policy.contact:
            return str(case.policy.contact)
        return terms.account


def _live(record: Any) -> bool:
    return record.status not in ("DRAFT", "VOIDED") and not (
        isinstance(record, MoneyTaskRecord) and record.type == TRANSFER
    )


def _problem(record: Any, books: Books) -> object:
    """Why these lines must not spoil a document: the planner tells the person."""
    kind = record.key.kind
    if kind in _SIDES:
        return lines_problem(record, books, _SIDES[kind])
    if kind == "payment":
        return None
    try:
        return KINDS[kind].check(record, dataclasses.replace(books, lock_date=None))
    except KeyError:  # its contact is not in Xero
        return True


def _figures(record: Any, books: Books, channel: str) -> Figures | None:
    kind = record.key.kind
    if kind in _SIDES:
        return read_figures.of_document(record, books, _SIDES[kind])
    if isinstance(record, JournalRecord):
        return read_figures.of_journal(record, books)
    if isinstance(record, MoneyTaskRecord):
        return read_figures.of_money_task(record, books)
    if isinstance(record, SettlementRecord) and (carrier := books.carried.get(record.document)):
        return read_figures.of_payment(record, carrier.key.id, channel)
    return None


def _member(case: Case, part: Part, placement: Placement) -> NewMember:
    figures, held = case.figures, case.held
    known = figures or held
    if known is None:
        raise ValueError(f"{case.key} was placed without figures")
    amount = placement.sign * placement.counted
    if case.key.kind == "journal":
        amount = total_of("journal", placement.lines, "")
    day = figures.day if figures else held.date if held else placement.terms.last
    return NewMember(
        document_id=part.id,
        kind=case.key.kind,
        record_id=case.key.id,
        number=known.number,
        party=known.party,
        date=day,
        due=known.due,
        first=placement.terms.first,
        last=placement.terms.last,
        counted=placement.counted,
        amount=amount,
        lines=dump(placement.lines),
        current=placement.current,
    )
