"""How statuses, reasons and kinds are worded and drawn: one table for all pages.

In: codes. Out: titles, icons, sentences. Always: a status is told by word and shape as well as by colour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from tieout.console.seats import Seat
from tieout.kinds.registry import KINDS


@dataclass(frozen=True, slots=True)
class Shown:
    """One status that people see."""

    name: str
    title: str
    hint: str
    icon: str


STATUSES = {
    each.name: each
    for each in (
        Shown("warning", "Warning", "wait for you", "warning"),
        Shown("failed", "Failed", "tried again by themselves", "error"),
        Shown("pending", "Pending", "go with the next sync", "schedule"),
        Shown("completed", "Completed", "stand in Xero", "check_circle"),
        Shown("skipped", "Skipped", "left out on purpose", "block"),
    )
}
REMARKS = {"sending": "on its way", "uncertain": "answer lost, being looked up"}
ACTIONS = {
    "create": "Create in Xero",
    "update": "Update in Xero",
    "void": "Void in Xero",
    "adopt": "Take over from Xero",
}


@dataclass(frozen=True, slots=True)
class Cure:
    """The page where a reason can be cured. `spot`: the part of it."""

    route: str
    words: str
    spot: str = ""


CURES = {
    "tax-unmapped": Cure("mapping", "Map the tax rule", "#tax"),
    "term-unfit": Cure("mapping", "See the payment terms", "#terms"),
    "tax-rate-differs": Cure("mapping", "Look at the tax rules", "#tax"),
    "account-missing": Cure("mapping", "Map the account", "#accounts"),
    "account-unknown": Cure("mapping", "Look at the accounts", "#accounts"),
    "account-archived": Cure("mapping", "Look at the accounts", "#accounts"),
    "currency-missing": Cure("mapping", "Add the currency in Xero", "#currencies"),
    "tracking-missing": Cure("mapping", "Look at the tracking options", "#tracking"),
    "lock-date": Cure("settings", "What becomes of locked periods", "#lock_date_policy-row"),
    "not-exported": Cure("settings", "Look at the settings"),
    "before-start": Cure("settings", "Look at the day from which it syncs", "#sync_from-row"),
    "document-not-authorised": Cure("settings", "The status that documents get", "#invoice_status-row"),
}
# Titles of reason codes that their own words do not make plain.
REASONS = {
    "skipped": "Skipped by a person",
    "above-due": "Payment above what is due",
    "lock-date": "Period locked",
    "not-verified": "Xero shows something else",
    "answer-lost": "Answer lost",
    "refused": "Refused by Xero",
    "refused-before": "Refused before, unchanged since",
    "account-unfit": "Account does not fit",
    "tax-unfit": "Tax does not fit the account",
    "tax-unmapped": "Tax rule not mapped",
    "tax-rate-differs": "Xero charges another percentage",
    "tracking-missing": "Tracking option missing in Xero",
    "not-exported": "Not sent, by the settings",
    "term-unfit": "No such payment term in Xero",
    "tracked-in-xero": "Item tracked in Xero",
    "paid-in-xero": "Paid in Xero already",
    "correcting": "Correction under way",
    "corrected": "Corrected in Xero",
    "corrected-before": "Corrected by another document before",
    "from-xero": "Came from Xero",
    "payments-from-xero": "Payments come from Xero",
    "before-start": "Dated before the start of syncing",
    "no-sync": "No sync, by the settings",
    "customer-consolidated": "Customer of consolidated sales",
    "plan-limit": "Limit of the Xero plan",
}

# Xero's statuses, as its own pages call them.
IN_XERO = {"AUTHORISED": "Approved", "SUBMITTED": "Awaiting approval"}
# Calls that Xero does not count with those of the day, by what is asked for.
UNCOUNTED = {"token": "Signing in", "connections": "Organisations let in", "revocation": "Signing out"}


def reason_title(code: str) -> str:
    """A reason code in words: "account-archived" → "Account archived"."""
    return REASONS.get(code) or code.replace("-", " ").capitalize()


def kind_title(name: str) -> str:
    return KINDS[name].title if name in KINDS else name.replace("_", " ").capitalize()


def kind_plural(name: str) -> str:
    return KINDS[name].plural if name in KINDS else kind_title(name)


def file_title(kind: str) -> str:
    """A kind of file in words: "sale-invoices" → "Sale invoices"."""
    return kind.replace("-", " ").capitalize()


def xero_status(status: str) -> str:
    """A status in Xero in words: "AUTHORISED" → "Approved", "PAID" → "Paid"."""
    return IN_XERO.get(status) or status.replace("_", " ").capitalize()


def resource_title(name: str) -> str:
    """A resource of Xero's API in words: "BankTransactions" → "Bank transactions"."""
    return UNCOUNTED.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def link_to(seat: Seat, **filters: str) -> str:
    """Sync History with these filters set."""
    return reverse("history", args=[seat.organisation.slug]) + "?" + urlencode(filters)
