"""Payments of invoices and bills, and refunds of credit notes, prepayments and overpayments. PUT creates many, POST
creates one, POST on an id with `Status: DELETED` deletes; nothing else changes.

A payment is in the document's currency, more than zero and no more than what is due or left. The one that settles the
document turns it PAID; deleting it turns the document back to AUTHORISED. Deleted payments stay in the lists.
`BankAmount` is in the bank account's currency; without it the payment's rate gives it.
"""

import copy
from decimal import Decimal
from typing import Any

from xero_twin import wire
from xero_twin.fields import Sent, boolean, day, declare, guid, nested, number, one_of, text
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import Account, Credit, Invoice, Payment
from xero_twin.resource import Call, Outcome, Resource, Shape, record_id
from xero_twin.resources import bank_accounts, credit_notes, credit_shapes, document_contact
from xero_twin.resources.document_figures import RATE
from xero_twin.resources.settlement import (
    CREDIT_NOTE,
    KINDS,
    OVERPAYMENT,
    PREPAYMENT,
    CreditKind,
    settle_credit,
    settle_invoice,
)

TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"
NOT_AUTHORISED = "Payments can only be made against Authorised documents"


def show(call: Call, payment: Payment, shape: Shape) -> dict[str, Any]:
    return wire.without_nulls(
        {
            "PaymentID": record_id(payment),
            "BatchPaymentID": payment.batch_id,
            "BatchPayment": _batch(call.org, payment),
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
            "Account": bank_accounts.show(call.org, payment.account_id),
            "Invoice": _invoice(call, payment, shape),
            **_credit(call, payment),
            "HasValidationErrors": False,
        }
    )


def _batch(org: Organisation, payment: Payment) -> dict[str, Any] | None:
    """The batch that a payment is part of, in short."""
    batch = org.batch_payments.get(payment.batch_id or "")
    if batch is None:
        return None
    return {
        "BatchPaymentID": batch.id,
        "Date": wire.day(batch.date),
        "DateString": wire.day_string(batch.date),
        "Type": batch.type,
        "Status": batch.status,
        "TotalAmount": batch.total,
        "UpdatedDateUTC": wire.instant(batch.updated),
        "IsReconciled": batch.is_reconciled,
    }


def _invoice(call: Call, payment: Payment, shape: Shape) -> dict[str, Any] | None:
    """The short form of the document: its empty lists mean nothing."""
    invoice = call.org.invoices.get(payment.invoice_id or "")
    if invoice is None:
        return None
    return {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number or "",
        "Prepayments": [],
        "Overpayments": [],
        "IsDiscounted": False,
        "HasErrors": False,
        "Contact": document_contact.written(call, invoice.contact_id, shape),
        "LineItems": [],
        "CurrencyCode": invoice.currency,
    }


def _credit(call: Call, payment: Payment) -> dict[str, Any]:
    """The credit that a refund pays back, under its own key."""
    if payment.credit_kind is None:
        return {}
    kind = KINDS[payment.credit_kind]
    credit = call.org.credits(kind.resource).get(payment.credit_id or "")
    return {} if credit is None else {kind.element: credit_shapes.of_payment(call, credit, kind)}


def find(org: Organisation, key: str) -> Payment | None:
    return org.payments.get(key)


NUMBERED = declare({"InvoiceID": ("id", guid), "InvoiceNumber": ("number", text)})
_NOTE = declare({"CreditNoteID": ("id", guid), "CreditNoteNumber": ("number", text)})
_PREPAYMENT = declare({"PrepaymentID": ("id", guid)})
_OVERPAYMENT = declare({"OverpaymentID": ("id", guid)})
FIELDS = declare(
    {
        "PaymentID": ("id", guid),
        "Invoice": ("invoice", nested(NUMBERED)),
        "CreditNote": ("credit_note", nested(_NOTE)),
        "Prepayment": ("prepayment", nested(_PREPAYMENT)),
        "Overpayment": ("overpayment", nested(_OVERPAYMENT)),
        "Account": ("account", nested(bank_accounts.FIELDS)),
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


def write(call: Call, sent: Sent, _existing: Payment | None, *, batch_id: str | None = None) -> Outcome:
    payment = Payment(date=sent.get("date"), amount=cents(sent.get("amount", ZERO)), batch_id=batch_id)
    for name in ("reference", "particulars", "code", "details", "is_reconciled"):
        setattr(payment, name, sent.get(name, getattr(payment, name)))
    document, kind, errors = _document(call.org, sent)
    account, wrong = _paying_account(call.org, sent.get("account", {}))
    errors += wrong
    if sent.get("status", "AUTHORISED") != "AUTHORISED":
        errors.append("Payment not of valid status for creation")  # by analogy with invoices
    payment.account_id = account.id if account is not None else None
    if document is not None:
        _name_document(payment, document, kind)
        errors += _rate_and_bank_amount(call.org, payment, sent, document, account)
        errors += _amount_errors(payment, document)
    errors += _date_errors(call.org, payment)
    if not errors and document is not None:
        payment.id, payment.updated = call.org.new_id(), call.now
        call.org.payments.put(payment)
        _book(call, payment, payment.amount)
    return Outcome(payment, errors, created=True)


_CREDIT_KEYS = (("credit_note", CREDIT_NOTE), ("prepayment", PREPAYMENT), ("overpayment", OVERPAYMENT))
_Found = tuple[Invoice | Credit | None, CreditKind | None, list[str]]


def _document(org: Organisation, sent: Sent) -> _Found:
    """The one document that is paid or refunded, with the kind of credit that it is."""
    named = [name for name in ("invoice", "credit_note", "prepayment", "overpayment") if sent.get(name)]
    if not named:
        return None, None, ["A document to pay must be specified"]  # wording invented
    if len(named) > 1:
        return None, None, ["A payment can be made against one document only"]  # wording invented
    for name, kind in _CREDIT_KEYS:
        if name in named:
            found = _named_credit(org, kind, sent[name])
            return found, kind, [] if found is not None else [f"{kind.words} could not be found"]  # wording invented
    invoice, errors = named_invoice(org, sent["invoice"])
    return invoice, None, errors


def _named_credit(org: Organisation, kind: CreditKind, sent: Sent) -> Credit | None:
    if "id" in sent:
        return org.credits(kind.resource).get(sent["id"])
    return credit_notes.find(org, sent.get("number", "")) if kind is CREDIT_NOTE else None


def named_invoice(org: Organisation, sent: Sent) -> tuple[Invoice | None, list[str]]:
    if "id" in sent:
        invoice = org.invoices.get(sent["id"])
        return invoice, [] if invoice is not None else ["Invoice could not be found"]  # wording invented
    wanted = sent.get("number", "")
    found = org.invoices.first("sales_number", wanted.casefold())
    if found is None:
        bills = org.invoices.find("bill_number", wanted.casefold())
        found = bills[-1] if bills else None
    if found is None:
        return None, [f"Invoice with invoice number {wanted} does not exist for this organisation"]
    return found, []


def _name_document(payment: Payment, document: Invoice | Credit, kind: CreditKind | None) -> None:
    if isinstance(document, Credit):
        assert kind is not None, "a credit has its kind"
        payment.credit_id, payment.credit_kind = document.id, kind.resource
        payment.type = kind.refund_types[0 if document.of_customer else 1]
    else:
        payment.invoice_id, payment.type = document.id, f"{document.type}PAYMENT"


def _rate_and_bank_amount(
    org: Organisation, payment: Payment, sent: Sent, document: Invoice | Credit, account: Account | None
) -> list[str]:
    """The rate is base currency's, as on the document. A bank account in another currency than the document's takes
    `BankAmount`, or what the rate makes of the amount; with a `BankAmount` in base currency the rate follows from
    it (inferred)."""
    rate = sent.get("currency_rate", document.currency_rate)
    bank_amount = sent.get("bank_amount")
    if rate < RATE or (bank_amount is not None and bank_amount < Decimal("0.01")):
        return ["The currency rate and the bank amount must be greater than zero."]  # wording invented
    bank = account.currency if account is not None and account.currency else org.base_currency
    if bank == document.currency:
        payment.bank_amount = payment.amount
    elif bank == org.base_currency:
        payment.bank_amount = cents(payment.amount / rate if bank_amount is None else bank_amount)
        if bank_amount is not None and "currency_rate" not in sent:
            rate = payment.amount / payment.bank_amount
    elif document.currency == org.base_currency:
        payment.bank_amount = cents(payment.amount * org.day_rate(bank) if bank_amount is None else bank_amount)
    else:
        return ["The bank account is in a currency that cannot pay this document."]  # wording invented
    payment.currency_rate = rate.quantize(RATE)
    return []


def _paying_account(org: Organisation, sent: Sent) -> tuple[Account | None, list[str]]:
    account = bank_accounts.named(org, sent)
    if account is None:
        return None, [bank_accounts.NOT_FOUND]
    if account.status != "ACTIVE" or not (account.type == "BANK" or account.enable_payments):
        return account, [f"Account code '{account.code}' is not a valid code for this document."]
    return account, []


def _amount_errors(payment: Payment, document: Invoice | Credit) -> list[str]:
    if document.status not in ("AUTHORISED", "PAID"):
        return [NOT_AUTHORISED]
    if payment.amount <= 0:
        return ["Payment amount must be greater than zero"]  # wording invented
    left = document.remaining if isinstance(document, Credit) else document.amount_due
    return [TOO_MUCH] if payment.amount > left else []


def _date_errors(org: Organisation, payment: Payment) -> list[str]:
    if payment.date is None:
        return ["Payment date must be specified"]  # wording invented
    locked = org.lock_message(payment.date)
    return [locked] if locked else []


def _book(call: Call, payment: Payment, change: Decimal) -> None:
    """Book a payment on its document, or with a negative change take it back."""
    org, day = call.org, payment.date if change > 0 else None
    if payment.credit_kind is not None:
        credit = org.credits(payment.credit_kind).get(payment.credit_id or "")
        assert credit is not None, "a refund has its credit"
        settle_credit(call, KINDS[payment.credit_kind], credit, day, refunded=change)
        return
    invoice = org.invoices.get(payment.invoice_id or "")
    assert invoice is not None, "a payment has its invoice"
    others = tuple(one for one in invoice.payments if one != payment.id)
    settle_invoice(call, invoice, day, paid=change, payments=(*others, payment.id) if change > 0 else others)


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
    if held.batch_id is not None:
        return Outcome(payment, ["A payment of a batch can only be deleted with its batch."])  # wording invented
    if locked := call.org.lock_message(held.date):
        return Outcome(payment, [locked])
    return Outcome(remove(call, held))


def remove(call: Call, held: Payment) -> Payment:
    """Take a payment back: its document is open by that much again."""
    payment = copy.copy(held)
    payment.status, payment.updated = "DELETED", call.now
    call.org.payments.put(payment)
    _book(call, held, -held.amount)
    return payment


def _of_invoice(name: str) -> Any:
    def column(call: Call, payment: Any) -> Any:
        invoice = call.org.invoices.get(payment.invoice_id or "")
        return None if invoice is None else getattr(invoice, name)

    return column


def _of_credit(kind: CreditKind) -> Any:
    return lambda _call, payment: payment.credit_id if payment.credit_kind == kind.resource else None


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
        "creditnote.creditnoteid": _of_credit(CREDIT_NOTE),
        "prepayment.prepaymentid": _of_credit(PREPAYMENT),
        "overpayment.overpaymentid": _of_credit(OVERPAYMENT),
        "updateddateutc": lambda _, payment: wire.moment(payment.updated),
    },
    lookups={
        "paymentid": lambda org, value: [found] if (found := org.payments.get(value.lower())) else [],
        "invoice.invoiceid": lambda org, value: org.payments.find("invoice", value.lower()),
        **{
            f"{kind.element}.{kind.id_key}".lower(): lambda org, value: org.payments.find("credit", value.lower())
            for kind in KINDS.values()
        },
    },
    paged=True,
    fields=FIELDS,
    put="many",
    post="one",
    post_one=True,
    write=write,
    change=change,
)
