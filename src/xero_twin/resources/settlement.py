"""What settles what: payments and allocations, and the status they give to invoices and credits.

In: an invoice or a credit and a change of what is paid, credited, applied or refunded, in its own currency. Out: the
stored record with the change booked: PAID when nothing is left, AUTHORISED when something is again.
"""

import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from xero_twin.money import ZERO, cents
from xero_twin.records import Credit, Invoice
from xero_twin.resource import Call


@dataclass(frozen=True)
class CreditKind:
    """One kind of credit: its resource, the name of one, its id's key, and what a refund of it to a customer or
    from a supplier is called. `words` is how Xero's sentences name it."""

    resource: str
    element: str
    id_key: str
    words: str
    refund_types: tuple[str, str]


CREDIT_NOTE = CreditKind(
    "CreditNotes", "CreditNote", "CreditNoteID", "Credit Note", ("ARCREDITPAYMENT", "APCREDITPAYMENT")
)
PREPAYMENT = CreditKind(
    "Prepayments", "Prepayment", "PrepaymentID", "Prepayment", ("ARPREPAYMENTPAYMENT", "APPREPAYMENTPAYMENT")
)
OVERPAYMENT = CreditKind(
    "Overpayments", "Overpayment", "OverpaymentID", "Overpayment", ("AROVERPAYMENTPAYMENT", "APOVERPAYMENTPAYMENT")
)
KINDS = {kind.resource: kind for kind in (CREDIT_NOTE, PREPAYMENT, OVERPAYMENT)}


def standing(document: Invoice | Credit) -> str:
    """The status that decides what may change: what nothing settled is not held by being PAID."""
    return "AUTHORISED" if document.status == "PAID" and not document.has_settlements else document.status


def settle_nothing(document: Invoice | Credit) -> None:
    """An approved document whose total is zero is PAID at once. Nothing settled it, so that it changes and is voided
    like an AUTHORISED one, and is one again when it gets a total (inferred: Xero only says that it is PAID when nothing
    is due)."""
    if not document.has_settlements:
        if document.status == "AUTHORISED" and not document.total:
            document.status, document.fully_paid_on = "PAID", document.date
        elif document.fully_paid_on is not None:
            document.fully_paid_on = None


def settle_invoice(
    call: Call,
    invoice: Invoice,
    day: date | None,
    *,
    paid: Decimal = ZERO,
    credited: Decimal = ZERO,
    payments: tuple[str, ...] | None = None,
) -> None:
    """Book a change of what is paid or credited on an invoice; `day` is when, for FullyPaidOnDate."""
    changed = copy.copy(invoice)
    changed.amount_paid = cents(invoice.amount_paid + paid)
    changed.amount_credited = cents(invoice.amount_credited + credited)
    changed.payments = invoice.payments if payments is None else payments
    changed.updated = call.now
    settled = changed.amount_due == 0
    changed.status, changed.fully_paid_on = ("PAID", day) if settled else ("AUTHORISED", None)
    call.org.invoices.put(changed)


def settle_credit(
    call: Call,
    kind: CreditKind,
    credit: Credit,
    day: date | None,
    *,
    applied: Decimal = ZERO,
    refunded: Decimal = ZERO,
) -> None:
    """Book a change of what is applied or refunded of a credit."""
    changed = copy.copy(credit)
    changed.applied = cents(credit.applied + applied)
    changed.refunded = cents(credit.refunded + refunded)
    changed.updated = call.now
    used_up = changed.remaining == 0
    changed.status, changed.fully_paid_on = ("PAID", day) if used_up else ("AUTHORISED", None)
    call.org.credits(kind.resource).put(changed)
