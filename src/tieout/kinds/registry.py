"""Every kind of record that Tieout can sync. Adding one is its module, its test and a line here."""

from __future__ import annotations

from tieout.kinds.allocation import AllocationKind
from tieout.kinds.attachment import AttachmentKind
from tieout.kinds.bill import BillKind
from tieout.kinds.consolidated import CONSOLIDATED
from tieout.kinds.contact import ContactKind
from tieout.kinds.customer_credit import CustomerCreditKind
from tieout.kinds.journal import JournalKind
from tieout.kinds.kind import AnyKind
from tieout.kinds.money_task import MoneyTaskKind
from tieout.kinds.payment import PaymentKind
from tieout.kinds.product import ProductKind
from tieout.kinds.purchase_credit_note import PurchaseCreditNoteKind
from tieout.kinds.purchase_order import PurchaseOrderKind
from tieout.kinds.refund import RefundKind
from tieout.kinds.sale_credit_note import SaleCreditNoteKind
from tieout.kinds.sale_invoice import SaleInvoiceKind
from tieout.kinds.supplier_deposit import SupplierDepositKind

_ALL: tuple[AnyKind, ...] = (
    ContactKind(),
    ProductKind(),
    *CONSOLIDATED,  # before the records that they carry
    SaleInvoiceKind(),
    BillKind(),
    SaleCreditNoteKind(),
    PurchaseCreditNoteKind(),
    PurchaseOrderKind(),
    CustomerCreditKind(),
    SupplierDepositKind(),
    JournalKind(),
    MoneyTaskKind(),
    PaymentKind(),
    AllocationKind(),
    RefundKind(),
    AttachmentKind(),
)
KINDS: dict[str, AnyKind] = {kind.name: kind for kind in _ALL}


def by_rank() -> list[list[AnyKind]]:
    """The kinds in the order in which they must go, those of one rank together."""
    ranks = sorted({kind.rank for kind in KINDS.values()})
    return [[kind for kind in KINDS.values() if kind.rank == rank] for rank in ranks]
