"""Every kind of record that Tieout can sync. Adding one is its module, its test and a line here."""

from __future__ import annotations

from tieout.kinds.bill import BillKind
from tieout.kinds.contact import ContactKind
from tieout.kinds.kind import AnyKind
from tieout.kinds.payment import PaymentKind
from tieout.kinds.product import ProductKind
from tieout.kinds.sale_invoice import SaleInvoiceKind

KINDS: dict[str, AnyKind] = {
    kind.name: kind for kind in (ContactKind(), ProductKind(), SaleInvoiceKind(), BillKind(), PaymentKind())
}


def by_rank() -> list[list[AnyKind]]:
    """The kinds in the order in which they must go, those of one rank together."""
    ranks = sorted({kind.rank for kind in KINDS.values()})
    return [[kind for kind in KINDS.values() if kind.rank == rank] for rank in ranks]
