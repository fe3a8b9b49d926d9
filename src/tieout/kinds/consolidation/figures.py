"""What a record contributes to a consolidated document.

In: a record and the books. Out: its `Figures`: day, currency, rate, and its lines with their accounts, taxes and
tracking settled as the plain kind would settle them. Always: the lines add up to the record's total.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import msgspec

from tieout.core import money
from tieout.core.costs import tracking_of
from tieout.core.records import (
    DocumentRecord,
    JournalRecord,
    LineRecord,
    MoneyTaskRecord,
    RecordKey,
    SettlementRecord,
)
from tieout.kinds.books import Books
from tieout.kinds.consolidation.lines import NOTHING, Line, merged
from tieout.kinds.lines import line_account, line_tax_rule

_SUMMARY = {
    "sale_invoice": "Sales",
    "sale_credit_note": "Sales credited",
    "bill": "Purchases",
    "purchase_credit_note": "Purchases credited",
    "spend": "Money spent",
    "receive": "Money received",
}
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of a record. `said`: its own words; those of `line` are what it adds to."""

    line: Line
    said: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a record contributes. `settles`: the consolidated document that a payment pays."""

    key: RecordKey
    number: str
    party: str
    contact_id: UUID | None
    channel: str
    day: datetime.date
    due: datetime.date
    currency: str
    rate: Decimal
    treatment: str
    pieces: tuple[Piece, ...]
    account: str = ""
    type: str = ""
    settles: UUID | None = None

    def lines(self, grouping: str) -> tuple[Line, ...]:
        """As they go into a document of that grouping, merged as far as they can be."""
        by_side = self.key.kind == "journal"
        return merged((_grouped(piece, grouping, self.number) for piece in self.pieces), by_side=by_side)


def total_of(kind: str, lines: tuple[Line, ...], treatment: str) -> Decimal:
    """What such lines add up to; of a journal, its debits."""
    if kind in ("journal", "consolidated_journal"):
        return sum((line.amount for line in lines if line.amount > 0), NOTHING)
    return money.totals((money.LineAmounts(line.amount, line.tax) for line in lines), treatment).total


def of_document(record: DocumentRecord, books: Books, side: str) -> Figures:
    summary = _SUMMARY[record.key.kind]
    return Figures(
        key=record.key,
        number=record.number,
        party=record.contact_name,
        contact_id=record.contact_id,
        channel=record.channel if side == "sale" else "",
        day=record.date,
        due=record.due_date,
        currency=record.currency,
        rate=record.rate,
        treatment=record.tax_treatment,
        pieces=tuple(_piece(line, record, books, side, summary) for line in record.lines),
    )


def of_money_task(record: MoneyTaskRecord, books: Books) -> Figures:
    """Xero computes the tax of bank transactions by itself, line by line, so that taxed lines stay as they are."""
    side = "sale" if record.type == "receive" else "purchase"
    pieces = [_piece(line, record, books, side, _SUMMARY[record.type]) for line in record.lines]
    return Figures(
        key=record.key,
        number=record.number,
        party=record.contact_name,
        contact_id=record.contact_id,
        channel="",
        day=record.date,
        due=record.date,
        currency=record.currency,
        rate=record.rate,
        treatment=record.tax_treatment,
        pieces=tuple(_alone(piece, record.number) if piece.line.tax else piece for piece in pieces),
        account=record.account,
        type=record.type,
    )


def of_journal(record: JournalRecord, books: Books) -> Figures:
    """Lines with tax stay as they are: Xero computes it."""
    pieces = []
    for line in record.lines:
        piece = Piece(
            Line(
                account=line.account,
                role="" if line.account else line.role,
                tax_rule_id=line.tax_rule_id,
                amount=line.amount,
                tax=NOTHING,
                description=record.narration.partition(":")[0] or "Journals",
                tracking=_mapped(line.tracking, books),
            ),
            line.description or record.number,
        )
        pieces.append(_alone(piece, record.number) if line.tax_rule_id is not None else piece)
    return Figures(
        key=record.key,
        number=record.number,
        party=record.contact_name,
        contact_id=None,
        channel=record.channel,
        day=record.date,
        due=record.date,
        currency=record.currency,
        rate=Decimal(1),
        treatment="",
        pieces=tuple(pieces),
    )


def of_payment(record: SettlementRecord, settles: UUID, channel: str) -> Figures:
    line = Line(record.account, None, record.amount, NOTHING, "Payments")
    return Figures(
        key=record.key,
        number=record.number,
        party=record.contact_name,
        contact_id=None,
        channel=channel,
        day=record.date,
        due=record.date,
        currency=record.currency,
        rate=record.rate,
        treatment="NoTax",
        pieces=(Piece(line, record.number),),
        account=record.account,
        settles=settles,
    )


def _piece(line: LineRecord, record: DocumentRecord | MoneyTaskRecord, books: Books, side: str, summary: str) -> Piece:
    rule = line_tax_rule(line, books)
    taxed = record.tax_treatment != "NoTax"
    product = books.products.get(line.product_id) if line.product_id else None
    settled = Line(
        account=line_account(line, record, books, side),
        tax_rule_id=rule.id if rule and taxed else None,
        amount=line.amount,
        tax=line.tax if taxed else NOTHING,
        description=f"{summary}, {rule.name}" if rule and taxed else summary,
        tracking=_mapped(_texts(line, record, books), books),
        product_id=line.product_id,
        quantity=line.quantity,
    )
    return Piece(settled, product.name if product else line.description)


def _texts(line: LineRecord, record: DocumentRecord | MoneyTaskRecord, books: Books) -> Mapping[str, str]:
    if line.tracking or isinstance(record, MoneyTaskRecord):
        return line.tracking
    product = books.products.get(line.product_id) if line.product_id else None
    return tracking_of(record, product, books.contacts.get(record.contact_id))


def _mapped(texts: Mapping[str, str], books: Books) -> tuple[tuple[str, str], ...]:
    """Only what the settings map to a category, so that other texts keep no lines apart."""
    return tuple(sorted((told, texts[told]) for told in books.settings.tracking if texts.get(told)))


def _alone(piece: Piece, number: str) -> Piece:
    return Piece(msgspec.structs.replace(piece.line, alone=True, detail=number), piece.said)


def _grouped(piece: Piece, grouping: str, number: str) -> Line:
    line = piece.line
    if grouping == "order":
        return msgspec.structs.replace(line, product_id=None, quantity=Decimal(0), detail=number, description=number)
    if grouping == "product":
        detail = line.detail if line.product_id else piece.said[:200]
        return msgspec.structs.replace(line, detail=detail, description=piece.said[:_LONGEST] or line.description)
    description = piece.said[:_LONGEST] if line.alone and piece.said else line.description
    return msgspec.structs.replace(line, product_id=None, quantity=Decimal(0), description=description)
