"""Cost-of-goods journals beside the document that they are about, for Sync History.

In: a connection (None: not connected) and a record. Out: the other side, each with its entry and its place in Xero.
Always: journals in the order in which they were booked, voided ones too; three queries at most however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tieout.core.models import Document, Journal, Organisation
from tieout.reports.synchronization import xero_link
from tieout.sync.models import Binding, Connection, Entry

COSTED = ("sale_invoice", "sale_credit_note")


@dataclass(frozen=True, slots=True)
class Beside:
    """A record that belongs to the one that is looked at. `entry`: None while no sync has looked at it; `link`: where
    it stands in Xero's own pages, empty where that is not known; `voided`: in Core."""

    kind: str
    number: str
    date: date
    voided: bool
    entry: Entry | None
    link: str


def of_document(organisation: Organisation, connection: Connection | None, kind: str, record_id: UUID) -> list[Beside]:
    """The journals of its cost: the one that was posted first, then those of later changes."""
    if kind not in COSTED:
        return []
    found = Journal.objects.filter(organisation=organisation, document=record_id, kind=Journal.Kind.COST_OF_GOODS)
    return _beside(organisation, connection, [("journal", each) for each in found.order_by("created_at", "number")])


def document_of(organisation: Organisation, connection: Connection | None, kind: str, record_id: UUID) -> Beside | None:
    """The invoice or credit note whose cost a journal books."""
    if kind != "journal":
        return None
    found = Document.objects.filter(organisation=organisation, journals=record_id).first()
    return _beside(organisation, connection, [(found.kind, found)])[0] if found else None


def _beside(
    organisation: Organisation, connection: Connection | None, records: Sequence[tuple[str, Document | Journal]]
) -> list[Beside]:
    ids = [record.pk for _, record in records]
    entries = {each.record_id: each for each in Entry.objects.filter(organisation=organisation, record_id__in=ids)}
    bound = Binding.objects.filter(connection=connection, record_id__in=ids) if connection and ids else ()
    xero_ids = {each.record_id: each.xero_id for each in bound}
    return [
        Beside(
            kind,
            record.number,
            record.date,
            record.status == Document.Status.VOIDED,
            entries.get(record.pk),
            xero_link(connection, kind, xero_ids.get(record.pk)),
        )
        for kind, record in records
    ]
