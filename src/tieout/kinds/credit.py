"""What gives credit in Xero: credit notes, prepayments and overpayments, and how each is addressed.

A last-seen view of a deposit tells in `foreign_number` which of them it is.
"""

from __future__ import annotations

from tieout.core.records import RecordKey
from tieout.kinds.books import Books
from tieout.kinds.consolidation.terms import GIVING
from tieout.kinds.problems import Problem
from tieout.xero import types

NOTES = {"sale_credit_note", "purchase_credit_note", *GIVING}


def endpoint_of(xero_id: str, source: RecordKey, books: Books) -> str:
    """`CreditNotes`, `Prepayments` or `Overpayments`."""
    if source.kind in NOTES:
        return "CreditNotes"
    seen = books.seen.get(xero_id)
    return "Overpayments" if seen and seen.foreign_number == "Overpayments" else "Prepayments"


def credit_id(element: types.Credit) -> str:
    """Xero's id of a credit, whichever it is."""
    match element:
        case types.CreditNote():
            return element.credit_note_id or ""
        case types.Prepayment():
            return element.prepayment_id or ""
        case types.Overpayment():
            return element.overpayment_id or ""
    return ""


def plain_money(xero_id: str, number: str, books: Books) -> Problem | None:
    """Why the credit cannot be drawn on in Xero: it stands there as plain money."""
    seen = books.seen.get(xero_id)
    if seen is None or seen.foreign_number != "BankTransactions":
        return None
    return Problem(
        "deposit-is-money",
        f"{number} stands in Xero as plain money, which cannot be allocated or refunded there.",
        "Enter it in Xero by hand and skip this; or have deposits sent as prepayments from now on.",
    )
