"""How an invoice looks in each answer.

In: a stored (or refused) invoice. Out: the element of a write (full contact, no `Payments`), of a single
read (full contact, payments when there are any), of a paged list (short contact, all four lists), of a list
without pages (no lines) or of a summary.
"""

from typing import Any

from xero_twin import wire
from xero_twin.organisation import Organisation
from xero_twin.records import Invoice
from xero_twin.resource import Call, Shape, record_id
from xero_twin.resources import attachments, credit_shapes, document_contact, document_lines

_WITH_LINES = (Shape.WRITE, Shape.ONE, Shape.LIST, Shape.STORED)


def show(call: Call, invoice: Invoice, shape: Shape) -> dict[str, Any]:
    org, unitdp = call.org, call.unitdp
    lines = None
    if shape in _WITH_LINES:
        lines = [document_lines.show(line, shape, unitdp, org) for line in invoice.lines]
    return wire.without_nulls(
        {
            "Type": invoice.type or None,
            "InvoiceID": record_id(invoice),
            "InvoiceNumber": invoice.number or "",
            "Reference": invoice.reference or "",
            **_settlements(org, invoice, shape),
            "AmountDue": invoice.amount_due,
            "AmountPaid": invoice.amount_paid,
            "AmountCredited": invoice.amount_credited,
            "Url": invoice.url,
            "CurrencyRate": invoice.currency_rate,
            "IsDiscounted": bool(invoice.total_discount),
            "HasErrors": False,
            "SentToContact": invoice.sent_to_contact,
            "Contact": document_contact.written(call, invoice.contact_id, shape),
            "DateString": wire.day_string(invoice.date),
            "Date": wire.day(invoice.date),
            "DueDateString": wire.day_string(invoice.due_date),
            "DueDate": wire.day(invoice.due_date),
            "ExpectedPaymentDate": wire.day(invoice.expected_payment_date),
            "PlannedPaymentDate": wire.day(invoice.planned_payment_date),
            "Status": invoice.status,
            "LineAmountTypes": invoice.basis,
            "LineItems": lines,
            "SubTotal": invoice.sub_total,
            "TotalTax": invoice.total_tax,
            "Total": invoice.total,
            "TotalDiscount": invoice.total_discount or None,
            "RoundingAmount": invoice.rounding_amount,
            "EnteredTotal": invoice.entered_total,
            "UpdatedDateUTC": wire.instant(invoice.updated),
            "UpdatedDateUTCString": wire.instant_string(invoice.updated),
            "CurrencyCode": invoice.currency,
            "FullyPaidOnDate": wire.day(invoice.fully_paid_on),
        }
    )


def _settlements(org: Organisation, invoice: Invoice, shape: Shape) -> dict[str, Any]:
    """Payments and credits: which of the lists there are depends on the call."""
    if shape is Shape.SUMMARY:
        return {}
    credited = credit_shapes.of_invoice(org, invoice.id)
    if shape is Shape.WRITE:
        del credited["CreditNotes"]
        return credited
    found = [org.payments.get(payment_id) for payment_id in invoice.payments]
    payments = [credit_shapes.short_payment(payment) for payment in found if payment is not None]
    files = org.attachments.find("owner", ("Invoices", invoice.id))
    lists = {**credited, "HasAttachments": bool(files)}
    if shape in (Shape.ONE, Shape.STORED):
        shown = [attachments.show(file) for file in files]
        return {"Attachments": shown, "InvoiceAddresses": [], **lists, "Payments": payments or None}
    return {"InvoiceAddresses": [], "Payments": payments, **lists}
