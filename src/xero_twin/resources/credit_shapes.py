"""How credit notes, prepayments and overpayments look, alone and inside other documents.

In: a credit and its kind. Out: its element in each shape, its short form inside an invoice (with `AppliedAmount`) or a
payment, and its allocations.
"""

from collections.abc import Iterable
from typing import Any

from xero_twin import wire
from xero_twin.organisation import Organisation
from xero_twin.records import Allocation, Credit, Payment
from xero_twin.resource import Call, Shape, record_id
from xero_twin.resources import attachments, document_contact, line_shapes
from xero_twin.resources.settlement import CREDIT_NOTE, KINDS, PREPAYMENT, CreditKind


def show(call: Call, credit: Credit, shape: Shape, kind: CreditKind) -> dict[str, Any]:
    shown = {
        kind.id_key: record_id(credit),
        "ID": record_id(credit),
        **_names(credit, kind),
        "Type": credit.type or None,
        "RemainingCredit": credit.remaining,
        **_settlements(call.org, credit, shape, kind),
        "CurrencyRate": credit.currency_rate,
        "HasErrors": False,
        "Contact": document_contact.written(call, credit.contact_id, shape),
        "DateString": wire.day_string(credit.date),
        "Date": wire.day(credit.date),
        "Status": credit.status,
        "LineAmountTypes": credit.basis,
    }
    if kind is CREDIT_NOTE:
        shown["SentToContact"] = False
    if shape in (Shape.WRITE, Shape.ONE, Shape.LIST, Shape.STORED):
        shown["LineItems"] = line_shapes.show(credit.lines, shape, call.unitdp, call.org)
    shown |= {
        "SubTotal": credit.sub_total,
        "TotalTax": credit.total_tax,
        "Total": credit.total,
        "UpdatedDateUTC": wire.instant(credit.updated),
        "UpdatedDateUTCString": wire.instant_string(credit.updated),
        "CurrencyCode": credit.currency,
        "FullyPaidOnDate": wire.day(credit.fully_paid_on),
    }
    return wire.without_nulls(shown)


def _names(credit: Credit, kind: CreditKind) -> dict[str, Any]:
    names: dict[str, Any] = {"Reference": credit.reference or ""}
    if kind is CREDIT_NOTE:
        return {"CreditNoteNumber": credit.number or "", **names}
    # a prepayment's reference shows as its number too
    return {"InvoiceNumber": names["Reference"], **names} if kind is PREPAYMENT else names


def _settlements(org: Organisation, credit: Credit, shape: Shape, kind: CreditKind) -> dict[str, Any]:
    if shape is Shape.SUMMARY:
        return {}
    refunds = [one for one in org.payments.find("credit", credit.id) if one.status == "AUTHORISED"]
    return {
        "Allocations": [show_allocation(org, one) for one in org.allocations.find("credit", credit.id)],
        "Payments": [short_payment(one) for one in refunds],
        "HasAttachments": attachments.has_any(org, kind.resource, credit.id),
    }


def short_payment(payment: Payment) -> dict[str, Any]:
    """The short form of a payment inside its document."""
    return wire.without_nulls(
        {
            "PaymentID": payment.id,
            "Date": wire.day(payment.date),
            "Amount": payment.amount,
            "Reference": payment.reference,
            "CurrencyRate": payment.currency_rate,
            "HasAccount": False,
            "HasValidationErrors": False,
        }
    )


def show_allocation(org: Organisation, allocation: Allocation) -> dict[str, Any]:
    """An allocation inside its credit, with the invoice in short: its empty lists mean nothing."""
    return {
        "AllocationID": allocation.id,
        "Amount": allocation.amount,
        "Date": wire.day(allocation.date),
        "Invoice": short_invoice(org, allocation.invoice_id),
    }


def short_invoice(org: Organisation, invoice_id: str) -> dict[str, Any]:
    invoice = org.invoices.get(invoice_id)
    return {
        "InvoiceID": invoice_id,
        "InvoiceNumber": (invoice.number if invoice is not None else None) or "",
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "HasErrors": False,
        "IsDiscounted": False,
        "LineItems": [],
    }


def of_invoice(org: Organisation, invoice_id: str) -> Iterable[list[dict[str, Any]]]:
    """The credits set off against an invoice: its three lists of short forms, in the order of their kinds."""
    allocations = org.allocations.find("invoice", invoice_id)
    if not allocations:
        return [], [], []
    found: dict[str, list[dict[str, Any]]] = {resource: [] for resource in KINDS}
    for allocation in allocations:
        credit = org.credits(allocation.kind).get(allocation.credit_id)
        if credit is not None:
            kind = KINDS[allocation.kind]
            found[allocation.kind].append({**_short(credit, kind), "AppliedAmount": allocation.amount})
    return found.values()


def _short(credit: Credit, kind: CreditKind) -> dict[str, Any]:
    names = {"CreditNoteNumber": credit.number or ""} if kind is CREDIT_NOTE else {}
    return wire.without_nulls(
        {
            kind.id_key: credit.id,
            **names,
            "ID": credit.id,
            "HasErrors": False,
            "DateString": wire.day_string(credit.date),
            "Date": wire.day(credit.date),
            "LineItems": [],
            "Total": credit.total,
        }
    )


def of_payment(call: Call, credit: Credit, kind: CreditKind) -> dict[str, Any]:
    """The short form of a credit inside its refund."""
    return {
        **_short(credit, kind),
        "Type": credit.type,
        "Contact": document_contact.show(call, credit.contact_id, Shape.LIST),
        "CurrencyCode": credit.currency,
    }
