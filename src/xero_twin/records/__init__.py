"""What an organisation holds: one small record per thing in its books.

Each record has Xero's `id` (a GUID in lower case) and `updated` (milliseconds since 1970). Amounts are
Decimals in the document's currency with two decimals; quantities and unit amounts have four. Records are
replaced, never changed in place once they are stored, so that an answer being written cannot change under
way. Lines and payments are tuples for the same reason.
"""

from xero_twin.records.banking import BankTransaction, BankTransfer, BatchPayment, Payment
from xero_twin.records.beside import Attachment, Note
from xero_twin.records.contacts import Contact, ContactGroup
from xero_twin.records.documents import (
    Allocation,
    Credit,
    Invoice,
    Line,
    LinkedTransaction,
    ManualJournal,
    Posting,
    PurchaseOrder,
    Tracking,
)
from xero_twin.records.guid import NOTHING_GUID
from xero_twin.records.items import Item, StockMovement
from xero_twin.records.settings import Account, Currency, TaxComponent, TaxRate, TrackingCategory, TrackingOption

Document = Invoice | Credit | PurchaseOrder | BankTransaction  # what has lines with quantities and totals

__all__ = [
    "NOTHING_GUID",
    "Account",
    "Allocation",
    "Attachment",
    "BankTransaction",
    "BankTransfer",
    "BatchPayment",
    "Contact",
    "ContactGroup",
    "Credit",
    "Currency",
    "Document",
    "Invoice",
    "Item",
    "Line",
    "LinkedTransaction",
    "ManualJournal",
    "Note",
    "Payment",
    "Posting",
    "PurchaseOrder",
    "StockMovement",
    "TaxComponent",
    "TaxRate",
    "Tracking",
    "TrackingCategory",
    "TrackingOption",
]
