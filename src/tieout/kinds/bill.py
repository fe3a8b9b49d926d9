"""Bill → Xero invoice of type ACCPAY. Its number is free text in Xero, so it is found by number and contact."""

from __future__ import annotations

from msgspec import structs

from tieout.core.records import DocumentRecord, RecordKey
from tieout.kinds.books import Books, Seen
from tieout.kinds.invoice import InvoiceKind
from tieout.xero import types


class BillKind(InvoiceKind):
    name = "bill"
    title = "Bill"
    plural = "Bills"
    type = "ACCPAY"
    side = "purchase"
    always = True

    def keys(self, record: DocumentRecord, books: Books) -> tuple[str, ...]:
        return (self.number_key(record.number, books.xero_id(RecordKey("contact", record.contact_id))),)

    def number_key(self, number: str, contact_id: str) -> str:
        return f"number:{number.casefold()}|{contact_id}"

    def seen(self, element: types.Invoice) -> Seen | None:
        """A voided bill no longer holds its number."""
        seen = super().seen(element)
        return structs.replace(seen, key="") if seen and seen.gone else seen
