"""What stands in the way of booking on a bank account, or with a contact."""

from __future__ import annotations

from uuid import UUID

from tieout.core.records import RecordKey
from tieout.kinds.books import Books
from tieout.kinds.problems import Problem


def bank_problem(code: str, currency: str, books: Books) -> Problem | None:
    """Xero: money comes and goes on a bank account, in that account's currency."""
    account = books.accounts.get(code)
    if account is None:
        return Problem(
            "account-unknown",
            f"The bank account {code} does not exist in Xero." if code else "No bank account is named.",
            "Name a bank account of Xero in Core, then sync again.",
        )
    if not account.active:
        return Problem(
            "account-archived",
            f"The bank account {account.code} {account.name} is archived in Xero.",
            "Restore it in Xero, or book it on another account.",
        )
    if account.type != "BANK":
        return Problem(
            "account-unfit",
            f"Account {account.code} {account.name} is not a bank account in Xero.",
            "Book it on a bank account (a clearing account can be one).",
        )
    held = account.currency or books.base_currency
    if held != currency:
        return Problem(
            "currency-unfit",
            f"The bank account {account.code} is kept in {held}, not in {currency}.",
            "Book it on a bank account of that currency.",
        )
    return None


def contact_problem(contact_id: UUID, name: str, books: Books) -> Problem | None:
    contact = books.seen.get(books.xero_id(RecordKey("contact", contact_id)))
    if contact is None or not contact.gone:
        return None
    return Problem(
        "contact-archived",
        f"{name} is archived in Xero; nothing new can be booked for it.",
        "Restore the contact in Xero (Contacts → Archived), then sync again.",
    )
