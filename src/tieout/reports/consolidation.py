"""Consolidated documents to look at: which there are, what they hold, which a sync would make now.

In: a connection. Out: rows for pages and commands. Always: totals come from the members, so that they agree with what
is sent; a list is never longer than what is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db import transaction

from tieout.kinds.registry import KINDS, by_rank
from tieout.sync import outbox
from tieout.sync.clock import Clock
from tieout.sync.consolidation.gathering import Gathering
from tieout.sync.ledger import Ledger
from tieout.sync.models import SHOWN_AS, Connection, Status


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """`status`: of its entry as people see it, empty while it only gathers. `entry_id`: None likewise."""

    id: UUID
    kind: str
    number: str
    channel: str
    contact: str
    first: date
    last: date
    currency: str
    rate: Decimal
    state: str
    records: int
    total: Decimal
    adjusts: str
    entry_id: int | None
    status: str
    reason: str

    @property
    def title(self) -> str:
        return KINDS[self.kind].title

    def as_json(self) -> dict[str, Any]:
        """Plain values; amounts as text."""
        return {
            "id": str(self.id),
            "kind": self.kind,
            "number": self.number,
            "channel": self.channel,
            "contact": self.contact,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "currency": self.currency,
            "rate": f"{self.rate.normalize():f}",
            "state": self.state,
            "records": self.records,
            "total": f"{self.total:.2f}",
            "adjusts": self.adjusts,
            "status": self.status,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A record in a document. `counted`: what of its own total; `total`: what its entry shows now."""

    kind: str
    record_id: UUID
    number: str
    party: str
    day: date
    counted: Decimal
    current: bool
    entry_id: int | None
    total: Decimal | None


_DOCUMENTS = """
    select d.id, d.kind, d.number, d.channel, coalesce(c.name, ''), d.first, d.last, d.currency, d.rate, d.state,
           coalesce(m.records, 0), coalesce(m.total, 0.00), coalesce(o.number, ''), e.id, coalesce(e.status, ''),
           coalesce(e.reason, '')
      from sync_consolidateddocument d
      left join lateral (select count(*) as records, sum(amount) as total
                           from sync_consolidatedmember m where m.document_id = d.id) m on true
      left join core_contact c on c.id = d.contact_id
      left join sync_consolidateddocument o on o.id = d.adjusts_id
      left join sync_entry e on e.organisation_id = %(organisation)s and e.kind = d.kind and e.record_id = d.id
     where d.connection_id = %(connection)s and (%(states)s::text[] is null or d.state = any(%(states)s))
       and (%(id)s::uuid is null or d.id = %(id)s)
     order by d.last desc, d.number limit %(most)s offset %(start)s"""


def documents(
    connection: Connection,
    states: Sequence[str] | None = None,
    *,
    most: int = 200,
    start: int = 0,
    id_: UUID | None = None,
) -> list[DocumentRow]:
    """The latest first. `states`: open, closed, voided; None: all."""
    values: dict[str, Any] = {
        "organisation": connection.organisation_id,
        "connection": connection.pk,
        "states": None if states is None else list(states),
        "most": most,
        "start": start,
        "id": id_,
    }
    with database.cursor() as cursor:
        cursor.execute(_DOCUMENTS, values)
        return [_row(*row) for row in cursor.fetchall()]


def _row(*columns: Any) -> DocumentRow:
    values: list[Any] = [*columns[:-2], _shown(columns[-2]), columns[-1]]
    return DocumentRow(*values)


def _shown(status: str) -> str:
    return str(SHOWN_AS.get(Status(status), Status(status))) if status else ""


def document(connection: Connection, id_: UUID) -> DocumentRow | None:
    return next(iter(documents(connection, id_=id_)), None)


def members(connection: Connection, document_id: UUID, *, most: int = 200, start: int = 0) -> list[MemberRow]:
    """The records in a document, in the order of their days and numbers."""
    with database.cursor() as cursor:
        cursor.execute(
            """select m.kind, m.record_id, m.number, m.party, m.date, m.counted, m.current, e.id, e.amount
                 from sync_consolidatedmember m
                 left join sync_entry e on e.organisation_id = %s and e.kind = m.kind and e.record_id = m.record_id
                where m.document_id = %s order by m.date, m.number, m.id limit %s offset %s""",
            [connection.organisation_id, document_id, most, start],
        )
        return [MemberRow(*row) for row in cursor.fetchall()]


def documents_of(connection: Connection, kind: str, record_id: UUID) -> list[tuple[UUID, str]]:
    """The other way round: which documents hold something of a record."""
    with database.cursor() as cursor:
        cursor.execute(
            """select d.id, d.number from sync_consolidatedmember m
                 join sync_consolidateddocument d on d.id = m.document_id
                where m.connection_id = %s and m.kind = %s and m.record_id = %s order by m.id""",
            [connection.pk, kind, record_id],
        )
        found: list[tuple[UUID, str]] = cursor.fetchall()
    return found


class _Undone(Exception):
    pass


def would_be(connection: Connection, clock: Clock) -> list[DocumentRow]:
    """The documents that would gather, or be sent, if a sync ran now. Nothing is changed."""
    known = {row.id: row.records for row in documents(connection, most=1_000_000)}
    found: list[DocumentRow] = []
    try:
        with transaction.atomic():
            outbox.take(connection.organisation_id, clock.now())
            gathering = Gathering(Ledger(connection), clock)
            for rank in by_rank():
                gathering.before(rank)
            found = [row for row in documents(connection, most=1_000_000) if known.get(row.id) != row.records]
            raise _Undone
    except _Undone:
        return found
