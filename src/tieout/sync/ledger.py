"""What was agreed and seen, and the books that planning reads: the engine's memory in the database, in bulk.

In: a connection; sets of keys. Out: `Books` for a chunk of records; bindings and last-seen views written with one
statement for many. Always: a chunk of a thousand records costs a handful of queries, whatever its kind.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import msgspec
from django.db import connection as database

from tieout.core import store
from tieout.core.models import Account, TaxRule
from tieout.core.models.lookups import array
from tieout.core.records import ContactRecord, CoreRecord, ProductRecord, RecordKey
from tieout.kinds.books import AccountView, Agreed, Books, Seen, Settings, TaxView
from tieout.kinds.kind import AnyKind
from tieout.sync import bulk
from tieout.sync.consolidation import documents
from tieout.sync.consolidation.standing import carriers, left_out
from tieout.sync.models import Binding, Connection


class Bond(msgspec.Struct, frozen=True, gc=False):
    """One line of the bindings: what was agreed about a record. `content` is the payload as JSON."""

    kind: str
    record_id: UUID
    xero_id: str
    fingerprint: str
    content: bytes
    gone: bool


class Ledger:
    """The memory of one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    # -- books ------------------------------------------------------------------------------------------------------

    def base_books(self) -> Books:
        """Accounts, tax, lock date and settings: what is the same for every record of a run."""
        organisation = self.connection.organisation
        return Books(
            base_currency=organisation.base_currency,
            accounts={
                account.code: AccountView(
                    code=account.code,
                    name=account.name,
                    type=account.type,
                    account_class=account.account_class,
                    active=account.status == "ACTIVE",
                    takes_payments=account.takes_payments,
                    system_account=account.system_account,
                    currency=account.currency,
                )
                for account in Account.objects.filter(organisation=organisation).exclude(code="")
            },
            tax_rules={
                rule.pk: TaxView(
                    id=rule.pk,
                    name=rule.name,
                    rate=rule.rate,
                    tax_type=rule.tax_type,
                    active=rule.status == "ACTIVE",
                    applies_to=frozenset(rule.applies_to),
                    xero_rate=rule.xero_rate if rule.tax_type else None,
                )
                for rule in TaxRule.objects.filter(organisation=organisation)
            },
            currencies=frozenset([organisation.base_currency, *self.connection.currencies]),
            lock_date=self.connection.lock_date,
            settings=Settings(
                invoice_status=self.connection.invoice_status,
                roles=self.connection.roles,
                status_by_kind=self.connection.status_by_kind,
                status_by_channel=self.connection.status_by_channel,
                payments=self.connection.payments,
                lock_date_policy=self.connection.lock_date_policy,
                sync_from=self.connection.sync_from,
                deposits_as=self.connection.deposits_as,
                export_purchase_orders=self.connection.export_purchase_orders,
                export_attachments=self.connection.export_attachments,
                show_journals_on_cash_basis=self.connection.show_journals_on_cash_basis,
                item_description=self.connection.item_description,
                item_purchase_description=self.connection.item_purchase_description,
                tracking=self.connection.tracking,
                tracking_options={
                    name: tuple(options)
                    for name, options in sorted((self.connection.tracking_categories or {}).items())
                },
            ),
        )

    def records(self, kind: AnyKind, ids: Collection[UUID]) -> dict[UUID, CoreRecord]:
        """The records of one kind: Core's own, or the consolidated documents that carry them."""
        if kind.carries:
            return documents.load(self.connection, kind.name, ids)
        return store.load(self.connection.organisation_id, kind.name, ids)

    def books_for(self, base: Books, kind: AnyKind, records: Collection[CoreRecord]) -> Books:
        """The books with what these records refer to: bindings, last-seen views, products, contacts."""
        needed = {key for record in records for key in kind.depends_on(record)}
        own = {record.key for record in records}
        carried = carriers(self.connection, needed | own)
        agreed = self.agreed(needed | own | {carrier.key for carrier in carried.values()})
        referred: dict[str, set[UUID]] = defaultdict(set)
        for key in needed if kind.maps_what_it_needs else ():
            referred[key.kind].add(key.id)
        organisation_id = self.connection.organisation_id
        books = dataclasses.replace(
            base,
            agreed=agreed,
            carried=carried,
            left_out=left_out(self.connection, kind.name, records, needed),
            seen=self.seen([each.xero_id for each in agreed.values()]),
            products=cast("dict[UUID, ProductRecord]", store.load(organisation_id, "product", referred["product"])),
            contacts=cast("dict[UUID, ContactRecord]", store.load(organisation_id, "contact", referred["contact"])),
        )
        missing = set(filter(books.missing, needed))
        going = [record for record in records if missing.isdisjoint(kind.depends_on(record))] if missing else records
        return dataclasses.replace(books, found=self.found(kind, going, books))

    def found(
        self, kind: AnyKind, records: Collection[CoreRecord], books: Books
    ) -> dict[tuple[str, str], tuple[Seen, ...]]:
        """What Xero holds under the natural keys of those of these records that were never agreed. All that they depend
        on stands in Xero."""
        keys = {key for record in records if record.key not in books.agreed for key in kind.keys(record, books)}
        found: dict[tuple[str, str], list[Seen]] = defaultdict(list)
        for seen in self.find(kind.seen_as, sorted(keys)) if keys else ():
            for key in {seen.key, seen.other_key} & keys:
                found[kind.seen_as, key].append(seen)
        return {key: tuple(seen) for key, seen in found.items()}

    def agreed(self, keys: Iterable[RecordKey]) -> dict[RecordKey, Agreed]:
        """The bindings of these records; one without a binding is absent."""
        ids: dict[str, list[UUID]] = defaultdict(list)
        for key in keys:
            ids[key.kind].append(key.id)
        found: dict[RecordKey, Agreed] = {}
        with database.cursor() as cursor:
            for kind, record_ids in ids.items():
                cursor.execute(
                    """select record_id, xero_id::text, fingerprint, gone, corrected, from_xero from sync_binding
                        where connection_id = %s and kind = %s and record_id = any(%s::uuid[])""",
                    [self.connection.pk, kind, array(record_ids)],
                )
                for record_id, *rest in cursor.fetchall():
                    found[RecordKey(kind, record_id)] = Agreed(*rest)
        return found

    def contents(self, kind: str, record_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """What was last agreed about these records, as Xero's JSON."""
        with database.cursor() as cursor:
            cursor.execute(
                """select record_id, content from sync_binding
                    where connection_id = %s and kind = %s and record_id = any(%s::uuid[])""",
                [self.connection.pk, kind, array(record_ids)],
            )
            return {record_id: bytes(content) for record_id, content in cursor.fetchall()}

    def seen(self, xero_ids: Collection[str]) -> dict[str, Seen]:
        """Last-seen views by Xero's id."""
        array = "{" + ",".join(xero_ids) + "}"
        return {each.xero_id: each for each in self._select("x.xero_id = any(%(ids)s::uuid[])", ids=array)}

    def holding(self, xero_id: str) -> list[Seen]:
        """The live payments, refunds and uses of credit that show on a document."""
        where = """x.status not in ('DELETED', 'VOIDED')
                   and (x.kind in ('payment', 'refund', 'allocation') and x.foreign_number = %(id)s
                        or x.kind = 'allocation' and split_part(x.key, '|', 2) = %(id)s)"""
        return sorted(self._select(where, id=xero_id), key=lambda view: (view.kind, view.date, view.xero_id))

    def find(self, kind: str, keys: list[str]) -> list[Seen]:
        """Last-seen views by what they can be found again by."""
        where = f"x.kind = %(kind)s and (x.key = {_ONE_OF} or (x.other_key <> '' and x.other_key = {_ONE_OF}))"
        return self._select(where, kind=kind, keys=msgspec.json.encode(keys).decode())

    def _select(self, where: str, **values: Any) -> list[Seen]:
        with database.cursor() as cursor:
            cursor.execute(
                f"""select x.kind, x.xero_id::text, x.key, x.other_key, x.number, x.status, x.date, x.currency,
                           x.total, x.paid, x.due, x.contact_id, x.foreign_number, x.rate, x.account,
                           b.kind, b.record_id
                      from sync_xerorecord x
                      left join sync_binding b on b.connection_id = x.connection_id and b.xero_id = x.xero_id
                     where x.connection_id = %(connection)s and {where}""",  # noqa: S608 - the conditions stand in this module
                {"connection": self.connection.pk, **values},
            )
            return [_seen(row) for row in cursor.fetchall()]

    # -- writing ----------------------------------------------------------------------------------------------------

    def see(self, views: Sequence[Seen], read_at: datetime | None = None) -> None:
        """Store last-seen views; `read_at` where a read of its own showed them, None for the echo of a write."""
        latest = {view.xero_id: view for view in views}
        if latest:
            bulk.run(_SEE, list(latest.values()), connection=self.connection.pk, read_at=read_at)

    def bind(self, bonds: Sequence[Bond], now: datetime) -> None:
        """Store what was agreed about these records."""
        if bonds:
            bulk.run(_BIND, bonds, connection=self.connection.pk, now=now)

    def agree_gone(self, kind: str, record_ids: Sequence[UUID]) -> None:
        """Both sides have these as gone."""
        if record_ids:
            Binding.objects.filter(connection=self.connection, kind=kind, record_id__in=record_ids).update(gone=True)

    def forget(self, xero_ids: Sequence[str]) -> None:
        """These are deleted in Xero, and found by nothing any more."""
        if xero_ids:
            rows = [{"id": xero_id} for xero_id in xero_ids]
            bulk.run(_FORGET, rows, connection=self.connection.pk)

    def see_whole(self, kind: str, owners: Collection[str], parts: Sequence[Seen], read_at: datetime) -> None:
        """Store the parts that these documents show; a part of theirs that they show no more is gone."""
        self.see(parts, read_at)
        if owners:
            with database.cursor() as cursor:
                cursor.execute(
                    """update sync_xerorecord set status = 'DELETED', key = ''
                        where connection_id = %s and kind = %s and status <> 'DELETED'
                          and foreign_number = any(%s) and xero_id <> all(%s::uuid[])""",
                    [self.connection.pk, kind, list(owners), [part.xero_id for part in parts]],
                )

    def settle(self, amounts: Sequence[tuple[str, Decimal]]) -> None:
        """Move what is paid and due on documents, by Xero's id; a negative amount takes a payment back."""
        if amounts:
            rows = [{"document": document, "amount": amount} for document, amount in amounts]
            bulk.run(_SETTLE, rows, connection=self.connection.pk)


_ONE_OF = "any(array(select json_array_elements_text(%(keys)s::json)))"  # a list would be quoted text by text
_SEEN = """kind, xero_id, key, other_key, number, status, date, currency, total, paid, due, contact_id, foreign_number,
           rate, account, updated_at"""
_SEE = f"""
    insert into sync_xerorecord (connection_id, read_at, {_SEEN})
    select %(connection)s, %(read_at)s, kind, xero_id, key, other_key, left(number, 300), status, date, currency, total,
           paid, due, contact_id, foreign_number, rate, account, updated_at
      from json_to_recordset(%(rows)s) as v(kind text, xero_id uuid, key text, other_key text, number text, status text,
           date date, currency text, total numeric, paid numeric, due numeric, contact_id text, foreign_number text,
           rate numeric, account text, updated_at timestamptz)
    on conflict (connection_id, xero_id) do update set
        kind = excluded.kind, key = excluded.key, other_key = excluded.other_key, number = excluded.number,
        status = excluded.status, date = excluded.date, currency = excluded.currency, total = excluded.total,
        paid = excluded.paid, due = excluded.due, contact_id = excluded.contact_id,
        foreign_number = excluded.foreign_number, rate = excluded.rate, account = excluded.account,
        updated_at = excluded.updated_at,
        read_at = coalesce(excluded.read_at, sync_xerorecord.read_at)"""  # noqa: S608 - column names of this module
_BIND = """
    insert into sync_binding (connection_id, agreed_at, kind, record_id, xero_id, fingerprint, content, gone, corrected,
                              from_xero)
    select %(connection)s, %(now)s, kind, record_id, xero_id, fingerprint, decode(content, 'base64'), gone, false, false
      from json_to_recordset(%(rows)s) as v(kind text, record_id uuid, xero_id uuid, fingerprint text, content text,
           gone bool)
    on conflict (connection_id, kind, record_id) do update set
           xero_id = excluded.xero_id, fingerprint = excluded.fingerprint, gone = excluded.gone,
           content = excluded.content, agreed_at = excluded.agreed_at"""
_FORGET = """
    update sync_xerorecord x set status = 'DELETED', key = '' from json_to_recordset(%(rows)s) as v(id uuid)
     where x.connection_id = %(connection)s and x.xero_id = v.id"""
_SETTLE = """
    update sync_xerorecord x
       set paid = x.paid + v.amount, due = x.due - v.amount,
           status = case when x.status in ('AUTHORISED', 'PAID')
                         then case when x.due - v.amount = 0 then 'PAID' else 'AUTHORISED' end
                         else x.status end
      from (select document, sum(amount) as amount
              from json_to_recordset(%(rows)s) as u(document uuid, amount numeric) group by document) v
     where x.connection_id = %(connection)s and x.xero_id = v.document"""


def _seen(row: tuple[Any, ...]) -> Seen:
    kind, record_id = row[-2:]
    columns: tuple[Any, ...] = (*row[:-2], RecordKey(kind, record_id) if record_id else None)
    return Seen(*columns)


def digest(books: Books) -> str:
    """Changes whenever anything changes that a mapping looks at beside the record."""
    parts = (
        sorted(map(repr, books.accounts.values())),
        sorted(
            (rule.id, rule.tax_type, rule.active, sorted(rule.applies_to), str(rule.xero_rate))
            for rule in books.tax_rules.values()
        ),
        sorted(books.currencies),
        books.lock_date,
        repr(books.settings),
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
