"""Carrying out what the planner decides, a thousand records at a time.

In: the entries of one kind that are due. Out: the writes to be sent; every other decision is carried out here (waits,
warnings, skips, adoptions, agreements), with one UPDATE a chunk. What was planned of a write for an entry that is
Pending already is written down by its claim. Always: an entry is looked at once per run, in the order in which it was
queued; memory is that of two chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection as database
from django.db import transaction
from msgspec import structs

from tieout.core.records import CoreRecord, RecordKey
from tieout.kinds.books import Books
from tieout.kinds.comparison import differences
from tieout.kinds.kind import AnyKind, Facts
from tieout.kinds.registry import KINDS
from tieout.sync import bulk, corrections, outbox
from tieout.sync.clock import Clock
from tieout.sync.ledger import Bond, Ledger
from tieout.sync.life import Event, after
from tieout.sync.models import Attempt, Batch, Run, Status
from tieout.sync.plan import Adopt, Carried, Claims, Decision, InAgreement, LeaveOut, Unfit, Wait, Write, decide
from tieout.sync.side_session import SideSession

CHUNK = 1000
MOST_UNLANDED = 10_000  # records after which everything lands: the keys of so many are held in memory at most
# A write that was never answered is looked up only when it can no longer be under way at Xero. The same bytes and key
# may go again for five minutes, which is safe; two more let Xero come to its end with the last of these sendings. It is
# looked up in what the run has read: all of this, a 5xx too, must have been over before the run began.
SETTLED = timedelta(minutes=7)

_DUE = """
    select id, record_id, status, touched, refused_fingerprint, local from sync_entry
     where organisation_id = %(organisation)s and kind = %(kind)s and id > %(after)s
       and (touched and status in ('pending', 'completed', 'failed', 'warning')
            or status = 'pending' and blocked_id is null
            or status = 'failed' and next_try_at <= %(now)s
            or status = 'uncertain' and not %(blind)s and exists (
                   select from sync_batch b where b.id = batch_id
                      and (b.http_status is not null and b.run_id is distinct from %(run)s
                           or b.intended_at <= %(settled)s)))
     order by id limit %(chunk)s"""


def shows(run: Run, batch: Batch) -> bool:
    """Whether what this run has read of Xero shows what became of a batch without an answer: what `_DUE` asks."""
    answered_before = batch.http_status is not None and batch.run_id != run.pk
    return answered_before or batch.intended_at <= run.started_at - SETTLED


def adopt(ledger: Ledger, found: Sequence[tuple[int, Bond, str]], now: datetime) -> None:
    """Bind what was found in Xero: entry, bond, and what its history says of it. What waited for it is due."""
    outbox.release([bond.record_id for _, bond, _ in found])
    ledger.bind([bond for _, bond, _ in found], now)
    Attempt.objects.bulk_create(
        Attempt(entry_id=entry_id, at=now, action="adopt", outcome="adopted", text=said) for entry_id, _, said in found
    )


class Due(msgspec.Struct, frozen=True, gc=False):
    """An entry that the planner must look at."""

    entry_id: int
    record_id: UUID
    status: Status
    touched: bool
    refused_fingerprint: str
    local: bool


class Planned(msgspec.Struct, frozen=True):
    """A write for an entry that stands at Pending. `facts` and `difference` (of an update, why) are for Sync History;
    without facts the entry tells all that it should already."""

    entry_id: int
    key: RecordKey
    write: Write
    facts: Facts | None = None
    difference: list[dict[str, str]] | None = None


class Chunk(msgspec.Struct, frozen=True):
    """Some entries after one another: what is to be sent of them, the last one's id, and how many there were."""

    planned: list[Planned]
    last: int
    looked_at: int


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of one entry by planning alone."""

    due: Due
    decision: Decision
    status: Status
    facts: Facts


def status_after(status: Status, decision: Decision) -> Status:
    """Where a decision leads an entry of that status (Pending where something is left to send)."""
    if isinstance(decision, Carried):
        decision = Wait(decision.by.waits_on) if decision.by.waits_on else InAgreement()
    if status is Status.COMPLETED and isinstance(decision, InAgreement):
        return status
    adopted = isinstance(decision, Adopt)
    if status is Status.UNCERTAIN:
        if isinstance(decision, InAgreement) or adopted:
            return _unless_more(after(status, Event.FOUND), decision)
        if isinstance(decision, Unfit) and decision.problem.code == "found-twice":
            return after(status, Event.FOUND_TWICE)
        status = after(status, Event.ABSENT)
    elif status is not Status.PENDING:
        status = after(status, Event.CHANGED)
    event = {InAgreement: Event.IN_AGREEMENT, Adopt: Event.FOUND, Unfit: Event.UNFIT, LeaveOut: Event.SKIP}.get(
        type(decision)
    )
    return _unless_more(after(status, event), decision) if event else status


def _unless_more(status: Status, decision: Decision) -> Status:
    return Status.PENDING if isinstance(decision, Adopt) and decision.then else status


class Planning:
    """The plan phase of one run. `blind`: kinds of which not everything in Xero was seen; what is uncertain of these
    cannot be looked up."""

    def __init__(
        self, ledger: Ledger, run: Run, clock: Clock, session: SideSession, blind: Set[str] = frozenset()
    ) -> None:
        self._ledger, self._run, self._clock, self._session, self._blind = ledger, run, clock, session, blind
        self._base = ledger.base_books()
        self._claims = Claims()
        self._organisation_id = ledger.connection.organisation_id

    def writes(self, kind: AnyKind, land: Callable[[], None]) -> Iterator[list[Planned]]:
        """Chunk by chunk, what is to be sent of this kind; all of it has landed when this ends (by `land`). While what
        only creates, and moves no balance, is sent, the next chunk is planned beside it: no record depends on one of
        its own kind, and its natural keys stay claimed until it stands in the last-seen views."""
        unlanded = 0
        under_way = self._session.begin(partial(self._plan, kind, 0))
        while chunk := under_way.result():
            unlanded += chunk.looked_at
            alone = unlanded < MOST_UNLANDED and all(map(_stands_alone, chunk.planned))
            if alone:
                under_way = self._session.begin(partial(self._plan, kind, chunk.last))
            yield chunk.planned
            if not alone:
                land()
                self._claims, unlanded = Claims(), 0
                under_way = self._session.begin(partial(self._plan, kind, chunk.last))
        land()
        self._claims = Claims()

    def _plan(self, kind: AnyKind, after: int) -> Chunk | None:
        """What follows that entry; None at the end."""
        found = self._due(kind, after)
        if not found:
            return None
        held = corrections.held_records(self._ledger.connection.pk)  # a person may begin one while the run lasts
        due = [each for each in found if each.record_id not in held]
        records = self._ledger.records(kind, [each.record_id for each in due])
        books = self._ledger.books_for(self._base, kind, list(records.values()))
        planned = self._carry_out(kind, [self._judge(kind, each, records, books) for each in due], books)
        return Chunk(planned, found[-1].entry_id, len(found))

    def _due(self, kind: AnyKind, last: int) -> list[Due]:
        with database.cursor() as cursor:
            cursor.execute(
                _DUE,
                {
                    "organisation": self._organisation_id,
                    "kind": kind.name,
                    "after": last,
                    "now": self._clock.now(),
                    "run": self._run.pk,
                    "settled": self._run.started_at - SETTLED,
                    "chunk": CHUNK,
                    "blind": kind.name in self._blind,
                },
            )
            return [Due(row[0], row[1], Status(row[2]), *row[3:]) for row in cursor.fetchall()]

    def _judge(self, kind: AnyKind, due: Due, records: dict[UUID, CoreRecord], books: Books) -> Verdict:
        record = records.get(due.record_id)
        if record is None:
            decision: Decision = LeaveOut("record-gone", "The record no longer exists in Core.")
            return Verdict(due, decision, status_after(due.status, decision), Facts("", "", None, None, ""))
        decision = decide(kind, record, books, self._claims)
        facts = kind.facts(record)
        if isinstance(decision, Write) and self._refused_already(due, decision):
            return Verdict(due, decision, Status.WARNING, facts)
        return Verdict(due, decision, status_after(due.status, decision), facts)

    @staticmethod
    def _refused_already(due: Due, write: Write) -> bool:
        """Xero refused just this content, and nobody asked for another try."""
        return due.status is Status.WARNING and not due.local and due.refused_fingerprint == write.fingerprint

    def _carry_out(self, kind: AnyKind, verdicts: Sequence[Verdict], books: Books) -> list[Planned]:
        going = [
            (verdict, write)
            for verdict in verdicts
            if verdict.status is Status.PENDING and (write := _write_of(verdict.decision))
        ]
        why = self._differences(kind, going)
        with transaction.atomic():
            self._adopt(kind, verdicts)
            gone = [each.due.record_id for each in verdicts if each.decision == InAgreement(gone=True)]
            self._ledger.agree_gone(kind.name, gone)
            self._update([each for each in verdicts if not _told_by_claim(each)], why)
        return [
            Planned(
                verdict.due.entry_id,
                RecordKey(kind.name, verdict.due.record_id),
                write,
                verdict.facts,
                why.get(verdict.due.entry_id),
            )
            for verdict, write in going
        ]

    def _adopt(self, kind: AnyKind, verdicts: Sequence[Verdict]) -> None:
        found = []
        for due, decision in ((verdict.due, verdict.decision) for verdict in verdicts):
            if isinstance(decision, Adopt):
                fingerprint, seen = "" if decision.then else decision.fingerprint, decision.seen
                bond = Bond(kind.name, due.record_id, seen.xero_id, fingerprint, decision.content, gone=False)
                said = f"Found in Xero as {seen.number}, and taken over instead of making a second one."
                found.append((due.entry_id, bond, said))
        adopt(self._ledger, found, self._clock.now())

    def _differences(self, kind: AnyKind, going: Sequence[tuple[Verdict, Write]]) -> dict[int, list[dict[str, str]]]:
        """For every update of what was agreed before, why: field by field, what was agreed and what is to be."""
        updates = [(verdict.due, write) for verdict, write in going if write.action == "update"]
        contents = self._ledger.contents(kind.name, [due.record_id for due, _ in updates]) if updates else {}
        return {
            due.entry_id: _why(kind, write, contents[due.record_id])
            for due, write in updates
            if due.record_id in contents
        }

    def _update(self, verdicts: Sequence[Verdict], why: dict[int, list[dict[str, str]]]) -> None:
        rows = [_row(verdict, why.get(verdict.due.entry_id)) for verdict in verdicts]
        if rows:
            bulk.run(_UPDATE, rows, now=self._clock.now())


_UPDATE = """
    update sync_entry e
       set touched = false, updated_at = case when e.status = v.status and e.reason = v.reason and e.label <> ''
                                              then e.updated_at else %(now)s end,
           status = v.status, reason_code = v.reason_code, reason = v.reason, advice = v.advice, local = v.local,
           blocked_kind = v.blocked_kind, blocked_id = v.blocked_id, label = v.label, party = v.party,
           date = v.date, amount = v.amount, currency = v.currency, channel = v.channel, action = v.action,
           difference = coalesce(v.difference, e.difference)
      from json_to_recordset(%(rows)s) as v(id bigint, status text, reason_code text, reason text, advice text,
           local bool, blocked_kind text, blocked_id uuid, label text, party text, date date, amount numeric,
           currency text, channel text, action text, difference jsonb)
     where e.id = v.id and e.status not in ('sending', 'skipped')"""


def _stands_alone(planned: Planned) -> bool:
    """Whether nothing that it changes in Xero speaks for or against another record of its kind."""
    return planned.write.action == "create" and not planned.write.moves


def _told_by_claim(verdict: Verdict) -> bool:
    """Whether what was planned is written down when the entry is claimed, which saves writing its row twice."""
    return verdict.status is verdict.due.status is Status.PENDING and isinstance(verdict.decision, Write)


def _why(kind: AnyKind, write: Write, agreed: bytes) -> list[dict[str, str]]:
    now, before = kind.decode(write.body), kind.decode(agreed)
    return [asdict(difference) for difference in differences(now, before) if difference.field != kind.id_field]


def _row(verdict: Verdict, why: list[dict[str, str]] | None) -> dict[str, Any]:
    decision, facts = verdict.decision, verdict.facts
    code = reason = advice = action = blocked_kind = ""
    blocked_id, local = None, False
    match decision:
        case Unfit(problem=problem):
            code, reason, advice, local = problem.code, problem.text, problem.advice, problem.local
        case LeaveOut(code=code, reason=reason):
            pass
        case Wait(on=on):
            blocked_kind, blocked_id = on
            code = "waits"
            reason = f"Waits for its {KINDS[on.kind].title.lower()} to stand in Xero."
        case Carried(by=by):
            code, reason = "waits" if by.waits_on else "consolidated", by.words
            blocked_kind, blocked_id = by.waits_on or ("", None)
        case Write(action=action) | Adopt(then=Write(action=action)):
            pass
        case _:
            pass
    if isinstance(decision, Write) and verdict.status is Status.WARNING:
        code, reason, advice = "refused-before", "Xero refused just this content before.", "Change what Xero named."
    return {
        "id": verdict.due.entry_id,
        "status": verdict.status,
        "reason_code": code,
        "reason": reason,
        "advice": advice,
        "local": local,
        "blocked_kind": blocked_kind,
        "blocked_id": blocked_id,
        "action": action,
        "difference": why,
        **structs.asdict(facts),
    }


def _write_of(decision: Decision) -> Write | None:
    if isinstance(decision, Adopt):
        return decision.then
    return decision if isinstance(decision, Write) else None
