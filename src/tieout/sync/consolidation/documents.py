"""Consolidated documents as records, so that the engine treats them like any other.

In: ids. Out: what the kinds map. Always: two queries however many documents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection as database

from tieout.core.records import CoreRecord, RecordKey
from tieout.kinds.consolidation.documents import Head, record
from tieout.kinds.consolidation.lines import Line, read
from tieout.kinds.consolidation.terms import Terms
from tieout.sync.consolidation import allocating
from tieout.sync.models import Connection

_STATUS = {"open": "DRAFT", "closed": "AUTHORISED", "voided": "VOIDED"}
TERMS = """d.kind, d.channel, d.first, d.last, d.currency, d.rate, d.treatment, d.contact_id, d.by_contact, d.account,
           d.type, d.settles, d.grouping"""
_DOCUMENTS = f"""
    select d.id, d.number, d.reference, d.state, d.sign, coalesce(c.name, ''), s.kind, coalesce(s.number, ''), {TERMS}
      from sync_consolidateddocument d
      left join core_contact c on c.id = d.contact_id
      left join sync_consolidateddocument s on s.id = d.settles
     where d.connection_id = %s and d.kind = %s and d.id = any(%s::uuid[])"""  # noqa: S608 - columns of this module


def load(connection: Connection, kind: str, ids: Collection[UUID]) -> dict[UUID, CoreRecord]:
    """The named documents of one consolidated kind."""
    if not ids:
        return {}
    if kind == allocating.KIND:
        return allocating.load(connection, ids)
    wanted = list(ids)
    with database.cursor() as cursor:
        cursor.execute(_DOCUMENTS, [connection.pk, kind, wanted])
        documents = cursor.fetchall()
        cursor.execute(
            "select document_id, due, lines from sync_consolidatedmember where document_id = any(%s::uuid[])",
            [wanted],
        )
        members: dict[UUID, list[tuple[date, str]]] = defaultdict(list)
        for document_id, due, lines in cursor.fetchall():
            members[document_id].append((due, lines))
    base = connection.organisation.base_currency
    return {row[0]: _record(row, members[row[0]], base) for row in documents}


def _record(row: Any, members: list[tuple[date, str]], base_currency: str) -> CoreRecord:
    id_, number, reference, state, sign, contact_name, settled_kind, settled_number, *values = row
    terms = Terms(*values)
    lines: list[Line] = [line for _, text in members for line in read(text)]
    head = Head(
        id=id_,
        number=number,
        reference=reference,
        terms=terms,
        date=terms.last,
        due=max((due for due, _ in members), default=terms.last),
        status=_STATUS[state],
        base_currency=base_currency,
        contact_name=contact_name,
        settled=RecordKey(settled_kind, terms.settles) if settled_kind and terms.settles else None,
        settled_number=settled_number,
    )
    return record(head, lines if sign > 0 else [line.negated() for line in lines])
