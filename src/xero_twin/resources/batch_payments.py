"""BatchPayments: several bills or several sales invoices paid at once, from or to one account on one day.

PUT creates many; POST with an id and `Status: DELETED`, on the collection or on the id, deletes one with all its
payments; nothing else changes. All documents are of one kind and, like the account, in base currency; credit notes
cannot be in it. Each payment of a batch is a Payment too, but cannot be deleted on its own.
"""

import copy
from typing import Any

from xero_twin import wire
from xero_twin.fields import Sent, day, declare, guid, nested, nested_list, number, one_of, text
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import BatchPayment, Invoice, Payment
from xero_twin.resource import Call, Outcome, Resource, Shape, record_id
from xero_twin.resources import bank_accounts, credit_shapes, payments

NOT_BASE = "Bank accounts must use the same currency as the organisations base currency"
_LONGEST = {"reference": 255, "particulars": 12, "code": 12, "details": 18, "narrative": 18}
_TEXTS = tuple(_LONGEST)

FIELDS = declare(
    {
        "BatchPaymentID": ("id", guid),
        "Account": ("account", nested(bank_accounts.FIELDS)),
        "Date": ("date", day),
        "Reference": ("reference", text),
        "Particulars": ("particulars", text),
        "Code": ("code", text),
        "Details": ("details", text),
        "Narrative": ("narrative", text),
        "Status": ("status", one_of("AUTHORISED", "DELETED", kind="BatchPaymentStatus")),
        "Payments": (
            "payments",
            nested_list(
                declare(
                    {
                        "Invoice": ("invoice", nested(payments.NUMBERED)),
                        "Amount": ("amount", number),
                        "BankAmount": ("bank_amount", number),
                        "CreditNote": ("credit_note", nested(payments.NUMBERED)),
                        "Particulars": ("particulars", text),
                        "Code": ("code", text),
                        "Details": ("details", text),
                        "Reference": ("reference", text),
                    }
                )
            ),
        ),
    }
)


def show(call: Call, batch: BatchPayment, _shape: Shape) -> dict[str, Any]:
    account = call.org.accounts.get(batch.account_id or "")
    named = {"AccountID": account.id, "CurrencyCode": account.currency} if account is not None else {}
    found = (call.org.payments.get(one) for one in batch.payments)
    return wire.without_nulls(
        {
            "Account": wire.without_nulls(named),
            "Reference": batch.reference or "",
            "Particulars": batch.particulars,
            "Code": batch.code,
            "Details": batch.details,
            "Narrative": batch.narrative,
            "BatchPaymentID": record_id(batch),
            "DateString": wire.day_string(batch.date),
            "Date": wire.day(batch.date),
            "Payments": [_payment(call.org, one) for one in found if one is not None],
            "Type": batch.type or None,
            "Status": batch.status,
            "TotalAmount": batch.total,
            "UpdatedDateUTC": wire.instant(batch.updated),
            "IsReconciled": batch.is_reconciled,
        }
    )


def _payment(org: Organisation, payment: Payment) -> dict[str, Any]:
    short = credit_shapes.short_invoice(org, payment.invoice_id or "")
    return {
        "Invoice": {**short, "CurrencyCode": org.base_currency},
        "PaymentID": payment.id,
        "Amount": payment.amount,
        "BankAmount": payment.bank_amount,
    }


def write(call: Call, sent: Sent, existing: BatchPayment | None) -> Outcome:
    if call.request.method == "POST":
        return change(call, sent, existing)
    batch = BatchPayment(date=sent.get("date"))
    for name in _TEXTS:
        setattr(batch, name, sent.get(name))
    errors = _own_errors(call.org, batch, sent)
    asked = _asked(call.org, sent, errors)
    if asked:
        batch.type = "RECBATCH" if asked[0][0].type == "ACCREC" else "PAYBATCH"
        errors += _document_errors(call.org, asked)
    if not errors:
        errors = _store(call, batch, sent)
    return Outcome(batch, errors, created=True)


def _own_errors(org: Organisation, batch: BatchPayment, sent: Sent) -> list[str]:
    """The sentences about dates, lengths and credit notes are invented."""
    account, errors = bank_accounts.bank(org, sent.get("account", {}))
    if account is not None:
        batch.account_id = account.id
        if account.currency not in (None, org.base_currency):
            errors.append(NOT_BASE)
    if batch.date is None:
        errors.append("Batch payment date must be specified")
    if locked := org.lock_message(batch.date):
        errors.append(locked)
    if sent.get("status", "AUTHORISED") != "AUTHORISED":
        errors.append("Batch payment not of valid status for creation")  # by analogy with invoices
    errors += [
        f"{name.capitalize()} must be no longer than {longest} characters."
        for one in (sent, *sent.get("payments", []))
        for name, longest in _LONGEST.items()
        if len(one.get(name, "")) > longest
    ]
    if not sent.get("payments"):
        errors.append("A batch payment needs at least one payment.")
    if any(one.get("credit_note") for one in sent.get("payments", [])):
        errors.append("Credit notes cannot be paid in a batch.")
    return errors


def _asked(org: Organisation, sent: Sent, errors: list[str]) -> list[tuple[Invoice, Sent]]:
    found = []
    for one in sent.get("payments", []):
        invoice, wrong = payments.named_invoice(org, one.get("invoice", {}))
        errors += wrong
        if invoice is not None:
            found.append((invoice, one))
    return found


def _document_errors(org: Organisation, asked: list[tuple[Invoice, Sent]]) -> list[str]:
    errors = []
    if len({invoice.type for invoice, _ in asked}) > 1:
        errors.append("All documents of a batch payment must be of the same kind.")  # wording invented
    if any(invoice.currency != org.base_currency for invoice, _ in asked):
        errors.append("Batch payments can only be made in base currency.")  # wording invented
    left = {invoice.id: invoice.amount_due for invoice, _ in asked}
    for invoice, one in asked:
        amount = cents(one.get("amount", ZERO))
        if invoice.status not in ("AUTHORISED", "PAID"):
            errors.append(payments.NOT_AUTHORISED)
        elif amount <= 0:
            errors.append("Payment amount must be greater than zero")  # wording invented
        elif amount > left[invoice.id]:
            errors.append(payments.TOO_MUCH)
        left[invoice.id] -= amount
    return errors


def _store(call: Call, batch: BatchPayment, sent: Sent) -> list[str]:
    """Everything was checked: each payment is made as one of its own, in the batch."""
    batch_id, made = call.org.new_id(), []
    for one in sent["payments"]:
        named = {**one, "account": {"id": batch.account_id}, "date": batch.date}
        outcome = payments.write(call, named, None, batch_id=batch_id)
        assert not outcome.errors, f"a payment that was checked is refused: {outcome.errors}"
        made.append(outcome.record)
    batch.id, batch.updated = batch_id, call.now
    batch.payments = tuple(payment.id for payment in made)
    batch.total = cents(sum((payment.amount for payment in made), ZERO))
    call.org.batch_payments.put(batch)
    return []


def change(call: Call, sent: Sent, held: BatchPayment | None) -> Outcome:
    """POST: only deleting exists. The sentences are invented."""
    if held is None:
        return Outcome(BatchPayment(id=sent.get("id", "")), ["The batch payment could not be found."])
    batch = copy.copy(held)
    batch.status = sent.get("status", held.status)
    if batch.status != "DELETED":
        return Outcome(batch, ["A batch payment cannot be updated, only deleted."])
    if held.status == "DELETED":
        return Outcome(batch, ["The batch payment has been deleted already."])
    if held.is_reconciled:
        return Outcome(batch, ["A reconciled batch payment cannot be deleted."])
    if locked := call.org.lock_message(held.date):
        return Outcome(batch, [locked])
    for payment_id in held.payments:
        payment = call.org.payments.get(payment_id)
        assert payment is not None, "a batch has its payments"
        payments.remove(call, payment)
    batch.updated = call.now
    call.org.batch_payments.put(batch)
    return Outcome(batch)


RESOURCE = Resource(
    name="BatchPayments",
    element="BatchPayment",
    id_key="BatchPaymentID",
    scopes=("accounting.payments",),
    table=lambda org: org.batch_payments,
    show=show,
    find=lambda org, key: org.batch_payments.get(key),
    number=lambda batch: batch.reference,
    columns={
        "batchpaymentid": lambda _, batch: batch.id,
        "type": lambda _, batch: batch.type,
        "status": lambda _, batch: batch.status,
        "date": lambda _, batch: batch.date,
        "reference": lambda _, batch: batch.reference or "",
        "totalamount": lambda _, batch: batch.total,
        "account.accountid": lambda _, batch: batch.account_id,
        "updateddateutc": lambda _, batch: wire.moment(batch.updated),
    },
    fields=FIELDS,
    put="many",
    post="one",
    post_one=True,
    write=write,
    change=change,
    match=lambda call, sent: call.org.batch_payments.get(sent.get("id", "")),
)
