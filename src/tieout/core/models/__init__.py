"""Core's tables: the commercial records that Tieout holds, whatever system they came from.

Always: every row carries its organisation; money is Decimal beside its currency; a row changes only through
`core.operations` (or `core.importing`, which calls the same rules in bulk), which writes the audit event and the
touch in the same transaction. Reading is free for all; nothing else writes here.
"""

from tieout.core.models.attachments import Attachment, AttachmentContent
from tieout.core.models.catalogue import Contact, Product
from tieout.core.models.company import (
    Account,
    CostDating,
    Organisation,
    OwnedByOrganisation,
    PaymentTerm,
    Record,
    TaxRule,
    Touch,
)
from tieout.core.models.documents import Document, DocumentKind, DocumentLine
from tieout.core.models.journals import Journal, JournalLine
from tieout.core.models.money import (
    Allocation,
    Booked,
    Deposit,
    DepositKind,
    MoneyTask,
    MoneyTaskLine,
    Settlement,
)

__all__ = [
    "Account",
    "Allocation",
    "Attachment",
    "AttachmentContent",
    "Booked",
    "Contact",
    "CostDating",
    "Deposit",
    "DepositKind",
    "Document",
    "DocumentKind",
    "DocumentLine",
    "Journal",
    "JournalLine",
    "MoneyTask",
    "MoneyTaskLine",
    "Organisation",
    "OwnedByOrganisation",
    "PaymentTerm",
    "Product",
    "Record",
    "Settlement",
    "TaxRule",
    "Touch",
]
