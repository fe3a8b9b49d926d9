"""What sale and purchase credit notes share: both are Xero credit notes, of type ACCRECCREDIT and ACCPAYCREDIT.

Xero knows no discounts on them. `paid` of the last-seen view is what was used or refunded, `due` what is left to give.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from tieout.core.records import DocumentRecord, RecordKey
from tieout.kinds.books import Books, Seen
from tieout.kinds.invoice import DocumentKind, gone_status
from tieout.xero import resources, types, wire


class CreditNoteKind(DocumentKind[types.CreditNote]):
    """`type` is Xero's word."""

    type: ClassVar[str]
    id_field = "credit_note_id"
    resource = resources.CREDIT_NOTES

    def payload(self, record: DocumentRecord, books: Books) -> types.CreditNote:
        foreign = record.currency != books.base_currency
        return types.CreditNote(
            type=self.type,
            credit_note_number=record.number,
            contact=types.ContactRef(contact_id=books.xero_id(RecordKey("contact", record.contact_id))),
            date=self.booked_on(record, books).isoformat(),
            status=self.status(record, books),
            line_amount_types=record.tax_treatment,
            currency_code=record.currency,
            currency_rate=record.rate if foreign else None,
            line_items=self.dated_lines(record, books, discounts=False),
        )

    def void_payload(self, record: DocumentRecord, seen: Seen | None) -> types.CreditNote:
        return types.CreditNote(status=gone_status(seen))

    def seen(self, element: types.CreditNote) -> Seen | None:
        if element.type != self.type:
            return None
        contact_id = (element.contact.contact_id if element.contact else "") or ""
        number = element.credit_note_number or ""
        total, left = element.total or Decimal(0), element.remaining_credit
        status = element.status or ""
        due = left if left is not None else total
        return Seen(
            kind=self.name,
            xero_id=element.credit_note_id or "",
            key=self.number_key(number, contact_id),
            other_key="",
            number=number,
            status=status,
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
            date=wire.as_date(element.date) if element.date else None,
            currency=element.currency_code or "",
            total=total,
            paid=total - due if status in {"AUTHORISED", "PAID"} else Decimal(0),
            due=due,
            contact_id=contact_id,
            rate=element.currency_rate,
        )

    def number_key(self, number: str, contact_id: str) -> str:
        """What the document is found by."""
        raise NotImplementedError
