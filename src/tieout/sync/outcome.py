"""What an answer means for each record of a batch, and storing it in one transaction.

In: a stored batch and Xero's answer to it. Out: per element accepted or refused; bindings, last-seen views, attempts,
findings, entries and released blockers, all or nothing. Always: works from the stored batch alone, so that a batch
whose worker died is judged just like one whose worker lived. Success is: no validation errors, a non-zero id, a
status that is OK or absent, *and* the echoed fields equal to what was sent (else completed, but not verified).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from tieout.kinds.books import Seen
from tieout.kinds.comparison import Difference
from tieout.kinds.kind import JSON, AnyKind
from tieout.kinds.problems import Problem, from_xero
from tieout.kinds.registry import KINDS
from tieout.sync import bulk, corrections, outbox
from tieout.sync.ledger import Bond, Ledger
from tieout.sync.life import Event, after
from tieout.sync.models import Batch, Connection, Finding, Status
from tieout.sync.plan import VOID
from tieout.xero.client import Answer, Limits
from tieout.xero.errors import AnswerLost, Refusal
from tieout.xero.resources import NO_ID
from tieout.xero.types import Element

NOT_VERIFIED = "not-verified"


class Line(msgspec.Struct, frozen=True):
    """One line of a batch's manifest: which entry stands at this position, and what its answer must show."""

    entry_id: int
    record_id: UUID
    fingerprint: str
    xero_id: str
    computed: dict[str, str]
    moves: dict[str, str]
    step: tuple[int, int] | None = None


class Judgement(msgspec.Struct, frozen=True):
    """What the answer says about one record. `problem` where it was refused."""

    line: Line
    event: Event
    xero_id: str
    sent: Element
    problem: Problem | None
    differences: Sequence[Difference]
    remarks: str
    seen: Seen | None


class Judged(msgspec.Struct, frozen=True):
    """Xero's answer to a batch, and what it says about each record, in order. `message`: why it was refused whole."""

    batch: Batch
    answer: Answer
    judgements: Sequence[Judgement]
    message: str = ""

    @property
    def kind(self) -> AnyKind:
        return KINDS[self.batch.kind]


def read_manifest(batch: Batch) -> list[Line]:
    return [Line(entry, UUID(record), *rest) for entry, record, *rest in batch.manifest]


def judge(batch: Batch, answer: Answer) -> Judged:
    """One judgement per element. Raises AnswerLost where the answer does not fit the batch."""
    kind = KINDS[batch.kind]
    lines = read_manifest(batch)
    if batch.method == "DELETE":  # its answer shows the element that is gone, or nothing at all
        gone = kind.resource.element()
        return Judged(
            batch, answer, [Judgement(each, Event.ACCEPTED, each.xero_id, gone, None, (), "", None) for each in lines]
        )
    page = kind.resource_at(batch.path).read(answer)
    if page.unreadable or len(page.elements) != len(lines):
        raise AnswerLost(batch.method, batch.path, "the answer does not fit what was sent")
    sent = kind.sent(batch.path, bytes(batch.body), len(lines))
    return Judged(batch, answer, [_judge(kind, *each) for each in zip(lines, sent, page.elements, strict=True)])


def _judge(kind: AnyKind, line: Line, sent: Element, got: Element) -> Judgement:
    messages = [error.message for error in got.validation_errors or ()]
    remarks = " ".join(warning.message for warning in got.warnings or ())
    xero_id = kind.xero_id(got)
    refused = messages or got.status_attribute_string == "ERROR" or got.has_errors or xero_id in ("", NO_ID)
    if refused:
        return Judgement(line, Event.REFUSED, "", sent, from_xero(messages), (), remarks, None)
    computed = {name: Decimal(value) for name, value in line.computed.items()}
    expected = msgspec.structs.replace(sent, **computed)
    return Judgement(line, Event.ACCEPTED, xero_id, sent, None, kind.compare(expected, got), remarks, kind.seen(got))


def store(ledger: Ledger, judged: Sequence[Judged], now: datetime) -> None:
    """Write down everything that follows, inside the caller's transaction; nothing of a batch of which another worker,
    who asked again with the same key, has done so already. Nothing that these batches changed in Xero is shown by the
    answer to another of them: what is sent of one kind lands before anything of the next is sent."""
    ended = _end(ledger.connection, judged, now)
    judged = [each for each in judged if each.batch.pk in ended.batches]
    accepted = [(one, each) for one in judged for each in one.judgements if each.event is Event.ACCEPTED]
    with bulk.together():
        ledger.bind([_bond(one.kind, each) for one, each in accepted if each.line.fingerprint], now)
        ledger.see([each.seen for _, each in accepted if each.seen])
        ledger.settle([move for _, each in accepted for move in _settlements(each)])
        ledger.forget([each.xero_id for one, each in accepted if one.batch.method == "DELETE"])
        _tell(judged, now)
        if ended.blocked:
            outbox.release([each.line.record_id for _, each in accepted])
        if ended.findings:
            _close_findings(ledger.connection, accepted, now)
    _open_findings(ledger.connection, accepted, now)
    for _, each in accepted:
        if each.line.step:
            corrections.advance(*each.line.step, each.xero_id, now)


class Ended(msgspec.Struct, frozen=True):
    """Which batches are answered by this, and were not before; whether anything at all waits for another record, and
    whether the organisation has findings that an accepted record may close."""

    batches: Set[UUID]
    blocked: bool
    findings: bool


def _end(connection: Connection, judged: Sequence[Judged], now: datetime) -> Ended:
    """Mark the batches as answered. Of two workers, the second waits here for the first. Not flushed at once: should
    the machine crash, the intent stands, and the same key gives the same answer."""
    rows = [
        {
            "id": each.batch.pk,
            "status": each.answer.status,
            "correlation": each.answer.correlation_id,
            "message": each.message,
            "sends": each.batch.sends,
        }
        for each in judged
    ]
    told = bulk.run(_END, rows, organisation=connection.organisation_id, code=NOT_VERIFIED, now=now).fetchall()
    return Ended({row[0] for row in told}, any(row[1] for row in told), any(row[2] for row in told))


_END = f"""
    with {bulk.NO_FLUSH}
    update sync_batch b set state = 'answered', answered_at = %(now)s, http_status = v.status,
           correlation_id = v.correlation, message = v.message, sends = v.sends
      from no_flush, json_to_recordset(%(rows)s) as v(id uuid, status int, correlation text, message text, sends int)
     where no_flush.done is not null and b.id = v.id and b.state in ('intended', 'lost')
 returning b.id, exists (select from sync_entry where blocked_id is not null),
           exists (select from sync_finding where organisation_id = %(organisation)s and code = %(code)s
                      and closed_at is null)"""  # noqa: S608 - text of this module and of bulk


def _bond(kind: AnyKind, each: Judgement) -> Bond:
    gone = each.line.fingerprint == VOID
    content = kind.without_id(each.sent)
    return Bond(kind.name, each.line.record_id, each.xero_id, each.line.fingerprint, content, gone)


def _settlements(each: Judgement) -> Iterator[tuple[str, Decimal]]:
    """What an accepted element takes of the balance of other documents, as planned; less than nothing gives back."""
    return ((document, Decimal(amount)) for document, amount in each.line.moves.items())


_TELL = """
    with told as (
        select * from json_to_recordset(%(rows)s) as v(id bigint, batch uuid, action text, position int,
               status text, status_if_uncertain text, code text, reason text, advice text, verified bool, refused text,
               answer jsonb)),
    moved as (
        update sync_entry e
           set status = case e.status when 'sending' then v.status else v.status_if_uncertain end,
               reason_code = v.code, reason = v.reason, advice = v.advice, local = false, verified = v.verified,
               refused_fingerprint = v.refused, tries = 0, next_try_at = null, leased_until = null,
               completed_at = case when v.status = 'completed' then %(now)s else e.completed_at end,
               updated_at = %(now)s
          from told v where e.id = v.id and e.batch_id = v.batch and e.status in ('sending', 'uncertain'))
    insert into sync_attempt (entry_id, position, outcome, code, text, answer, batch_id, action, at)
    select id, position, status, code, reason, answer, batch, action, %(now)s from told"""


def _rows(judged: Judged) -> list[dict[str, Any]]:
    """What is told of each record, for its entry and for its attempt."""
    return [
        {
            "id": each.line.entry_id,
            "batch": judged.batch.pk,
            "action": judged.batch.action,
            "position": position,
            "status": after(Status.SENDING, each.event),
            "status_if_uncertain": after(Status.UNCERTAIN, each.event),
            "code": _code(each),
            "reason": _reason(each),
            "advice": each.problem.advice if each.problem else "",
            "verified": None if each.problem else not each.differences,
            "refused": each.line.fingerprint if each.problem else "",
            "answer": _answer(each),
        }
        for position, each in enumerate(judged.judgements)
    ]


def _tell(judged: Sequence[Judged], now: datetime) -> None:
    """The entries, and an attempt for each."""
    if rows := [row for each in judged for row in _rows(each)]:
        bulk.run(_TELL, rows, now=now)


def _code(each: Judgement) -> str:
    if each.problem:
        return each.problem.code
    return NOT_VERIFIED if each.differences else ""


def _reason(each: Judgement) -> str:
    if each.problem:
        return each.problem.text
    if each.differences:
        fields = ", ".join(difference.field for difference in each.differences[:3])
        return f"Sent, but Xero shows something else in {fields}."
    return each.remarks


def _answer(each: Judgement) -> dict[str, Any]:
    came_back: dict[str, Any] = {"xero_id": each.xero_id}
    if each.differences:
        came_back["differences"] = [asdict(difference) for difference in each.differences]
    if each.remarks:
        came_back["warnings"] = each.remarks
    return came_back


def _close_findings(connection: Connection, accepted: Sequence[tuple[Judged, Judgement]], now: datetime) -> None:
    """What agrees now."""
    agreeing = [{"kind": one.kind.name, "id": each.line.record_id} for one, each in accepted if not each.differences]
    if agreeing:
        bulk.run(_CLOSE, agreeing, organisation=connection.organisation_id, code=NOT_VERIFIED, now=now)


def _open_findings(connection: Connection, accepted: Sequence[tuple[Judged, Judgement]], now: datetime) -> None:
    """What Xero shows otherwise than it was sent."""
    for one, each in accepted:
        if each.differences:
            Finding.objects.update_or_create(
                organisation_id=connection.organisation_id,
                kind=one.kind.name,
                record_id=each.line.record_id,
                xero_id="",
                code=NOT_VERIFIED,
                closed_at=None,
                defaults={
                    "label": each.seen.number if each.seen else "",
                    "text": _reason(each),
                    "detail": [asdict(difference) for difference in each.differences],
                    "opened_at": now,
                },
            )


_CLOSE = """
    update sync_finding f set closed_at = %(now)s from json_to_recordset(%(rows)s) as v(kind text, id uuid)
     where f.organisation_id = %(organisation)s and f.kind = v.kind and f.code = %(code)s and f.closed_at is null
       and f.record_id = v.id"""


def refused(batch: Batch, refusal: Refusal) -> Judged:
    """The whole call of one element was refused as malformed: a bug of ours, shown as a warning."""
    detail = refusal.detail or str(refusal.status)
    problem = Problem(
        "malformed",
        f"Xero could not read the request: {detail}.",
        "This is a defect of Tieout. Please report it with the attempt's details.",
        local=False,
    )
    if batch.content_type != JSON:  # a file is refused as a whole, in a sentence
        problem = from_xero([detail])
    judgements = [Judgement(line, Event.REFUSED, "", Element(), problem, (), "", None) for line in read_manifest(batch)]
    return Judged(batch, Answer(refusal.status, b"", Limits(None, None), "", 0.0), judgements, detail)
