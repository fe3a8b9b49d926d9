"""How an invoice looks in each answer.

In: a stored (or refused) invoice. Out: the element of a write (full contact, no `Payments`), of a single
read (full contact, payments when there are any), of a paged list (short contact, all four lists), of a list
without pages (no lines) or of a summary.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from xero_twin import wire
from xero_twin.organisation import Organisation
from xero_twin.records import Invoice
from xero_twin.resource import Call, Shape, record_id
from xero_twin.resources import attachments, credit_shapes, document_contact, line_shapes
from xero_twin.resources.line_shapes import ShownLine, WrittenLine

_WITH_LINES = (Shape.WRITE, Shape.ONE, Shape.LIST, Shape.STORED)


class ShownInvoice(wire.Element, gc=False):
    """An invoice in an answer. Alone it has its payments after `HasAttachments` instead."""

    type: str | None = None
    invoice_id: str | None = None
    invoice_number: str | None = None
    reference: str | None = None
    attachments: list[Any] | None = None
    invoice_addresses: list[Any] | None = None
    payments: list[dict[str, Any]] | None = None
    credit_notes: list[dict[str, Any]] | None = None
    prepayments: list[dict[str, Any]] | None = None
    overpayments: list[dict[str, Any]] | None = None
    has_attachments: bool | None = None
    amount_due: Decimal | None = None
    amount_paid: Decimal | None = None
    amount_credited: Decimal | None = None
    url: str | None = None
    currency_rate: Decimal | None = None
    is_discounted: bool | None = None
    has_errors: bool | None = None
    sent_to_contact: bool | None = None
    contact: Any = None
    date_string: str | None = None
    date: msgspec.Raw | None = None
    due_date_string: str | None = None
    due_date: msgspec.Raw | None = None
    expected_payment_date: msgspec.Raw | None = None
    planned_payment_date: msgspec.Raw | None = None
    status: str | None = None
    line_amount_types: str | None = None
    line_items: Sequence[ShownLine | WrittenLine] | None = None
    sub_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None
    total_discount: Decimal | None = None
    rounding_amount: Decimal | None = None
    entered_total: Decimal | None = None
    updated_date_utc: msgspec.Raw | None = None
    updated_date_utc_string: str | None = msgspec.field(default=None, name="UpdatedDateUTCString")
    currency_code: str | None = None
    fully_paid_on_date: msgspec.Raw | None = None


def show(call: Call, invoice: Invoice, shape: Shape) -> ShownInvoice | dict[str, Any]:
    org = call.org
    files, addresses, payments, credit_notes, prepayments, overpayments, has_files = _settlements(org, invoice, shape)
    date_string, date, due_date_string, due_date = wire.dates(invoice.date, invoice.due_date)
    discount, expected, planned = invoice.total_discount, invoice.expected_payment_date, invoice.planned_payment_date
    fully_paid_on = invoice.fully_paid_on
    lines: Sequence[ShownLine | WrittenLine] | None = None
    if shape is Shape.STORED:
        lines = line_shapes.show(invoice.lines, shape, call.unitdp, org)
    elif shape in _WITH_LINES:
        lines = line_shapes.write(invoice.lines, shape, call.unitdp, org)
    shown = ShownInvoice(
        None,
        invoice.type or None,
        record_id(invoice),
        invoice.number or "",
        invoice.reference or "",
        files,
        addresses,
        payments,
        credit_notes,
        prepayments,
        overpayments,
        has_files,
        invoice.amount_due,
        invoice.amount_paid,
        invoice.amount_credited,
        invoice.url,
        invoice.currency_rate,
        bool(discount),
        False,
        invoice.sent_to_contact,
        document_contact.written(call, invoice.contact_id, shape),
        date_string,
        date,
        due_date_string,
        due_date,
        None if expected is None else wire.day(expected),
        None if planned is None else wire.day(planned),
        invoice.status,
        invoice.basis,
        lines,
        invoice.sub_total,
        invoice.total_tax,
        invoice.total,
        discount or None,
        invoice.rounding_amount,
        invoice.entered_total,
        wire.instant(invoice.updated),
        wire.instant_string(invoice.updated),
        invoice.currency,
        None if fully_paid_on is None else wire.day(fully_paid_on),
    )
    return _with_payments_later(shown) if payments and shape in (Shape.ONE, Shape.STORED) else shown


def _with_payments_later(shown: ShownInvoice) -> dict[str, Any]:
    keys = wire.keys(shown)
    at = list(keys).index("HasAttachments")
    payments = keys.pop("Payments")
    found = list(keys.items())
    return dict([*found[:at], ("Payments", payments), *found[at:]])


def _settlements(org: Organisation, invoice: Invoice, shape: Shape) -> tuple[Any, ...]:
    """Files, addresses, payments, credits by their kinds, and whether there are files: which of them there are depends
    on the call."""
    if shape is Shape.SUMMARY:
        return None, None, None, None, None, None, None
    if shape is Shape.WRITE and not invoice.amount_credited:
        return None, None, None, None, [], [], None
    credit_notes, prepayments, overpayments = credit_shapes.of_invoice(org, invoice.id)
    if shape is Shape.WRITE:
        return None, None, None, None, prepayments, overpayments, None
    found = [org.payments.get(payment_id) for payment_id in invoice.payments]
    payments = [credit_shapes.short_payment(payment) for payment in found if payment is not None]
    files = org.attachments.find("owner", ("Invoices", invoice.id))
    lists = (credit_notes, prepayments, overpayments, bool(files))
    if shape in (Shape.ONE, Shape.STORED):
        return [attachments.show(file) for file in files], [], payments or None, *lists
    return None, [], payments, *lists
