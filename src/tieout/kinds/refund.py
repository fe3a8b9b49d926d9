"""Refund → Xero payment against a credit note, prepayment or overpayment. Found and deleted like any payment."""

from __future__ import annotations

from typing import Any

import msgspec

from tieout.core.records import RecordKey, SettlementRecord
from tieout.kinds.books import Books, Seen
from tieout.kinds.credit import endpoint_of, plain_money
from tieout.kinds.payment import PaymentKind, account_of, payment_key
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire


class RefundKind(PaymentKind):
    name = "refund"
    title = "Refund"
    plural = "Refunds"
    always = False

    @property
    def verified_by(self) -> tuple[resources.Resource[Any], ...]:
        return (resources.CREDIT_NOTES, resources.PREPAYMENTS, resources.OVERPAYMENTS)

    def settled(self, record: SettlementRecord) -> RecordKey:
        return record.held_as or record.document

    def check(self, record: SettlementRecord, books: Books) -> Problem | None:
        return plain_money(books.xero_id(self.settled(record)), record.document_number, books) or super().check(
            record, books
        )

    def payload(self, record: SettlementRecord, books: Books) -> types.Payment:
        source = books.xero_id(self.settled(record))
        by_endpoint: dict[str, dict[str, Any]] = {
            "CreditNotes": {"credit_note": types.CreditNote(credit_note_id=source)},
            "Prepayments": {"prepayment": types.Prepayment(prepayment_id=source)},
            "Overpayments": {"overpayment": types.Overpayment(overpayment_id=source)},
        }
        refunded = by_endpoint[endpoint_of(source, self.settled(record), books)]
        return msgspec.structs.replace(super().payload(record, books), invoice=None, **refunded)

    def seen(self, element: types.Payment) -> Seen | None:
        source, source_id = _source(element)
        if source is None or not source_id or not element.date or element.amount is None:
            return None
        day, reference = wire.as_date(element.date), element.reference or ""
        gone = element.status == "DELETED"
        return Seen(
            kind=self.name,
            xero_id=element.payment_id or "",
            key="" if gone else payment_key(source_id, day, element.amount, reference),
            other_key="",
            number=reference,
            status=element.status or "AUTHORISED",
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
            date=day,
            total=element.amount,
            currency=source.currency_code or "",
            foreign_number=source_id,
            rate=element.currency_rate,
            account=account_of(element),
        )


def _source(element: types.Payment) -> tuple[types.Credit | None, str]:
    if element.credit_note:
        return element.credit_note, element.credit_note.credit_note_id or ""
    if element.prepayment:
        return element.prepayment, element.prepayment.prepayment_id or ""
    if element.overpayment:
        return element.overpayment, element.overpayment.overpayment_id or ""
    return None, ""
