"""A local Xero: the same addresses, sign-in, limits, validation, arithmetic and quirks, in memory.

    twin = Twin()
    org = twin.add_organisation("Demo Company")
    client = httpx2.Client(transport=twin.transport())          # in-process, whatever the host
    with TwinServer(twin, port=8930) as server: ...             # or over real sockets: xero-twin serve --port 8930

In: HTTP requests as Xero takes them. Out: answers as Xero gives them, and a journal of what truly happened,
which tests hold a client against. It follows what is known about Xero, never a client; where Xero's own
words are not known the text is invented and a comment says so. It loses answers, delays, breaks and refuses
on command (`twin.faults`). Time is the twin's own (`ManualClock`), so six minutes pass at once. Money is
Decimal throughout; calls on one organisation take turns, different organisations do not wait.

What it does: OAuth sign-in with consent page, refresh rotation and revocation; connections; scopes; call
limits; idempotency keys; Organisation, Accounts, TaxRates, Currencies, TrackingCategories with their options, Contacts
and their groups, Items with their stock, Invoices (sales invoices and bills), CreditNotes, Prepayments, Overpayments,
Allocations, Payments (refunds too) and batches of them, BankTransactions, BankTransfers, PurchaseOrders,
LinkedTransactions, ManualJournals; Attachments, History and PDFs; Reports/TrialBalance from a double-entry ledger
(`twin.trial_balance`); webhooks (`twin.webhooks`); and what a person does in Xero's screens (`twin.edit`).

What it does not do is listed at the end of docs/twin.md. It keeps nothing of itself: `state.save` writes its books to a
file and `state.restore` takes them up again.
"""

from xero_twin.clock import Clock, ManualClock, SystemClock
from xero_twin.edits import EditError
from xero_twin.errors import LostAnswer
from xero_twin.identity import OAuthError
from xero_twin.journal import JournalLine
from xero_twin.limits import Limits
from xero_twin.organisation import Organisation
from xero_twin.server import TwinServer
from xero_twin.twin import Twin
from xero_twin.wire import Request, Response

__all__ = [
    "Clock",
    "EditError",
    "JournalLine",
    "Limits",
    "LostAnswer",
    "ManualClock",
    "OAuthError",
    "Organisation",
    "Request",
    "Response",
    "SystemClock",
    "Twin",
    "TwinServer",
]
