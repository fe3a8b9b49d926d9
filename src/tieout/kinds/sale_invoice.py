"""Sale invoice → Xero invoice of type ACCREC. Its number is unique in Xero, so it is found again by that."""

from __future__ import annotations

import msgspec

from tieout.core.records import DocumentRecord
from tieout.kinds.books import Books
from tieout.kinds.invoice import InvoiceKind
from tieout.xero import types


class SaleInvoiceKind(InvoiceKind):
    name = "sale_invoice"
    title = "Sale invoice"
    plural = "Sale invoices"
    type = "ACCREC"
    side = "sale"
    always = True

    def payload(self, record: DocumentRecord, books: Books) -> types.Invoice:
        return msgspec.structs.replace(super().payload(record, books), reference=self.reference(record, books))

    def keys(self, record: DocumentRecord, books: Books) -> tuple[str, ...]:
        return (self.number_key(record.number, ""),)

    def number_key(self, number: str, contact_id: str) -> str:
        return f"number:{number.casefold()}"
