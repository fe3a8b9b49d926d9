"""Sale credit note → Xero credit note of type ACCRECCREDIT. Its number is unique in Xero: it is found again by that."""

from __future__ import annotations

import msgspec

from tieout.core.records import DocumentRecord
from tieout.kinds.books import Books
from tieout.kinds.credit_note import CreditNoteKind
from tieout.xero import types


class SaleCreditNoteKind(CreditNoteKind):
    name = "sale_credit_note"
    title = "Sale credit note"
    plural = "Sale credit notes"
    type = "ACCRECCREDIT"
    side = "sale"

    def payload(self, record: DocumentRecord, books: Books) -> types.CreditNote:
        return msgspec.structs.replace(super().payload(record, books), reference=self.reference(record, books))

    def keys(self, record: DocumentRecord, books: Books) -> tuple[str, ...]:
        return (self.number_key(record.number, ""),)

    def number_key(self, number: str, contact_id: str) -> str:
        return f"number:{number.casefold()}"
