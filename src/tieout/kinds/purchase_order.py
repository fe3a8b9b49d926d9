"""Purchase order → Xero purchase order, where the settings want them there. They post nothing, so no lock date counts.

Xero keeps the number of a deleted order taken, so the call that deletes one renames it as well.
"""

from __future__ import annotations

from tieout.core.records import DocumentRecord, RecordKey
from tieout.kinds.books import Books, Seen
from tieout.kinds.invoice import DocumentKind
from tieout.kinds.lines import line_items
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire


class PurchaseOrderKind(DocumentKind[types.PurchaseOrder]):
    name = "purchase_order"
    title = "Purchase order"
    plural = "Purchase orders"
    side = "purchase"
    id_field = "purchase_order_id"
    proven_by_echo = True
    resource = resources.PURCHASE_ORDERS

    def left_out(self, record: DocumentRecord, books: Books) -> tuple[str, str] | None:
        if books.settings.export_purchase_orders:
            return None
        return ("not-exported", "Purchase orders are not sent to Xero; the connection's settings can change that.")

    def keys(self, record: DocumentRecord, books: Books) -> tuple[str, ...]:
        return (f"number:{record.number.casefold()}",)

    def check(self, record: DocumentRecord, books: Books) -> Problem | None:
        return self.misfit(record, books)

    def payload(self, record: DocumentRecord, books: Books) -> types.PurchaseOrder:
        foreign = record.currency != books.base_currency
        return types.PurchaseOrder(
            purchase_order_number=record.number,
            reference=record.reference,
            contact=types.ContactRef(contact_id=books.xero_id(RecordKey("contact", record.contact_id))),
            date=record.date.isoformat(),
            delivery_date=record.delivery_date.isoformat() if record.delivery_date else None,
            status=self.status(record, books),
            line_amount_types=record.tax_treatment,
            currency_code=record.currency,
            currency_rate=record.rate if foreign else None,
            line_items=list(line_items(record, books, self.side, discounts=True)),
        )

    def void_payload(self, record: DocumentRecord, seen: Seen | None) -> types.PurchaseOrder:
        renamed = f"{record.number} deleted {record.key.id.hex[:8]}"
        return types.PurchaseOrder(purchase_order_number=renamed, status="DELETED")

    def check_change(self, record: DocumentRecord, seen: Seen | None, books: Books) -> Problem | None:
        if seen is None or not seen.gone:
            return None
        return Problem(
            "gone-in-xero",
            f"{record.number} was deleted in Xero.",
            "Void it in Core too, or make a new order with another number.",
        )

    def seen(self, element: types.PurchaseOrder) -> Seen | None:
        number = element.purchase_order_number or ""
        return Seen(
            kind=self.name,
            xero_id=element.purchase_order_id or "",
            key=f"number:{number.casefold()}",
            other_key="",
            number=number,
            status=element.status or "",
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
            date=wire.as_date(element.date) if element.date else None,
            currency=element.currency_code or "",
            total=element.total,
            contact_id=(element.contact.contact_id if element.contact else "") or "",
            rate=element.currency_rate,
        )
