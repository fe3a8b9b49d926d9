"""Payments of invoices and bills. PUT creates many, POST creates one, POST on an id with `Status: DELETED`
deletes; nothing else changes.

A payment is in the document's currency, more than zero and no more than what is due. The one that settles
the document turns it PAID; deleting it turns the document back to AUTHORISED. Deleted payments stay in the
lists.
"""

import copy
from decimal import Decimal
from typing import Any

from xero_twin import wire
from xero_twin.fields import Sent, boolean, day, declare, guid, nested, number, one_of, text
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import Account, Invoice, Payment
from xero_twin.resource import Call, Outcome, Resource, Shape, record_id
from xero_twin.resources import contacts, document_contact

TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"
NOT_AUTHORISED = "Payments can only be made against Authorised documents"
_RATE = Decimal("0.0000000001")


def show(call: Call, payment: Payment, shape: Shape) -> dict[str, Any]:
    return wire.without_nulls(
        {
            "PaymentID": record_id(payment),
            "Date": wire.day(payment.date),
            "BankAmount": payment.bank_amount,
            "Amount": payment.amount,
            "Reference": payment.reference or "",
            "Particulars": payment.particulars,
            "Code": payment.code,
            "Details": payment.details,
            "CurrencyRate": payment.currency_rate,
            "PaymentType": payment.type or None,
            "Status": payment.status,
            "UpdatedDateUTC": wire.instant(payment.updated),
            "UpdatedDateUTCString": wire.instant_string(payment.updated),
            "HasAccount": payment.account_id is not None,
            "IsReconciled": payment.is_reconciled,
            "Account": _account(call.org, payment),
            "Invoice": _invoice(call, payment, shape),
            "HasValidationErrors": False,
        }
    )


def _account(org: Organisation, payment: Payment) -> dict[str, Any] | None:
    account = org.accounts.get(payment.account_id or "")
    if account is None:
        return None
    return wire.without_nulls({"AccountID": account.id, "Code": account.code, "Name": account.name})


def _invoice(call: Call, payment: Payment, shape: Shape) -> dict[str, Any] | None:
    """The short form of the document: its empty lists mean nothing."""
    invoice = call.org.invoices.get(payment.invoice_id or "")
    if invoice is None:
        return None
    contact = call.org.contacts.get(invoice.contact_id or "")
    full = contact is not None and shape in (Shape.WRITE, Shape.ONE)
    return {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number or "",
        "Prepayments": [],
        "Overpayments": [],
        "IsDiscounted": False,
        "HasErrors": False,
        "Contact": (
            contacts.show(call, contact, Shape.WRITE)
            if full and contact is not None
            else document_contact.brief(contact)
        ),
        "LineItems": [],
        "CurrencyCode": invoice.currency,
    }


def find(org: Organisation, key: str) -> Payment | None:
    return org.payments.get(key)


_NUMBERED = declare({"InvoiceID": ("id", guid), "InvoiceNumber": ("number", text)})
_ACCOUNT = declare({"AccountID": ("id", guid), "Code": ("code", text)})
_OTHER = nested(declare({}))
FIELDS = declare(
    {
        "PaymentID": ("id", guid),
        "Invoice": ("invoice", nested(_NUMBERED)),
        "CreditNote": ("credit_note", _OTHER),
        "Prepayment": ("prepayment", _OTHER),
        "Overpayment": ("overpayment", _OTHER),
        "Account": ("account", nested(_ACCOUNT)),
        "Date": ("date", day),
        "Amount": ("amount", number),
        "BankAmount": ("bank_amount", number),
        "CurrencyRate": ("currency_rate", number),
        "Reference": ("reference", text),
        "IsReconciled": ("is_reconciled", boolean),
        "Particulars": ("particulars", text),
        "Code": ("code", text),
        "Details": ("details", text),
        "Status": ("status", one_of("AUTHORISED", "DELETED", kind="PaymentStatus")),
    }
)


def write(call: Call, sent: Sent, _existing: Payment | None) -> Outcome:
    payment = Payment(date=sent.get("date"), amount=cents(sent.get("amount", ZERO)))
    for name in ("reference", "particulars", "code", "details", "is_reconciled"):
        setattr(payment, name, sent.get(name, getattr(payment, name)))
    invoice, errors = _document(call.org, sent)
    account, wrong = _paying_account(call.org, sent.get("account", {}))
    errors += wrong
    payment.account_id = account.id if account is not None else None
    if invoice is not None:
        payment.invoice_id = invoice.id
        payment.type = f"{invoice.type}PAYMENT"
        payment.currency_rate = sent.get("currency_rate", invoice.currency_rate).quantize(_RATE)
        errors += _amount_errors(payment, invoice)
    payment.bank_amount = cents(sent.get("bank_amount", payment.amount))
    errors += _date_errors(call.org, payment)
    if not errors and invoice is not None:
        payment.id, payment.updated = call.org.new_id(), call.now
        call.org.payments.put(payment)
        settle(call, invoice, payment.amount, (*invoice.payments, payment.id), payment)
    return Outcome(payment, errors, created=True)


def _document(org: Organisation, sent: Sent) -> tuple[Invoice | None, list[str]]:
    if any(name in sent for name in ("credit_note", "prepayment", "overpayment")):
        return None, ["The twin does not know refunds yet: only payments of invoices."]
    named = sent.get("invoice", {})
    if not named:
        return None, ["A document to pay must be specified"]  # wording invented
    if "id" in named:
        invoice = org.invoices.get(named["id"])
        return invoice, [] if invoice is not None else ["Invoice could not be found"]  # wording invented
    wanted = named.get("number", "")
    found = org.invoices.first("sales_number", wanted.casefold())
    if found is None:
        bills = org.invoices.find("number", wanted.casefold())
        found = bills[-1] if bills else None
    if found is None:
        return None, [f"Invoice with invoice number {wanted} does not exist for this organisation"]
    return found, []


def _paying_account(org: Organisation, sent: Sent) -> tuple[Account | None, list[str]]:
    account = org.accounts.get(sent["id"]) if "id" in sent else None
    if account is None and sent.get("code"):
        account = org.accounts.first("code", sent["code"])
    if account is None:
        return None, ["Account could not be found"]
    if account.status != "ACTIVE" or not (account.type == "BANK" or account.enable_payments):
        return account, [f"Account code '{account.code}' is not a valid code for this document."]
    return account, []


def _amount_errors(payment: Payment, invoice: Invoice) -> list[str]:
    if invoice.status not in ("AUTHORISED", "PAID"):
        return [NOT_AUTHORISED]
    if payment.amount <= 0:
        return ["Payment amount must be greater than zero"]  # wording invented
    return [TOO_MUCH] if payment.amount > invoice.amount_due else []


def _date_errors(org: Organisation, payment: Payment) -> list[str]:
    if payment.date is None:
        return ["Payment date must be specified"]  # wording invented
    locked = org.lock_message(payment.date)
    return [locked] if locked else []


def settle(call: Call, invoice: Invoice, change: Decimal, payments: tuple[str, ...], payment: Payment | None) -> None:
    """Book a change of what is paid on a document: PAID when nothing is due any more, and back."""
    changed = copy.copy(invoice)
    changed.amount_paid = cents(invoice.amount_paid + change)
    changed.payments = payments
    changed.updated = call.now
    if changed.amount_due == 0:
        changed.status = "PAID"
        changed.fully_paid_on = payment.date if payment is not None else None
    else:
        changed.status, changed.fully_paid_on = "AUTHORISED", None
    call.org.invoices.put(changed)


def change(call: Call, sent: Sent, held: Payment) -> Outcome:
    """POST /Payments/{id}: only deleting exists."""
    payment = copy.copy(held)
    payment.status = sent.get("status", payment.status)
    if payment.status != "DELETED":
        return Outcome(payment, ["A payment cannot be updated, only deleted."])  # wording invented
    if held.status == "DELETED":
        return Outcome(payment, ["The payment has been deleted already."])  # wording invented
    if held.is_reconciled:
        return Outcome(payment, ["A reconciled payment cannot be deleted."])  # wording invented
    if locked := call.org.lock_message(held.date):
        return Outcome(payment, [locked])
    payment.updated = call.now
    call.org.payments.put(payment)
    invoice = call.org.invoices.get(held.invoice_id or "")
    if invoice is not None:
        left = tuple(payment_id for payment_id in invoice.payments if payment_id != held.id)
        settle(call, invoice, -held.amount, left, None)
    return Outcome(payment)


def _of_invoice(name: str) -> Any:
    def column(call: Call, payment: Any) -> Any:
        invoice = call.org.invoices.get(payment.invoice_id or "")
        return None if invoice is None else getattr(invoice, name)

    return column


RESOURCE = Resource(
    name="Payments",
    element="Payment",
    id_key="PaymentID",
    scopes=("accounting.payments",),
    table=lambda org: org.payments,
    show=show,
    find=find,
    number=lambda payment: payment.reference,
    columns={
        "paymentid": lambda _, payment: payment.id,
        "paymenttype": lambda _, payment: payment.type,
        "status": lambda _, payment: payment.status,
        "date": lambda _, payment: payment.date,
        "amount": lambda _, payment: payment.amount,
        "reference": lambda _, payment: payment.reference or "",
        "isreconciled": lambda _, payment: payment.is_reconciled,
        "account.accountid": lambda _, payment: payment.account_id,
        "invoice.invoiceid": lambda _, payment: payment.invoice_id,
        "invoice.invoicenumber": _of_invoice("number"),
        "updateddateutc": lambda _, payment: wire.moment(payment.updated),
    },
    lookups={
        "paymentid": lambda org, value: [found] if (found := org.payments.get(value.lower())) else [],
        "invoice.invoiceid": lambda org, value: org.payments.find("invoice", value.lower()),
    },
    paged=True,
    fields=FIELDS,
    put="many",
    post="one",
    post_one=True,
    write=write,
    change=change,
)
