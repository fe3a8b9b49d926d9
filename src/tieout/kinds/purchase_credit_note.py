"""Purchase credit note → Xero credit note of type ACCPAYCREDIT. Its number is free text: found by it and contact."""

from __future__ import annotations

from msgspec import structs

from tieout.core.records import DocumentRecord, RecordKey
from tieout.kinds.books import Books, Seen
from tieout.kinds.credit_note import CreditNoteKind
from tieout.xero import types


class PurchaseCreditNoteKind(CreditNoteKind):
    name = "purchase_credit_note"
    title = "Purchase credit note"
    plural = "Purchase credit notes"
    type = "ACCPAYCREDIT"
    side = "purchase"

    def keys(self, record: DocumentRecord, books: Books) -> tuple[str, ...]:
        return (self.number_key(record.number, books.xero_id(RecordKey("contact", record.contact_id))),)

    def number_key(self, number: str, contact_id: str) -> str:
        return f"number:{number.casefold()}|{contact_id}"

    def seen(self, element: types.CreditNote) -> Seen | None:
        """A voided one no longer holds its number."""
        seen = super().seen(element)
        return structs.replace(seen, key="") if seen and seen.gone else seen
