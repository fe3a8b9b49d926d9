"""Which policy is a record's.

In: a connection's policies. Out: the one for a record. Always: channels compare without regard to case; a supplier's
own policy goes before that of all suppliers; manual journals of a sale follow the policy of its invoices.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import connection as database

from tieout.core.records import CoreRecord, JournalRecord
from tieout.kinds.consolidation.terms import Policy
from tieout.sync.models import Connection, ConsolidationPolicy

What = ConsolidationPolicy.What
Mode = ConsolidationPolicy.Mode
_SALES = ("sale_invoice", "sale_credit_note")
_PURCHASES = ("bill", "purchase_credit_note")
Place = tuple[str, str, UUID | None]


class Policies:
    """The policies of one connection, as they are now."""

    def __init__(self, connection: Connection) -> None:
        self._by_place: dict[Place, ConsolidationPolicy] = {
            (each.what, each.channel.casefold(), each.supplier_id): each
            for each in ConsolidationPolicy.objects.filter(connection=connection)
        }
        modes = {each.mode for each in self._by_place.values()}
        self.consolidate = bool(modes & {Mode.DAILY, Mode.MONTHLY})
        self.leave_out = Mode.NONE in modes
        self.spare_customers = any(not each.export_customers for each in self._by_place.values())

    def of(self, record: Any, channel: str = "") -> ConsolidationPolicy | None:
        """The record's policy. `channel`: a payment's, which is that of the sale it pays."""
        place = _place(record, channel)
        if place is None:
            return None
        what, its_channel, supplier = place
        found = self._by_place.get((what, its_channel.casefold(), supplier))
        return found or (self._by_place.get((what, "", None)) if supplier else None)


def terms_policy(row: ConsolidationPolicy) -> Policy:
    """The policy as the pure part knows it."""
    return Policy(
        what=row.what,
        mode=row.mode,
        grouping=row.grouping,
        line_limit=row.line_limit,
        late=row.late,
        delivery=row.delivery,
        template=row.template,
        contact_id=None if row.what == What.BILLS else row.contact_id,
        cut_off=row.cut_off,
        closes_after=row.closes_after,
    )


def _place(record: Any, channel: str) -> Place | None:
    kind = record.key.kind
    if kind in _SALES:
        return What.INVOICES, record.channel, None
    if kind in _PURCHASES:
        return What.BILLS, "", record.contact_id
    if kind == "journal":
        return _place_of_journal(record)
    if kind == "payment":
        return (What.PAYMENTS, channel, None) if record.document.kind == "sale_invoice" else None
    return (What.MONEY, "", None) if kind == "money_task" else None


def _place_of_journal(record: JournalRecord) -> Place | None:
    if record.document is None or record.document.kind not in _SALES:
        return None
    what = What.COSTS if record.purpose == "cost_of_goods" else What.INVOICES
    return what, record.channel, None


def channels_of(records: Collection[CoreRecord]) -> Mapping[UUID, str]:
    """The channel of the documents that these payments pay, by the document's id."""
    ids = [record.document.id for record in records if record.key.kind == "payment"]  # type: ignore[union-attr]
    if not ids:
        return {}
    with database.cursor() as cursor:
        cursor.execute("select id, channel from core_document where id = any(%s::uuid[])", [ids])
        return dict(cursor.fetchall())


def channel_of(record: Any, channels: Mapping[UUID, str]) -> str:
    return channels.get(record.document.id, "") if record.key.kind == "payment" else ""
