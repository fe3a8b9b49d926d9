"""An adjusting credit note is used on the invoice that it corrects, once both stand in Xero.

In: closed adjusting documents. Out: how much each credit gives to its invoice, written down before anything is sent;
a record of the kind `consolidated_allocation` for each, under the adjusting document's id. Always: the amount is what
both have left in Xero, and it is settled once: a write that got no answer is looked up by it. Only what Xero refused
for good, or what was found to be above what is due, is settled anew.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection as database

from tieout.core.records import AllocationRecord, CoreRecord, RecordKey
from tieout.kinds.consolidation.terms import GIVING, TAKING
from tieout.sync.models import Connection

KIND = "consolidated_allocation"

# What an adjusting document and the one that it adjusts have left; `ahead`: those to be sent count as standing there.
_LEFT = """
    select d.id, least(case when g.id is null then own.total else g.due end,
                       case when t.id is null then origin.total else t.due end) as amount
      from sync_consolidateddocument d
      join sync_consolidateddocument o on o.id = d.adjusts_id and o.state = 'closed'
      left join sync_binding db on db.connection_id = d.connection_id and db.kind = d.kind and db.record_id = d.id
      left join sync_binding ob on ob.connection_id = o.connection_id and ob.kind = o.kind and ob.record_id = o.id
      left join sync_xerorecord g on g.connection_id = d.connection_id and g.xero_id = db.xero_id
      left join sync_xerorecord t on t.connection_id = d.connection_id and t.xero_id = ob.xero_id
      cross join lateral (select sum(m.amount) as total from sync_consolidatedmember m where m.document_id = d.id) own
      cross join lateral (select sum(m.amount) as total from sync_consolidatedmember m
                           where m.document_id = o.id) origin
     where d.connection_id = %(connection)s and d.state = 'closed'
       and (d.kind = any(%(giving)s) and o.kind = any(%(taking)s)
            or d.kind = any(%(taking)s) and o.kind = any(%(giving)s))
       and (g.status = 'AUTHORISED' or %(ahead)s and db.id is null)
       and (t.status = 'AUTHORISED' or %(ahead)s and ob.id is null)
       and not exists (select from sync_binding b where b.connection_id = d.connection_id and b.kind = %(kind)s
                          and b.record_id = d.id)
       and (d.allocated is null
            or exists (select from sync_entry e where e.organisation_id = %(organisation)s and e.kind = %(kind)s
                          and e.record_id = d.id and e.status = 'warning'))"""
_SETTLE = f"""
    with settled as (update sync_consolidateddocument d set allocated = found.amount
                       from ({_LEFT}) found
                      where d.id = found.id and found.amount > 0 and d.allocated is distinct from found.amount
                     returning d.id)
    insert into core_touch (organisation_id, kind, record_id, at)
    select %(organisation)s, %(kind)s, id, now() from settled"""  # noqa: S608 - all of it stands here
_LOAD = """
    select d.id, d.kind, d.number, o.id, o.kind, o.number, greatest(d.last, o.last), d.allocated, d.currency,
           d.contact_id, coalesce(c.name, ''), d.channel
      from sync_consolidateddocument d
      join sync_consolidateddocument o on o.id = d.adjusts_id
      left join core_contact c on c.id = d.contact_id
     where d.connection_id = %s and d.id = any(%s::uuid[]) and d.allocated is not null"""


def settle(connection: Connection, *, ahead: bool = False) -> None:
    """Write down what each adjusting credit gives to its invoice, and have it sent. `ahead`: for a look ahead, what is
    yet to be sent counts as standing in Xero."""
    values: dict[str, Any] = {
        "connection": connection.pk,
        "organisation": connection.organisation_id,
        "kind": KIND,
        "giving": list(GIVING),
        "taking": list(TAKING),
        "ahead": ahead,
    }
    with database.cursor() as cursor:
        cursor.execute(_SETTLE, values)


def load(connection: Connection, ids: Collection[UUID]) -> dict[UUID, CoreRecord]:
    """These uses of credit as records."""
    with database.cursor() as cursor:
        cursor.execute(_LOAD, [connection.pk, list(ids)])
        return {row[0]: _record(row) for row in cursor.fetchall()}


def _record(row: Any) -> AllocationRecord:
    id_, kind, number, origin_id, origin_kind, origin_number, day, amount, currency, contact, name, channel = row
    ours, theirs = (RecordKey(kind, id_), number), (RecordKey(origin_kind, origin_id), origin_number)
    source, target = (ours, theirs) if kind in GIVING else (theirs, ours)
    return AllocationRecord(
        key=RecordKey(KIND, id_),
        number=f"{source[1]} → {target[1]}",
        source=source[0],
        source_number=source[1],
        target=target[0],
        target_number=target[1],
        date=day,
        amount=amount,
        currency=currency,
        status="AUTHORISED",
        contact_id=contact,
        contact_name=name,
        channel=channel,
    )
