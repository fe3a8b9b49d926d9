"""What can be done about a document that Core changed and Xero would refuse to change: it is paid, credited or locked.

In: the document as Core has it now, what was last agreed, what Xero shows, and what holds it there (payments, refunds,
uses of credit). Out: the ways that a person may choose, each with every call that it means, in order, or with what
stands in its way. Always: pure; the calls are told exactly as they will be made.

    credit-note   the document stays; another one over the difference corrects it, allocated as far as it goes
    reapply       what holds it is removed, it is updated (or voided), and what held it is made again
    leave         nothing is sent; the difference stays in every report
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypedDict

from tieout.core.money import said
from tieout.core.records import DocumentRecord
from tieout.kinds.books import Agreed, Books, Seen
from tieout.kinds.credit import NOTES
from tieout.kinds.dating import locked
from tieout.kinds.invoice import DocumentKind, InvoiceKind
from tieout.kinds.kind import AnyKind
from tieout.kinds.problems import Problem
from tieout.kinds.registry import KINDS
from tieout.sync.plan import VOID
from tieout.sync.steps import Step, answer_of
from tieout.xero import types, wire

CREDIT_NOTE, REAPPLY, LEAVE, PUT_BACK = "credit-note", "reapply", "leave", "put-back"
CORRECTABLE = frozenset({"paid-in-xero", "lock-date", "corrected-before"})
OPPOSITE = {
    "sale_invoice": "sale_credit_note",
    "sale_credit_note": "sale_invoice",
    "bill": "purchase_credit_note",
    "purchase_credit_note": "bill",
}
_NAMES = {
    "sale_invoice": "additional invoice",
    "sale_credit_note": "credit note",
    "bill": "additional bill",
    "purchase_credit_note": "supplier credit note",
}
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Way:
    """One choice. `obstacle`: why it cannot be taken; empty where it can."""

    name: str
    title: str
    text: str
    steps: tuple[Step, ...] = ()
    obstacle: str = ""

    @property
    def calls(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class Held:
    """What holds the document: a payment, a refund or a use of credit, as Xero shows it. `endpoint`: of a use, where
    its credit is; `agreed`: the fingerprint of Core's record of it, where there is one."""

    seen: Seen
    endpoint: str = ""
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the ways follow from. `content`: what was last agreed, as Xero's JSON; `number`: a free one for a
    document over the difference."""

    kind: AnyKind
    record: Any
    books: Books
    agreed: Agreed
    content: bytes
    seen: Seen | None
    held: tuple[Held, ...]
    number: str
    today: date

    @property
    def gone(self) -> bool:
        return self.kind.is_gone(self.record)


def difference(situation: Situation) -> Decimal:
    """What Core says above what was last agreed."""
    return sum((line.net + line.tax for line in _difference_lines(situation)), _NOTHING)


def ways(situation: Situation) -> tuple[Way, ...]:
    """Every way, the possible and the impossible, in the order in which a bookkeeper would think of them."""
    if situation.kind.name not in OPPOSITE or situation.seen is None:
        return (_leave(situation),)
    return (_by_difference(situation), _by_reapplying(situation), _leave(situation))


def _leave(situation: Situation) -> Way:
    facts = situation.kind.facts(situation.record)
    told = "It is skipped, with your reason, and stays in every report."
    if situation.kind.name in OPPOSITE and situation.seen is not None:
        told = f"Core's difference of {said(difference(situation))} {facts.currency} is left out of Xero. {told}"
    return Way(LEAVE, "Leave it as it is in Xero", told)


# -- a document over the difference ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    account: str
    tax_type: str
    tracking: tuple[tuple[str, str], ...]
    net: Decimal
    tax: Decimal


def _by_difference(situation: Situation) -> Way:
    lines = _difference_lines(situation)
    total = sum((line.net + line.tax for line in lines), _NOTHING)
    name = situation.kind.name if total >= 0 else OPPOSITE[situation.kind.name]
    title = f"Correct it by {'an' if name in ('sale_invoice', 'bill') else 'a'} {_NAMES[name]}"
    if obstacle := _no_difference(situation, lines):
        return Way(CREDIT_NOTE, title, "", obstacle=obstacle)
    document, found_by = _document(situation, name, lines)
    made = _made(situation, name, document, found_by, 1 if total >= 0 else -1)
    steps = [made]
    if use := _use(situation, name, abs(total)):
        steps.append(use)
    currency = situation.record.currency
    stays = f"{situation.record.number} stays in Xero as it is"
    text = f"{stays}; {situation.number} over {abs(total)} {currency} corrects it."
    return Way(CREDIT_NOTE, title, text, tuple(steps))


def _no_difference(situation: Situation, lines: Sequence[_Line]) -> str:
    before, record = situation.kind.decode(situation.content), situation.record
    if not lines:
        return "No amount differs on any account, so there is nothing to correct by another document."
    if situation.gone:
        return ""
    after = situation.kind.payload(record, situation.books)
    if before.contact and before.contact.contact_id != after.contact.contact_id:
        return "Its contact was changed: void it in Core and enter it for the other contact."
    if before.currency_code != after.currency_code:
        return "Its currency was changed: void it in Core and enter it anew."
    problem = _misfit(situation)
    return f"{problem.text} {problem.advice}" if problem else ""


def _misfit(situation: Situation) -> Problem | None:
    assert isinstance(situation.kind, DocumentKind)
    return situation.kind.misfit(situation.record, situation.books)


def _difference_lines(situation: Situation) -> list[_Line]:
    """By account, tax and tracking, what Core has above what was agreed."""
    sums: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[Decimal]] = {}
    before = situation.kind.decode(situation.content)
    after = None if situation.gone else situation.kind.payload(situation.record, situation.books)
    for sign, document in ((-1, before), (1, after)):
        if document is None:
            continue
        for line in document.line_items or ():
            tags = tuple((tag.name or "", tag.option or "") for tag in line.tracking or ())
            tax = line.tax_amount or _NOTHING
            net = (line.line_amount or _NOTHING) - (tax if document.line_amount_types == "Inclusive" else _NOTHING)
            sum_ = sums.setdefault((line.account_code or "", line.tax_type or "", tags), [_NOTHING, _NOTHING])
            sum_[0] += sign * net
            sum_[1] += sign * tax
    return [_Line(*key, net, tax) for key, (net, tax) in sorted(sums.items()) if net or tax]


def _document(situation: Situation, name: str, lines: Sequence[_Line]) -> tuple[Any, str]:
    """The document over the difference, and what it is found by."""
    kind, record = KINDS[name], situation.record
    assert isinstance(kind, DocumentKind)
    before = situation.kind.decode(situation.content)
    sign = 1 if name == situation.kind.name else -1
    day = first_open_day(situation.today, situation.books)
    values: dict[str, Any] = {
        "contact": before.contact,
        "date": day.isoformat(),
        "status": "AUTHORISED",
        "line_amount_types": "NoTax" if before.line_amount_types == "NoTax" else "Exclusive",
        "currency_code": before.currency_code,
        "currency_rate": before.currency_rate,
        "line_items": [_line_item(line, sign, record.number) for line in lines],
    }
    if kind.side == "sale":
        values["reference"] = f"Corrects {record.number}"
    contact_id = (before.contact.contact_id if before.contact else "") or ""
    key: str = kind.number_key(situation.number, contact_id)  # type: ignore[attr-defined]
    if isinstance(kind, InvoiceKind):
        due = max(record.due_date, day).isoformat()
        return types.Invoice(type=kind.type, invoice_number=situation.number, due_date=due, **values), key
    note_type: str = kind.type  # type: ignore[attr-defined]
    return types.CreditNote(type=note_type, credit_note_number=situation.number, **values), key


def _line_item(line: _Line, sign: int, number: str) -> types.LineItem:
    return types.LineItem(
        description=f"Correction of {number}",
        quantity=Decimal(1),
        unit_amount=sign * line.net,
        line_amount=sign * line.net,
        account_code=line.account,
        tax_type=line.tax_type or None,
        tax_amount=sign * line.tax,
        tracking=[types.Tracking(name=name, option=option) for name, option in line.tracking] or None,
    )


def _made(situation: Situation, name: str, document: Any, key: str, sign: int) -> Step:
    net = sum((line.line_amount for line in document.line_items), _NOTHING)
    tax = sum((line.tax_amount for line in document.line_items), _NOTHING)
    kind = KINDS[name]
    return Step(
        text=f"Create the {_NAMES[name]} {situation.number} over {net + tax} {situation.record.currency}",
        kind=name,
        action="create",
        method="PUT",
        path=kind.resource.path,
        body=wire.encode(document).decode(),
        key=key,
        computed={"sub_total": str(net), "total_tax": str(tax), "total": str(net + tax)},
        sign=sign,
    )


def _use(situation: Situation, name: str, total: Decimal) -> Step | None:
    """Set the new document and the corrected one off against each other, as far as both have something open."""
    seen = situation.seen
    assert seen is not None
    amount = min(total, seen.due or _NOTHING)
    if name == situation.kind.name or amount <= 0:
        return None
    credit, document = (answer_of(1), seen.xero_id) if name in NOTES else (seen.xero_id, answer_of(1))
    text = f"Allocate {said(amount)} {situation.record.currency} of it to {situation.record.number}"
    if name not in NOTES:
        text = f"Allocate {said(amount)} {situation.record.currency} of {situation.record.number} to it"
    return _allocate(text, "CreditNotes", credit, document, amount)


def _allocate(text: str, endpoint: str, credit: str, document: str, amount: Decimal) -> Step:
    body = types.Allocation(amount=amount, invoice=types.InvoiceRef(invoice_id=document))
    return Step(
        text=text,
        kind="allocation",
        action="create",
        method="PUT",
        path=f"{endpoint}/{credit}/Allocations",
        body=wire.encode(body).decode(),
        key=f"{credit}|{document}|{amount:.2f}",
        moves={credit: str(amount), document: str(amount)},
    )


def first_open_day(day: date, books: Books) -> date:
    """That day, or the first one after the lock date."""
    return day if books.lock_date is None else max(day, books.lock_date + timedelta(days=1))


# -- take off, change, put on again -----------------------------------------------------------------------------------


def _by_reapplying(situation: Situation) -> Way:
    what = "void it" if situation.gone else "update it, and make them again"
    title = f"Remove its payments and allocations, {what}"
    if obstacle := _cannot_reapply(situation):
        return Way(REAPPLY, title, "", obstacle=obstacle)
    removals = [_remove(each, situation) for each in situation.held]
    steps = [*removals, _changed(situation)]
    if not situation.gone:
        steps += [replace(_again(each, situation), undoes=number) for number, each in enumerate(situation.held, 1)]
    text = "What holds it is taken off, and put on again with the same account, day, amount and reference."
    if situation.gone:
        text = "What holds it is taken off and not made again: money entered on it is no longer in Xero's bank account."
    return Way(REAPPLY, title, text, tuple(steps))


def _cannot_reapply(situation: Situation) -> str:
    record, seen = situation.record, situation.seen
    assert seen is not None
    if situation.agreed.corrected:
        return "It was corrected by another document before, which would no longer fit."
    if seen.gone:
        return f"{record.number} was voided or deleted in Xero."
    if shut := _shut(situation, seen):
        return shut
    if not situation.gone and (problem := _misfit(situation)):
        return f"{problem.text} {problem.advice}"
    return _unknown(situation, seen)


def _shut(situation: Situation, seen: Seen) -> str:
    """Which of the days that the calls touch is in a locked period."""
    days = [seen.date, *(each.seen.date for each in situation.held), None if situation.gone else situation.record.date]
    problems = (locked(day, situation.books) for day in days if day)
    return next((problem.text for problem in problems if problem), "")


def _unknown(situation: Situation, seen: Seen) -> str:
    """What on the document could not be made again as it was."""
    record = situation.record
    known = sum((each.seen.total or _NOTHING for each in situation.held), _NOTHING)
    if known != (seen.paid or _NOTHING):
        return f"Xero shows {said(seen.paid)} paid or credited, but Tieout knows of {said(known)} only: sync once more."
    if not situation.gone and known > record.total:
        held, total = f"{said(known)} {record.currency}", said(record.total)
        return f"The {held} on it are more than its new total of {total}: use the other way."
    if any(not each.seen.account for each in situation.held if each.seen.kind != "allocation"):
        return "Tieout has not seen on which account it was paid: sync once more."
    return ""


def _remove(held: Held, situation: Situation) -> Step:
    seen = held.seen
    facts = _bound(held, VOID)
    if seen.kind == "allocation":
        credit, document, _ = seen.key.split("|")
        return Step(
            text=f"Remove the use of credit of {said(seen.total)} {seen.currency}",
            kind=seen.kind,
            action="void",
            method="DELETE",
            path=f"{held.endpoint}/{credit}/Allocations/{seen.xero_id}",
            body="",
            many=False,
            moves={credit: str(-(seen.total or _NOTHING)), document: str(-(seen.total or _NOTHING))},
            xero_id=seen.xero_id,
            **facts,
        )
    return Step(
        text=f"Remove {_payment_words(seen, situation)}",
        kind=seen.kind,
        action="void",
        method="POST",
        path=f"Payments/{seen.xero_id}",
        body=wire.encode(types.Payment(status="DELETED")).decode(),
        many=False,
        moves={seen.foreign_number: str(-(seen.total or _NOTHING))},
        xero_id=seen.xero_id,
        **facts,
    )


def _payment_words(seen: Seen, situation: Situation) -> str:
    day = f" of {seen.date:%d %b %Y}" if seen.date else ""
    reference = f" “{seen.number}”" if seen.number else ""
    return f"the {seen.kind}{day}, {said(seen.total)} {situation.record.currency} on account {seen.account}{reference}"


class _Bound(TypedDict, total=False):
    record_id: str
    fingerprint: str


def _bound(held: Held, fingerprint: str) -> _Bound:
    """What is bound by a step: nothing, where Core has no record of what it is about."""
    bound_to = held.seen.bound_to
    return {"record_id": str(bound_to.id), "fingerprint": fingerprint} if bound_to else {}


def _changed(situation: Situation) -> Step:
    """The change itself: what the planner would send, if nothing held the document."""
    kind, record, books = situation.kind, situation.record, situation.books
    xero_id = situation.agreed.xero_id
    action = "void" if situation.gone else "update"
    payload = kind.void_payload(record, situation.seen) if situation.gone else kind.payload(record, books)
    route = kind.route(action, record, books, xero_id)
    computed = {} if situation.gone else {name: str(value) for name, value in kind.computed(record).items()}
    return Step(
        text=f"{'Void' if situation.gone else 'Update'} {record.number}",
        kind=kind.name,
        action=action,
        method=route.method,
        path=route.path,
        body=wire.encode(kind.identify(payload, xero_id)).decode(),
        many=route.many,
        xero_id=xero_id,
        record_id=str(record.key.id),
        fingerprint=VOID if situation.gone else kind.fingerprint(wire.encode(payload)),
        computed=computed,
    )


def _again(held: Held, situation: Situation) -> Step:
    """What was removed, made anew with the same account, day, amount and reference."""
    seen = held.seen
    amount = seen.total or _NOTHING
    if seen.kind == "allocation":
        credit, document, _ = seen.key.split("|")
        text = f"Allocate {said(amount)} {seen.currency} of that credit again"
        return replace(_allocate(text, held.endpoint, credit, document, amount), **_bound(held, held.agreed))
    account = types.AccountRef(code=seen.account)
    if len(seen.account) > 30:  # an account without a code is named by its id
        account = types.AccountRef(account_id=seen.account)
    foreign = situation.record.currency != situation.books.base_currency
    payment = types.Payment(
        account=account,
        date=seen.date.isoformat() if seen.date else None,
        amount=amount,
        currency_rate=seen.rate if foreign else None,
        reference=seen.number or None,
        invoice=types.InvoiceRef(invoice_id=seen.foreign_number) if seen.kind == "payment" else None,
        credit_note=types.CreditNote(credit_note_id=seen.foreign_number) if seen.kind == "refund" else None,
    )
    return Step(
        text=f"Make {_payment_words(seen, situation)} again",
        kind=seen.kind,
        action="create",
        method="PUT",
        path="Payments",
        body=wire.encode(payment).decode(),
        key=seen.key,
        moves={seen.foreign_number: str(amount)},
        **_bound(held, held.agreed),
    )


def records_in(record: DocumentRecord, held: Sequence[Held]) -> Iterator[str]:
    """Core's records that the calls are about."""
    yield str(record.key.id)
    for each in held:
        if each.seen.bound_to:
            yield str(each.seen.bound_to.id)
