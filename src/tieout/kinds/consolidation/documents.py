"""The consolidated document as a record of the shape that the plain kinds map.

In: its head and the lines that it holds of its members. Out: a DocumentRecord, JournalRecord, MoneyTaskRecord or
SettlementRecord. Always: its totals are the sums of the members' lines; the same members in any order give the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from tieout.core import money
from tieout.core.records import (
    DocumentRecord,
    JournalLineRecord,
    JournalRecord,
    LineRecord,
    MoneyTaskRecord,
    RecordKey,
    SettlementRecord,
)
from tieout.kinds.consolidation.lines import NOTHING, Line, merged
from tieout.kinds.consolidation.terms import Terms

_SALES = ("consolidated_invoice", "consolidated_credit_note")
_WORDS = {"consolidated_journal": "Journals", "consolidated_money_task": "Money", "consolidated_payment": "Payments"}
ConsolidatedRecord = DocumentRecord | JournalRecord | MoneyTaskRecord | SettlementRecord


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a document beside its lines. `status`: DRAFT while it gathers, AUTHORISED, or VOIDED."""

    id: UUID
    number: str
    reference: str
    terms: Terms
    date: datetime.date
    due: datetime.date
    status: str
    base_currency: str
    contact_name: str = ""
    settled: RecordKey | None = None
    settled_number: str = ""


def record(head: Head, lines: Iterable[Line]) -> ConsolidatedRecord:
    """The document, its members' lines merged."""
    kind = head.terms.kind
    by_side = kind == "consolidated_journal"
    found = merged(lines, by_side=by_side, tax_first=head.terms.grouping == "tax")
    if by_side:
        return _journal(head, found)
    if kind == "consolidated_payment":
        return _payment(head, found)
    if kind == "consolidated_money_task":
        return _money_task(head, found)
    return _document(head, found)


def _key(head: Head) -> RecordKey:
    return RecordKey(head.terms.kind, head.id)


def _document(head: Head, lines: tuple[Line, ...]) -> DocumentRecord:
    terms = head.terms
    totals = money.totals((money.LineAmounts(line.amount, line.tax) for line in lines), terms.treatment)
    if terms.contact_id is None:
        raise ValueError(f"{head.number} has no contact")
    return DocumentRecord(
        key=_key(head),
        number=head.number,
        contact_id=terms.contact_id,
        contact_name=head.contact_name,
        channel=terms.channel,
        reference=head.reference if terms.kind in _SALES else "",
        date=head.date,
        due_date=max(head.due, head.date),
        currency=terms.currency,
        rate=terms.rate,
        tax_treatment=terms.treatment,
        status=head.status,
        subtotal=totals.subtotal,
        tax=totals.tax,
        total=totals.total,
        paid=NOTHING,
        lines=tuple(_line(line) for line in lines),
    )


def _line(line: Line) -> LineRecord:
    """A quantity is shown where it fits the amount exactly; otherwise the line is one of its amount."""
    quantity, price = Decimal(1), line.amount
    if line.product_id and line.quantity > 0:
        each = money.to_unit_price(line.amount / line.quantity)
        if money.line_amount(line.quantity, each) == line.amount:
            quantity, price = line.quantity, each
    return LineRecord(
        description=line.description,
        quantity=quantity,
        unit_price=price,
        discount=Decimal(0),
        amount=line.amount,
        tax=line.tax,
        product_id=line.product_id,
        account=line.account,
        tax_rule_id=line.tax_rule_id,
        tracking=dict(line.tracking),
    )


def _journal(head: Head, lines: tuple[Line, ...]) -> JournalRecord:
    return JournalRecord(
        key=_key(head),
        number=head.number,
        purpose="cost_of_goods",
        date=head.date,
        narration=" ".join(filter(None, (_words(head), head.terms.channel))),
        currency=head.base_currency,
        status=head.status,
        lines=tuple(
            JournalLineRecord(
                line.account, line.role, line.amount, line.description, line.tax_rule_id, dict(line.tracking)
            )
            for line in lines
        ),
        channel=head.terms.channel,
    )


def _money_task(head: Head, lines: tuple[Line, ...]) -> MoneyTaskRecord:
    terms = head.terms
    totals = money.totals((money.LineAmounts(line.amount, line.tax) for line in lines), terms.treatment)
    return MoneyTaskRecord(
        key=_key(head),
        number=head.number,
        type=terms.type,
        account=terms.account,
        to_account="",
        contact_id=terms.contact_id,
        contact_name=head.contact_name,
        date=head.date,
        currency=terms.currency,
        rate=terms.rate,
        tax_treatment=terms.treatment,
        reference="",
        status=head.status,
        subtotal=totals.subtotal,
        tax=totals.tax,
        total=totals.total,
        lines=tuple(_line(line) for line in lines),
    )


def _payment(head: Head, lines: tuple[Line, ...]) -> SettlementRecord:
    if head.settled is None:
        raise ValueError(f"{head.number} pays nothing")
    amount = sum((line.amount for line in lines), NOTHING)
    return SettlementRecord(
        key=_key(head),
        number=head.number,
        document=head.settled,
        document_number=head.settled_number,
        document_total=amount,
        account=head.terms.account,
        date=head.date,
        amount=amount,
        currency=head.terms.currency,
        rate=head.terms.rate,
        reference="",
        status=head.status,
        contact_name=head.contact_name,
    )


def _words(head: Head) -> str:
    first, last = head.terms.first, head.terms.last
    when = f"{last:%d %b %Y}" if first == last else f"{last:%B %Y}"
    return f"{_WORDS.get(head.terms.kind, 'Documents')} of {when}"
