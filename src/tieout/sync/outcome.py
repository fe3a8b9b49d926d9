"""What an answer means for each record of a batch, and storing it in one transaction.

In: a stored batch and Xero's answer to it. Out: per element accepted or refused; bindings, last-seen views, attempts,
findings, entries and released blockers, all or nothing. Always: works from the stored batch alone, so that a batch
whose worker died is judged just like one whose worker lived. Success is: no validation errors, a non-zero id, a
status that is OK or absent, *and* the echoed fields equal to what was sent (else completed, but not verified).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import transaction

from tieout.kinds.books import Seen
from tieout.kinds.comparison import Difference
from tieout.kinds.kind import JSON, AnyKind
from tieout.kinds.problems import Problem, from_xero
from tieout.kinds.registry import KINDS
from tieout.sync import bulk, corrections, outbox
from tieout.sync.ledger import Bond, Ledger
from tieout.sync.life import Event, after
from tieout.sync.models import Batch, Finding, Status
from tieout.sync.plan import VOID
from tieout.xero.client import Answer
from tieout.xero.errors import AnswerLost
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


def read_manifest(batch: Batch) -> list[Line]:
    return [Line(entry, UUID(record), *rest) for entry, record, *rest in batch.manifest]


def judge(batch: Batch, answer: Answer) -> list[Judgement]:
    """One judgement per element, in order. Raises AnswerLost where the answer does not fit the batch."""
    kind = KINDS[batch.kind]
    lines = read_manifest(batch)
    if batch.method == "DELETE":  # its answer shows the element that is gone, or nothing at all
        return [
            Judgement(each, Event.ACCEPTED, each.xero_id, kind.resource.element(), None, (), "", None) for each in lines
        ]
    page = kind.resource_at(batch.path).read(answer)
    if page.unreadable or len(page.elements) != len(lines):
        raise AnswerLost(batch.method, batch.path, "the answer does not fit what was sent")
    sent = kind.sent(batch.path, bytes(batch.body), len(lines))
    return [_judge(kind, *each) for each in zip(lines, sent, page.elements, strict=True)]


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


def store(ledger: Ledger, batch: Batch, answer: Answer, judgements: Sequence[Judgement], now: datetime) -> None:
    """Write down everything that follows, inside the caller's transaction; nothing where another worker, who asked
    again with the same key, has done so already."""
    kind = KINDS[batch.kind]
    accepted = [each for each in judgements if each.event is Event.ACCEPTED]
    with bulk.together():
        # Not flushed at once: should the machine crash, the intent stands, and the same key gives the same answer.
        bulk.no_flush()
        ended = _end(batch, answer.status, answer.correlation_id, "", now)
    if ended.rowcount != 1:
        return
    with bulk.together():
        ledger.bind([_bond(kind, batch, each) for each in accepted if each.line.fingerprint], now)
        ledger.see([each.seen for each in accepted if each.seen])
        ledger.settle(_settlements(accepted))
        if batch.method == "DELETE":
            ledger.forget([each.xero_id for each in accepted])
        _tell(batch, judgements, now)
        outbox.release([each.line.record_id for each in accepted])
        _close_findings(batch, accepted, now)
    _open_findings(batch, accepted, now)
    for each in accepted:
        if each.line.step:
            corrections.advance(*each.line.step, each.xero_id, now)


def _end(batch: Batch, status: int, correlation_id: str, message: str, now: datetime) -> psycopg.Cursor[Any]:
    """Mark the batch as answered: one row, none where it was before. Of two workers, the second waits here for the
    first."""
    return bulk.run(
        _END,
        batch=batch.pk,
        status=status,
        correlation=correlation_id,
        message=message,
        now=now,
        sends=batch.sends,
    )


_END = """
    update sync_batch set state = 'answered', answered_at = %(now)s, http_status = %(status)s,
           correlation_id = %(correlation)s, message = %(message)s, sends = %(sends)s
     where id = %(batch)s and state in ('intended', 'lost')"""


def _bond(kind: AnyKind, batch: Batch, each: Judgement) -> Bond:
    gone = each.line.fingerprint == VOID
    content = kind.without_id(each.sent)
    return Bond(kind.name, each.line.record_id, each.xero_id, each.line.fingerprint, content, gone)


def _settlements(accepted: Sequence[Judgement]) -> list[tuple[str, Decimal]]:
    """What each accepted element takes of the balance of other documents, as planned; less than nothing gives back."""
    return [(document, Decimal(amount)) for each in accepted for document, amount in each.line.moves.items()]


_TELL = """
    with told as (
        select * from json_to_recordset(%(rows)s) as v(id bigint, position int, status text, status_if_uncertain text,
               code text, reason text, advice text, verified bool, refused text, answer jsonb)),
    moved as (
        update sync_entry e
           set status = case e.status when 'sending' then v.status else v.status_if_uncertain end,
               reason_code = v.code, reason = v.reason, advice = v.advice, local = false, verified = v.verified,
               refused_fingerprint = v.refused, tries = 0, next_try_at = null, leased_until = null,
               completed_at = case when v.status = 'completed' then %(now)s else e.completed_at end,
               updated_at = %(now)s
          from told v where e.id = v.id and e.batch_id = %(batch)s and e.status in ('sending', 'uncertain'))
    insert into sync_attempt (entry_id, position, outcome, code, text, answer, batch_id, action, at)
    select id, position, status, code, reason, answer, %(batch)s, %(action)s, %(now)s from told"""


def _rows(judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """What is told of each record, for its entry and for its attempt."""
    return [
        {
            "id": each.line.entry_id,
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
        for position, each in enumerate(judgements)
    ]


def _tell(batch: Batch, judgements: Sequence[Judgement], now: datetime) -> None:
    """The entries, and an attempt for each."""
    bulk.run(_TELL, _rows(judgements), batch=batch.pk, action=batch.action, now=now)


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


def _close_findings(batch: Batch, accepted: Sequence[Judgement], now: datetime) -> None:
    """What agrees now."""
    organisation_id = batch.connection.organisation_id
    agreeing = [{"id": each.line.record_id} for each in accepted if not each.differences]
    if agreeing:
        bulk.run(_CLOSE, agreeing, organisation=organisation_id, kind=batch.kind, code=NOT_VERIFIED, now=now)


def _open_findings(batch: Batch, accepted: Sequence[Judgement], now: datetime) -> None:
    """What Xero shows otherwise than it was sent."""
    organisation_id = batch.connection.organisation_id
    for each in accepted:
        if each.differences:
            Finding.objects.update_or_create(
                organisation_id=organisation_id,
                kind=batch.kind,
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
    update sync_finding f set closed_at = %(now)s from json_to_recordset(%(rows)s) as v(id uuid)
     where f.organisation_id = %(organisation)s and f.kind = %(kind)s and f.code = %(code)s and f.closed_at is null
       and f.record_id = v.id"""


def store_refusal(batch: Batch, detail: str, status: int, now: datetime) -> None:
    """The whole call of one element was refused as malformed: a bug of ours, shown as a warning."""
    problem = Problem(
        "malformed",
        f"Xero could not read the request: {detail or 'no reason given'}.",
        "This is a defect of Tieout. Please report it with the attempt's details.",
        local=False,
    )
    if batch.content_type != JSON:  # a file is refused as a whole, in a sentence
        problem = from_xero([detail] if detail else [])
    judgements = [Judgement(line, Event.REFUSED, "", Element(), problem, (), "", None) for line in read_manifest(batch)]
    with transaction.atomic():
        if _end(batch, status, "", detail, now).rowcount == 1:
            _tell(batch, judgements, now)
