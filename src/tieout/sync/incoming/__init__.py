"""What people made in Xero comes into Core, as far as the settings want it.

In: the last-seen views and kept contents, after the changes in Xero were read. Out: products, contacts, documents and
money in Core, each bound to what it came from, with an entry and an audit event; what Core cannot hold is a finding.
Always: what is bound is never taken over again nor sent back; what is removed in Xero is voided in Core; a record, its
binding and its entry are one transaction.
"""

from __future__ import annotations

from datetime import datetime

from tieout.sync.incoming import contents, removed
from tieout.sync.incoming.contacts import ContactsIn
from tieout.sync.incoming.documents import DocumentsIn, answers_missing
from tieout.sync.incoming.items import ItemsIn
from tieout.sync.incoming.money import ORDER, MoneyIn
from tieout.sync.incoming.taking import Taking
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection

PULLING = ("pull", "both")


def kinds_taken(connection: Connection) -> list[str]:
    """The kinds that come in by the settings."""
    money = ORDER if connection.payments in PULLING else ()
    return [*money, *sorted(contents.loaded(connection))]


def take_over(ledger: Ledger, now: datetime) -> int:
    """Bring Core up to date with what was made and removed in Xero. How many were taken over or removed."""
    connection = ledger.connection
    kinds = kinds_taken(connection)
    taking = Taking(ledger, now)
    changed = removed.follow(taking, [kind for kind in kinds if kind in (*ORDER, *contents.DOCUMENTS)])
    looked = {"product", "contact"} & set(kinds)
    contacts = ContactsIn(taking)
    if "product" in kinds:
        changed += ItemsIn(taking).take_over()
    if "contact" in kinds:
        changed += contacts.take_over()
    if connection.load_invoices and not answers_missing(connection):
        looked |= set(contents.DOCUMENTS)
        changed += DocumentsIn(taking, contacts).take_over()
    if connection.payments in PULLING:
        changed += MoneyIn(taking).take_over()
    contents.tidy(connection)
    taking.close(kinds, sorted(looked))
    return changed
