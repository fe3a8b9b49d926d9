"""What is put right before records are gathered.

In: a connection. Out: nothing half done is left: what a person skipped leaves its open document; entries wait for
documents that exist; a consolidated payment with a voided payment in it is taken back and its others are due again.
Always: each is one or two statements, and does nothing the second time.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection as database
from django.db import transaction

from tieout.sync.consolidation import tables
from tieout.sync.models import Connection


def mend(connection: Connection) -> None:
    with transaction.atomic():
        _take_out_skipped(connection)
        _redo_payments(connection)
        _release(connection)


def _take_out_skipped(connection: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            """delete from sync_consolidatedmember m using sync_consolidateddocument d, sync_entry e
                where m.connection_id = %s and d.id = m.document_id and d.state = 'open'
                  and e.organisation_id = %s and e.kind = m.kind and e.record_id = m.record_id
                  and e.status = 'skipped'
               returning d.id, d.delivery""",
            [connection.pk, connection.organisation_id],
        )
        drafts = {id_ for id_, delivery in cursor.fetchall() if delivery == "draft"}
    if drafts:
        tables.touch(connection, drafts)


_VOIDED_IN = """
    select distinct d.id from sync_consolidateddocument d
      join sync_consolidatedmember m on m.document_id = d.id
      join core_settlement s on s.id = m.record_id and s.status = 'VOIDED'
     where d.connection_id = %s and d.kind = 'consolidated_payment' and d.state = 'closed'"""


def _redo_payments(connection: Connection) -> None:
    """Xero cannot change a payment: the consolidated one goes as it is, and the payments that still stand are due for
    another. What it held stays written down, so that it can be seen where a voided one was."""
    with database.cursor() as cursor:
        cursor.execute(_VOIDED_IN, [connection.pk])
        ids = [id_ for (id_,) in cursor.fetchall()]
        if not ids:
            return
        cursor.execute(
            """with freed as (update sync_consolidatedmember m set current = false from core_settlement s
                               where m.document_id = any(%s::uuid[]) and s.id = m.record_id and s.status <> 'VOIDED'
                              returning m.record_id)
               update sync_entry e set touched = true from freed
                where e.organisation_id = %s and e.kind = 'payment' and e.record_id = freed.record_id""",
            [ids, connection.organisation_id],
        )
        cursor.execute("update sync_consolidateddocument set state = 'voided' where id = any(%s::uuid[])", [ids])
    tables.touch(connection, ids)


def _release(connection: Connection) -> None:
    """What waits for a document that is complete, or that was forgotten, is due."""
    with database.cursor() as cursor:
        cursor.execute(
            """update sync_entry e set blocked_id = null, blocked_kind = '', reason_code = '', reason = ''
                where e.organisation_id = %(organisation)s and e.blocked_id is not null
                  and e.blocked_kind = any(%(kinds)s)
                  and (exists (select from sync_entry d where d.organisation_id = %(organisation)s
                                  and d.kind = e.blocked_kind and d.record_id = e.blocked_id
                                  and d.status in ('completed', 'skipped') and not d.touched)
                       or not exists (select from sync_consolidateddocument d where d.id = e.blocked_id))""",
            {"organisation": connection.organisation_id, "kinds": tables.NAMES},
        )


def touch_gathering(connection: Connection, what: str = "", channel: str = "", supplier_id: UUID | None = None) -> int:
    """Have the records in documents that still gather looked at anew: the mapping or their policy changed. How many."""
    with database.cursor() as cursor:
        cursor.execute(
            """update sync_entry e set touched = true
                 from sync_consolidatedmember m join sync_consolidateddocument d on d.id = m.document_id
                where d.connection_id = %(connection)s and d.state = 'open'
                  and (%(what)s = '' or d.what = %(what)s and lower(d.channel) = lower(%(channel)s)
                                    and (%(supplier)s::uuid is null or d.contact_id = %(supplier)s))
                  and e.organisation_id = %(organisation)s and e.kind = m.kind and e.record_id = m.record_id
                  and e.status <> 'skipped'""",
            {
                "connection": connection.pk,
                "organisation": connection.organisation_id,
                "what": what,
                "channel": channel,
                "supplier": supplier_id,
            },
        )
        return int(cursor.rowcount)
