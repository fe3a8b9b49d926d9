"""What an invoice may become, and what may still be changed on it.

In: the invoice as it is and as it would be, and what was sent. Out: sentences that refuse the change.

    DRAFT      -> SUBMITTED, AUTHORISED, DELETED
    SUBMITTED  -> DRAFT, AUTHORISED, DELETED
    AUTHORISED -> VOIDED, as long as nothing was paid or credited; PAID comes and goes with the payments
    VOIDED, DELETED are final

An approved document whose total is zero is PAID at once (`settlement.settle_nothing`).

With a payment only a few fields may change; amounts on its lines are accepted and silently left as they
are. Nothing may change when the document is dated on or before a lock date.
"""

from collections.abc import Callable

from xero_twin.fields import Sent
from xero_twin.money import ZERO
from xero_twin.organisation import Organisation
from xero_twin.records import Invoice
from xero_twin.resources.settlement import standing

NOT_MODIFIABLE = "Invoice not of valid status for modification"
FROM_EXPENSES = "Sorry this was created by Xero Expenses and can't be modified via the API"
NOT_CREATABLE = "Invoice not of valid status for creation"
SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."
NEEDS_LINE_ID = "To update fields on a paid invoice line item, you must supply a LineItemID"

_NEXT = {
    "DRAFT": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
    "SUBMITTED": ("SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"),
    "AUTHORISED": ("AUTHORISED", "VOIDED"),
    "PAID": ("PAID",),
}
_APPROVED = ("AUTHORISED", "PAID")

# on a settled document these may not become something else
_FIXED_WHEN_SETTLED: tuple[tuple[str, Callable[[Invoice], object]], ...] = (
    ("type", lambda invoice: invoice.type),
    ("date", lambda invoice: invoice.date),
    ("basis", lambda invoice: invoice.basis),
    ("currency", lambda invoice: invoice.currency),
)


def creation_errors(status: str) -> list[str]:
    return [] if status in ("DRAFT", "SUBMITTED", "AUTHORISED") else [NOT_CREATABLE]


def change_errors(org: Organisation, held: Invoice, sent: Sent) -> list[str]:
    """Why the stored invoice may not take this change at all."""
    if held.status in ("VOIDED", "DELETED"):
        return [NOT_MODIFIABLE]
    if held.from_expenses:
        return [FROM_EXPENSES]
    return _status_errors(held, sent.get("status", held.status)) or _edit_errors(org, held, sent)


def _status_errors(held: Invoice, status: str) -> list[str]:
    if held.has_settlements and status not in (held.status, "PAID"):
        return [
            f"The status {status} cannot be applied to the invoice because it has payments or credit notes "
            "allocated to it."
        ]
    if status != held.status and status not in _NEXT[standing(held)]:
        return [NOT_MODIFIABLE]
    return []


def _edit_errors(org: Organisation, held: Invoice, sent: Sent) -> list[str]:
    if held.status in _APPROVED and (locked := _locked(org, held)):
        return [locked]
    if held.status in _APPROVED and sent.get("type", held.type) != held.type:
        return ["Invoice not of valid type for modification"]  # wording inferred from the one for creation
    if held.has_settlements:
        return _settled_errors(held, sent)
    return []


def _locked(org: Organisation, held: Invoice) -> str | None:
    """The end of this sentence is Xero's; its beginning was not seen and is invented."""
    for label, day in (
        ("period lock date", org.period_lock_date),
        ("end of year lock date", org.end_of_year_lock_date),
    ):
        if day is not None and held.date is not None and held.date <= day:
            return f"This document cannot be edited as it is currently dated before the {label}"
    return None


def _settled_errors(held: Invoice, sent: Sent) -> list[str]:
    if any(name in sent and sent[name] != value(held) for name, value in _FIXED_WHEN_SETTLED):
        return [SETTLED]
    if sent.get("contact", {}).get("id", held.contact_id) != held.contact_id and held.amount_credited:
        return [SETTLED]
    own = {line.id for line in held.lines}
    if any(line.id not in own for line in sent.get("lines", [])):
        return [NEEDS_LINE_ID]
    return []


def approval_errors(org: Organisation, invoice: Invoice, held: Invoice | None) -> list[str]:
    """What an invoice must have beyond a draft."""
    errors = []
    if not invoice.lines and invoice.status != "DRAFT":
        errors.append("One or more line items must be specified")
    if invoice.status == "AUTHORISED":
        if invoice.due_date is None:
            errors.append("The document DueDate field must be specified")
        # drafts may be dated anywhere (inferred): they post nothing
        if locked := org.lock_message(invoice.date):
            errors.append(locked)
    if invoice.total < ZERO:
        errors.append("The document total must not be less than zero.")  # wording invented
    return errors


# what a settled document takes silently: these change, all other fields of it stay
EDITABLE_WHEN_SETTLED = (
    "reference",
    "due_date",
    "number",
    "url",
    "expected_payment_date",
    "planned_payment_date",
    "sent_to_contact",
)
# a change of only these does not move UpdatedDateUTC, so that polling by it misses them
UNNOTICED_WHEN_SETTLED = frozenset(("id", "due_date", "sent_to_contact"))
EDITABLE_ON_SETTLED_LINE = ("description", "account_code", "account_id", "tracking")
