"""Documents and members in the database, in bulk.

In: keys; placements that were decided. Out: rows for the register; new documents and members stored. Always: inside the
caller's transaction; one statement for a thousand.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection as database

from tieout.kinds.consolidation.lines import read
from tieout.kinds.consolidation.register import Part, Row, keys_of
from tieout.kinds.consolidation.terms import TYPES, Terms
from tieout.sync import bulk
from tieout.sync.consolidation.documents import TERMS
from tieout.sync.models import Connection

NAMES = list(TYPES)


@dataclass(frozen=True, slots=True)
class Origin:
    """What an adjusting document takes over from the one that it adjusts."""

    number: str
    what: str
    line_limit: int
    whose: str


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A row of the documents' table beside its terms."""

    id: UUID
    terms: Terms
    what: str
    line_limit: int
    delivery: str
    cut_off: datetime.time
    closes_after: int
    sign: int
    adjusts: UUID | None
    series: str
    position: int
    number: str
    reference: str


@dataclass(frozen=True, slots=True)
class NewMember:
    document_id: UUID
    kind: str
    record_id: UUID
    number: str
    party: str
    date: datetime.date
    due: datetime.date
    first: datetime.date
    last: datetime.date
    counted: Decimal
    amount: Decimal
    lines: str
    current: bool


_ROWS = f"""
    select m.record_id, m.id, m.document_id, m.first, m.last, d.state = 'open', m.current, m.counted, m.lines,
           d.adjusts_id, m.number, m.party, m.date, m.due, {TERMS}
      from sync_consolidatedmember m join sync_consolidateddocument d on d.id = m.document_id
     where m.connection_id = %s and m.kind = %s and m.record_id = any(%s::uuid[]) and d.state <> 'voided'
     order by m.id"""  # noqa: S608 - columns of this package


@dataclass(frozen=True, slots=True)
class Held:
    """What documents hold of a record, and what it was called when it joined."""

    rows: tuple[Row, ...]
    number: str
    party: str
    date: datetime.date
    due: datetime.date


def held(connection: Connection, kind: str, ids: Collection[UUID]) -> dict[UUID, Held]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    with database.cursor() as cursor:
        cursor.execute(_ROWS, [connection.pk, kind, list(ids)])
        for record_id, *rest in cursor.fetchall():
            found[record_id].append(rest)
    return {key: _held(rows) for key, rows in found.items()}


def _held(found: list[Any]) -> Held:
    rows = []
    for row in found:
        id_, document_id, first, last, is_open, current, counted, lines, adjusts, *rest = row
        rows.append(
            Row(
                id_, document_id, Terms(*rest[4:]), first, last, is_open, current, counted, read(lines), adjusts
            )
        )  # fmt: skip
    return Held(tuple(rows), *found[-1][9:13])


def open_parts(connection: Connection, terms: Terms, adjusts: UUID | None) -> list[Part]:
    """The documents of these terms that still gather, with what they hold."""
    with database.cursor() as cursor:
        cursor.execute(
            """select d.id, d.line_limit, d.sign, m.lines
                 from sync_consolidateddocument d left join sync_consolidatedmember m on m.document_id = d.id
                where d.connection_id = %s and d.kind = %s and d.bucket = %s and d.state = 'open'
                  and d.adjusts_id is not distinct from %s order by d.position""",
            [connection.pk, terms.kind, terms.key, adjusts],
        )
        parts: dict[UUID, Part] = {}
        for id_, limit, sign, lines in cursor.fetchall():
            part = parts.setdefault(id_, Part(id_, terms, limit, adjusts))
            part.keys |= keys_of(read(lines), sign, terms.kind) if lines else set()
    return list(parts.values())


def origins(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Origin]:
    with database.cursor() as cursor:
        cursor.execute(
            """select d.id, d.number, d.what, d.line_limit, coalesce(nullif(d.channel, ''), c.name, d.account)
                 from sync_consolidateddocument d left join core_contact c on c.id = d.contact_id
                where d.connection_id = %s and d.id = any(%s::uuid[])""",
            [connection.pk, list(ids)],
        )
        return {id_: Origin(*rest) for id_, *rest in cursor.fetchall()}


def last_position(connection: Connection, series: str) -> int:
    with database.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(position), 0) from sync_consolidateddocument where connection_id = %s and series = %s",
            [connection.pk, series],
        )
        return int(cursor.fetchone()[0])


def was_closed(connection: Connection, terms: Terms) -> bool:
    """Has a document of that period, channel and kind been closed already?"""
    with database.cursor() as cursor:
        cursor.execute(
            """select exists (select from sync_consolidateddocument
                where connection_id = %s and kind = %s and channel = %s and first = %s and last = %s
                  and contact_id is not distinct from %s and state = 'closed' and adjusts_id is null)""",
            [connection.pk, terms.kind, terms.channel, terms.first, terms.last, terms.contact_id],
        )
        return bool(cursor.fetchone()[0])


# -- writing ---------------------------------------------------------------------------------------------------------


def delete(rows: Sequence[Row]) -> None:
    if rows:
        bulk.run(
            "delete from sync_consolidatedmember m using json_to_recordset(%(rows)s) as v(id bigint) where m.id = v.id",
            [{"id": row.id} for row in rows],
        )


def release(rows: Sequence[Row]) -> None:
    """These records belong to their closed document no more."""
    if rows:
        bulk.run(
            """update sync_consolidatedmember m set current = false
                 from json_to_recordset(%(rows)s) as v(id bigint) where m.id = v.id""",
            [{"id": row.id} for row in rows],
        )


def add_documents(connection: Connection, documents: Sequence[NewDocument], now: datetime.datetime) -> None:
    rows = [
        {name: getattr(each, name) for name in _OF_DOCUMENT}
        | {name: getattr(each.terms, name) for name in _OF_TERMS}
        | {"bucket": each.terms.key}
        for each in documents
    ]
    if rows:
        bulk.run(_ADD_DOCUMENTS, rows, connection=connection.pk, now=now)


def add_members(connection: Connection, members: Sequence[NewMember], now: datetime.datetime) -> None:
    if members:
        bulk.run(_ADD_MEMBERS, members, connection=connection.pk, now=now)


_OF_DOCUMENT = (
    "id", "what", "line_limit", "delivery", "cut_off", "closes_after", "sign", "adjusts", "series", "position",
    "number", "reference",
)  # fmt: skip
_OF_TERMS = (
    "kind", "channel", "first", "last", "currency", "rate", "treatment", "contact_id", "by_contact", "account", "type",
    "settles", "grouping",
)  # fmt: skip
_ADD_DOCUMENTS = """
    insert into sync_consolidateddocument (connection_id, opened_at, state, closed_by, id, kind, what, channel, bucket,
           first, last, currency, rate, treatment, contact_id, by_contact, account, type, settles, grouping, line_limit,
           delivery, cut_off, closes_after, sign, adjusts_id, series, position, number, reference)
    select %(connection)s, %(now)s, 'open', '', id, kind, what, channel, bucket, first, last, currency, rate, treatment,
           contact_id, by_contact, account, type, settles, grouping, line_limit, delivery, cut_off, closes_after, sign,
           adjusts, series, position, number, reference
      from json_to_recordset(%(rows)s) as v(id uuid, kind text, what text, channel text, bucket text, first date,
           last date, currency text, rate numeric, treatment text, contact_id uuid, by_contact bool, account text,
           type text, settles uuid, grouping text, line_limit int, delivery text, cut_off time, closes_after int,
           sign int, adjusts uuid, series text, position int, number text, reference text)"""
_ADD_MEMBERS = """
    insert into sync_consolidatedmember (connection_id, joined_at, document_id, kind, record_id, number, party, date,
           due, first, last, counted, amount, lines, current)
    select %(connection)s, %(now)s, document_id, kind, record_id, left(number, 255), left(party, 255), date, due, first,
           last, counted, amount, lines::jsonb, current
      from json_to_recordset(%(rows)s) as v(document_id uuid, kind text, record_id uuid, number text, party text,
           date date, due date, first date, last date, counted numeric, amount numeric, lines text, current bool)"""


def touch(connection: Connection, ids: Collection[UUID]) -> None:
    """Have these documents planned."""
    with database.cursor() as cursor:
        cursor.execute(
            """insert into core_touch (organisation_id, kind, record_id, at)
               select %s, kind, id, now() from sync_consolidateddocument where id = any(%s::uuid[])""",
            [connection.organisation_id, list(ids)],
        )


def close(
    connection: Connection, now: datetime.datetime, ids: Collection[UUID] | None = None, by: str = ""
) -> list[UUID]:
    """Close what is over (or these, by a person's hand), and have it planned. An empty document is taken back, and
    forgotten where it never went anywhere."""
    values: dict[str, Any] = {
        "connection": connection.pk,
        "organisation": connection.organisation_id,
        "now": now,
        "zone": connection.time_zone,
        "ids": None if ids is None else list(ids),
        "by": by,
    }
    with database.cursor() as cursor:
        cursor.execute(_FORGET, values)
        cursor.execute(_CLOSE, values)
        closed = [id_ for (id_,) in cursor.fetchall()]
    if closed:
        touch(connection, closed)
    return closed


_FORGET = """
    delete from sync_consolidateddocument d
     where d.connection_id = %(connection)s and d.state = 'open'
       and not exists (select from sync_consolidatedmember m where m.document_id = d.id)
       and not exists (select from sync_entry e
                        where e.organisation_id = %(organisation)s and e.kind = d.kind and e.record_id = d.id)
       and not exists (select from core_touch t where t.record_id = d.id)"""
_CLOSE = """
    update sync_consolidateddocument d
       set state = case when exists (select from sync_consolidatedmember m where m.document_id = d.id)
                        then 'closed' else 'voided' end,
           closed_at = %(now)s, closed_by = %(by)s
     where d.connection_id = %(connection)s and d.state = 'open'
       and (%(ids)s::uuid[] is not null and d.id = any(%(ids)s::uuid[])
            or %(ids)s::uuid[] is null
               and (d.adjusts_id is not null
                    or (d.last + 1 + d.cut_off) at time zone %(zone)s + d.closes_after * interval '1 hour' <= %(now)s
                    or not exists (select from sync_consolidatedmember m where m.document_id = d.id)))
     returning d.id"""
