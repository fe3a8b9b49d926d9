"""Consolidated documents: each is mapped, found again and voided as the plain kind that it carries.

While a document gathers and is to be seen in Xero already, it stands there as a draft. Its own reads are those of the
plain kind: Xero knows no difference.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from tieout.core.records import DocumentRecord
from tieout.kinds.allocation import AllocationKind
from tieout.kinds.bill import BillKind
from tieout.kinds.books import Books, Seen
from tieout.kinds.invoice import DocumentKind
from tieout.kinds.journal import JournalKind
from tieout.kinds.kind import AnyKind, Kind
from tieout.kinds.money_task import MoneyTaskKind
from tieout.kinds.payment import PaymentKind
from tieout.kinds.purchase_credit_note import PurchaseCreditNoteKind
from tieout.kinds.sale_credit_note import SaleCreditNoteKind
from tieout.kinds.sale_invoice import SaleInvoiceKind
from tieout.xero import resources

_DRAFT = b'"Status":"DRAFT"'


class _Consolidated(Kind[Any, Any]):
    always = False

    @property
    def reads(self) -> tuple[resources.Resource[Any], ...]:
        return ()

    @property
    def verified_by(self) -> tuple[resources.Resource[Any], ...]:
        return (self.resource,)

    def is_ready(self, record: Any) -> bool:
        return True

    def seen(self, element: Any) -> Seen | None:
        seen = super().seen(element)  # type: ignore[safe-super]
        return structs.replace(seen, kind=self.carries) if seen else None


class _Gathering(_Consolidated, DocumentKind[Any]):
    """One that may stand in Xero as a draft until it is closed. That it does is content, other than for plain ones."""

    def status(self, record: DocumentRecord, books: Books) -> str | None:
        if record.status == "DRAFT":
            return "DRAFT"
        agreed = books.agreed.get(record.key)
        seen = books.seen.get(agreed.xero_id) if agreed else None
        stands = agreed is not None and (seen is None or seen.status != "DRAFT")
        return None if stands else books.settings.status_of(self.carries, record.channel)

    def fingerprint(self, content: bytes) -> str:
        return Kind.fingerprint(self, content) if _DRAFT in content else super().fingerprint(content)


class ConsolidatedInvoiceKind(_Gathering, SaleInvoiceKind):
    name = "consolidated_invoice"
    title = "Consolidated invoice"
    plural = "Consolidated invoices"
    carries = "sale_invoice"


class ConsolidatedCreditNoteKind(_Gathering, SaleCreditNoteKind):
    name = "consolidated_credit_note"
    title = "Consolidated credit note"
    plural = "Consolidated credit notes"
    carries = "sale_credit_note"


class ConsolidatedBillKind(_Gathering, BillKind):
    name = "consolidated_bill"
    title = "Consolidated bill"
    plural = "Consolidated bills"
    carries = "bill"


class ConsolidatedSupplierCreditKind(_Gathering, PurchaseCreditNoteKind):
    name = "consolidated_supplier_credit"
    title = "Consolidated purchase credit note"
    plural = "Consolidated purchase credit notes"
    carries = "purchase_credit_note"


class ConsolidatedJournalKind(_Consolidated, JournalKind):
    name = "consolidated_journal"
    title = "Consolidated journal"
    plural = "Consolidated journals"
    carries = "journal"


class ConsolidatedMoneyTaskKind(_Consolidated, MoneyTaskKind):
    name = "consolidated_money_task"
    title = "Consolidated money task"
    plural = "Consolidated money tasks"
    carries = "money_task"


class ConsolidatedPaymentKind(_Consolidated, PaymentKind):
    name = "consolidated_payment"
    title = "Consolidated payment"
    plural = "Consolidated payments"
    carries = "payment"

    @property
    def verified_by(self) -> tuple[resources.Resource[Any], ...]:
        return (resources.INVOICES,)


class ConsolidatedAllocationKind(_Consolidated, AllocationKind):
    """An adjusting credit note used on the invoice that it corrects, or a credit note on what adjusts it."""

    name = "consolidated_allocation"
    title = "Adjusting credit used"
    plural = "Adjusting credit used"
    carries = "allocation"

    @property
    def verified_by(self) -> tuple[resources.Resource[Any], ...]:
        return (resources.INVOICES, resources.CREDIT_NOTES)


CONSOLIDATED: tuple[AnyKind, ...] = (
    ConsolidatedInvoiceKind(),
    ConsolidatedCreditNoteKind(),
    ConsolidatedBillKind(),
    ConsolidatedSupplierCreditKind(),
    ConsolidatedJournalKind(),
    ConsolidatedMoneyTaskKind(),
    ConsolidatedAllocationKind(),
    ConsolidatedPaymentKind(),
)
