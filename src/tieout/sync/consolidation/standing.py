"""What consolidation means for the planning of a record: it is carried, or left out.

In: a chunk of records and what they depend on. Out: what `Books` says of them. Always: a handful of queries a chunk,
and next to none for a company that consolidates nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection as database

from tieout.core.records import CoreRecord, RecordKey
from tieout.kinds.books import Carrier
from tieout.kinds.consolidation.terms import CARRIED_BY
from tieout.kinds.registry import KINDS
from tieout.sync import bulk
from tieout.sync.consolidation.policies import Mode, Policies, channel_of, channels_of
from tieout.sync.models import Connection, ConsolidatedDocument, ConsolidationPolicy

NO_SYNC, SPARED = "no-sync", "customer-consolidated"

_HELD = """
    select m.kind, m.record_id, m.current, m.counted < 0, d.kind, d.id, d.number, d.state, d.last,
           coalesce((e.status = 'completed' or d.state = 'voided' and e.status = 'skipped') and not e.touched, false)
      from json_to_recordset(%(rows)s) as v(kind text, id uuid)
      join sync_consolidatedmember m
        on m.connection_id = %(connection)s and m.kind = v.kind and m.record_id = v.id
      join sync_consolidateddocument d on d.id = m.document_id
      left join sync_entry e on e.organisation_id = %(organisation)s and e.kind = d.kind and e.record_id = d.id
     order by d.opened_at, d.number"""


def carriers(connection: Connection, keys: Iterable[RecordKey]) -> dict[RecordKey, Carrier]:
    """What stands for these records; one that stands for itself is absent."""
    rows = [{"kind": key.kind, "id": key.id} for key in keys if key.kind in CARRIED_BY]
    if not rows or not ConsolidatedDocument.objects.filter(connection=connection).exists():
        return {}
    cursor = bulk.run(_HELD, rows, connection=connection.pk, organisation=connection.organisation_id)
    held: dict[RecordKey, list[Any]] = defaultdict(list)
    for kind, record_id, *rest in cursor.fetchall():
        held[RecordKey(kind, record_id)].append(rest)
    return {key: _carrier(found) for key, found in held.items() if any(current for current, *_ in found)}


def _carrier(found: list[Any]) -> Carrier:
    current = next(row for row in found if row[0])
    _, _, kind, id_, number, state, *_ = current
    waiting = next((row for row in found if not row[-1]), None)
    if waiting is not None:
        _, _, its_kind, its_id, its_number, its_state, last, _ = waiting
        words = f"Gathered into {its_number}, {_when(its_state, last)}."
        return Carrier(RecordKey(kind, id_), state == "open", RecordKey(its_kind, its_id), words)
    others = [row[4] for row in found if row[3] != id_ and row[5] != "voided"]
    words = f"Carried by {number}" + (f", adjusted by {', '.join(others)}." if others else ".")
    return Carrier(RecordKey(kind, id_), state == "open", None, words)


def _when(state: str, last: date) -> str:
    return f"which gathers until the end of {last:%d %b %Y}" if state == "open" else "which is to be sent"


# -- left out --------------------------------------------------------------------------------------------------------


def left_out(
    connection: Connection, kind: str, records: Collection[CoreRecord], needed: Collection[RecordKey]
) -> dict[RecordKey, tuple[str, str]]:
    """The records that a policy keeps in Core, each with the rule's code and reason."""
    policies = Policies(connection)
    if kind == "contact":
        return _spared(connection, records) if policies.spare_customers else {}
    if not policies.leave_out:
        return {}
    channels = channels_of(records)
    found: dict[RecordKey, tuple[str, str]] = {}
    for record in records:
        policy = policies.of(record, channel_of(record, channels))
        if policy is not None and policy.mode == Mode.NONE:
            found[record.key] = (NO_SYNC, _reason(policy))
    return found | _belonging(connection, kind, [each for each in records if each.key not in found], needed)


def _reason(policy: ConsolidationPolicy) -> str:
    of = f" of {policy.channel or policy.supplier}" if policy.channel or policy.supplier else ""
    return f"{policy.get_what_display()}{of} stay in Core: their sync is off on the Consolidation page."


def _belonging(
    connection: Connection, kind: str, records: Collection[CoreRecord], needed: Collection[RecordKey]
) -> dict[RecordKey, tuple[str, str]]:
    """Payments, refunds, uses of credit and files of what stays in Core stay there too."""
    ids = [key.id for key in needed if key.kind in CARRIED_BY]
    if not ids:
        return {}
    with database.cursor() as cursor:
        cursor.execute(
            """select kind, record_id, label from sync_entry where organisation_id = %s and status = 'skipped'
                  and reason_code = %s and record_id = any(%s::uuid[])""",
            [connection.organisation_id, NO_SYNC, ids],
        )
        staying = {RecordKey(its_kind, record_id): label for its_kind, record_id, label in cursor.fetchall()}
    found = {}
    for record in records if staying else ():
        for key in KINDS[kind].depends_on(record):
            if key in staying:
                found[record.key] = (NO_SYNC, f"It belongs to {staying[key]}, which stays in Core by the settings.")
    return found


# A customer all of whose documents go consolidated, under a policy that spares the customers.
_SPARED = """
    select c.id from core_contact c
     where c.id = any(%(ids)s::uuid[]) and not c.is_supplier
       and not exists (select from sync_binding b where b.connection_id = %(connection)s and b.kind = 'contact'
                          and b.record_id = c.id)
       and exists (select from core_document d where d.contact_id = c.id)
       and not exists (select from core_deposit p where p.contact_id = c.id)
       and not exists (select from core_moneytask t where t.contact_id = c.id)
       and not exists (select from sync_consolidationpolicy p where p.connection_id = %(connection)s
                          and (p.contact_id = c.id or p.supplier_id = c.id))
       and not exists (
           select from core_document d
             left join sync_consolidationpolicy p on p.connection_id = %(connection)s and p.what = 'invoices'
                  and lower(p.channel) = lower(d.channel)
            where d.contact_id = c.id
              and (d.kind not in ('sale_invoice', 'sale_credit_note') or p.id is null or p.export_customers
                   or p.grouping = 'customer' or p.mode not in ('daily', 'monthly')))"""


def _spared(connection: Connection, records: Collection[CoreRecord]) -> dict[RecordKey, tuple[str, str]]:
    spared = _spared_ids(connection, [record.key.id for record in records])
    words = "All its sales go consolidated, under the channel's own contact."
    return {RecordKey("contact", each): (SPARED, words) for each in spared}


def _spared_ids(connection: Connection, ids: list[UUID]) -> list[UUID]:
    with database.cursor() as cursor:
        cursor.execute(_SPARED, {"ids": ids, "connection": connection.pk})
        return [key for (key,) in cursor.fetchall()]


def take_back_spared(connection: Connection) -> None:
    """Customers that were spared and are needed now."""
    with database.cursor() as cursor:
        cursor.execute(
            "select record_id from sync_entry where organisation_id = %s and status = 'skipped' and reason_code = %s",
            [connection.organisation_id, SPARED],
        )
        skipped = [key for (key,) in cursor.fetchall()]
        if not skipped:
            return
        wanted = sorted(set(skipped) - set(_spared_ids(connection, skipped)))
        cursor.execute(
            """update sync_entry set status = 'pending', touched = true
                where organisation_id = %s and kind = 'contact' and record_id = any(%s::uuid[])""",
            [connection.organisation_id, wanted],
        )
