"""What Xero's pages showed of things that Core does not have: kept from the reads that are made anyway.

In: the elements of a page; the last-seen views. Out: their JSON, by Xero's id, until they are in Core; the ids of
those that no page showed since loading was turned on. Always: kept only for the kinds that the settings load, and
dropped when a setting is turned off, so that what is kept is never older than the last-seen view beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection as database

from tieout.kinds.kind import AnyKind
from tieout.sync import bulk
from tieout.sync.models import Connection
from tieout.xero import resources, types, wire
from tieout.xero.resources import Resource

DOCUMENTS = ("sale_invoice", "bill")
LISTS: tuple[tuple[Resource[Any], tuple[str, ...]], ...] = (
    (resources.ITEMS, ("product",)),
    (resources.INVOICES, DOCUMENTS),
    (resources.CONTACTS, ("contact",)),
)
IDS_A_CALL = 50  # an address of 2,000 characters passes everywhere

# Which of the last-seen views (x) are not in Core, nor about to come from it.
UNKNOWN = """
    x.connection_id = %(connection)s
    and not exists (select from sync_binding b where b.connection_id = x.connection_id and b.xero_id = x.xero_id)"""
IS_DOCUMENT = """
    x.kind in ('sale_invoice', 'bill') and x.status in ('AUTHORISED', 'PAID')
    and x.date >= coalesce(%(since)s::date, '-infinity')
    and not exists (select from sync_differencedocument d
                     where d.connection_id = x.connection_id and d.xero_id = x.xero_id)
    and not exists (select from sync_consolidateddocument g
                     where g.connection_id = x.connection_id and g.number = x.number)
    and not exists (select from sync_correction r
                     where r.connection_id = x.connection_id and r.state = 'open'
                       and position('"' || x.number || '"' in r.steps::text) > 0)"""
IS_PRODUCT = """
    x.kind = 'product' and x.status = any(%(items)s)
    and not exists (select from core_product p
                     where p.organisation_id = %(organisation)s and x.key = 'code:' || p.sku)"""
IS_CONTACT = f"""
    x.kind = 'contact' and x.status = 'ACTIVE'
    and (%(everyone)s or x.xero_id::text in (select x.contact_id from sync_xerorecord x
                                              where {UNKNOWN} and {IS_DOCUMENT}))"""  # noqa: S608 - of this module
_IS = {resources.ITEMS: IS_PRODUCT, resources.INVOICES: IS_DOCUMENT, resources.CONTACTS: IS_CONTACT}

_KEEP = """
    insert into sync_xerocontent (connection_id, kind, xero_id, content)
    select %(connection)s, v.kind, v.xero_id, decode(v.content, 'base64')
      from json_to_recordset(%(rows)s) as v(kind text, xero_id uuid, content text, merged bool)
     where v.merged or not exists (select from sync_binding b
                                    where b.connection_id = %(connection)s and b.xero_id = v.xero_id)
    on conflict (connection_id, xero_id) do update set kind = excluded.kind, content = excluded.content"""
_TIDY = """
    delete from sync_xerocontent c
     where c.connection_id = %(connection)s
       and (c.kind <> all(%(kinds)s)
            or exists (select from sync_binding b where b.connection_id = c.connection_id and b.xero_id = c.xero_id))"""


@dataclass(frozen=True, slots=True)
class Missing:
    """What no page showed. `oldest`: its first change in Xero; `since`: how many elements changed from then on."""

    ids: list[str]
    oldest: datetime | None
    since: int

    @property
    def by_ids(self) -> bool:
        """Asking for each by its id costs no more calls than the pages from the oldest on."""
        pages = -(-self.since // resources.PAGE_SIZE)
        return -(-len(self.ids) // IDS_A_CALL) <= pages

    @property
    def calls(self) -> int:
        """What reading them costs."""
        return -(-len(self.ids) // IDS_A_CALL) if self.by_ids else -(-self.since // resources.PAGE_SIZE)

    def batches(self) -> list[list[str]]:
        return [self.ids[first : first + IDS_A_CALL] for first in range(0, len(self.ids), IDS_A_CALL)]


def loaded(connection: Connection) -> set[str]:
    """The kinds that are loaded into Core by the settings, contacts on documents included."""
    kinds = {"product"} if connection.load_items else set()
    if connection.load_invoices:
        kinds |= {*DOCUMENTS, "contact"}
    return kinds | ({"contact"} if connection.load_contacts != "documents" else set())


def values(connection: Connection, **more: Any) -> dict[str, Any]:
    """What the conditions above ask for."""
    return {
        "connection": connection.pk,
        "organisation": connection.organisation_id,
        "since": connection.sync_from,
        "everyone": connection.load_contacts != "documents",
        "items": ["ACTIVE"],
        **more,
    }


def keep(connection: Connection, kinds: Iterable[AnyKind], elements: Iterable[Any]) -> None:
    """Keep what a page shows of things that are not in Core."""
    wanted = [kind for kind in kinds if kind.name in loaded(connection)]
    rows: dict[str, dict[str, Any]] = {}
    for element in elements if wanted else ():
        for kind in wanted:
            seen = kind.seen(element)
            if seen and _may_load(kind, element, connection):
                row = {"kind": kind.name, "xero_id": seen.xero_id, "content": wire.encode(element)}
                rows[seen.xero_id] = row | {"merged": merged(element)}
    if rows:
        bulk.run(_KEEP, list(rows.values()), connection=connection.pk)


def _may_load(kind: AnyKind, element: Any, connection: Connection) -> bool:
    if isinstance(element, types.Invoice):
        since, day = connection.sync_from, element.date and wire.as_date(element.date)
        return element.status in ("AUTHORISED", "PAID") and bool(day and (since is None or day >= since))
    if isinstance(element, types.Contact):
        return element.contact_status in (None, "ACTIVE") or merged(element)
    return not element.is_tracked_as_inventory


def merged(element: Any) -> bool:
    return isinstance(element, types.Contact) and bool(element.merged_to_contact_id)


def missing(connection: Connection, resource: Resource[Any]) -> Missing:
    """What may be loaded of this list, and no page showed since loading was turned on."""
    kinds = dict(LISTS)[resource]
    if not loaded(connection) & set(kinds):
        return Missing([], None, 0)
    statement = f"""
        select x.xero_id::text, x.updated_at from sync_xerorecord x
         where {UNKNOWN} and {_IS[resource]}
           and not exists (select from sync_xerocontent c
                            where c.connection_id = x.connection_id and c.xero_id = x.xero_id)
         order by x.updated_at, x.id"""  # noqa: S608 - conditions of this module
    rows = _rows(statement, values(connection))
    if not rows:
        return Missing([], None, 0)
    oldest = rows[0][1]
    ((since,),) = _rows(
        """select count(*) from sync_xerorecord x
            where x.connection_id = %(connection)s and x.kind = any(%(kinds)s) and x.updated_at >= %(oldest)s""",
        {"connection": connection.pk, "kinds": list(kinds), "oldest": oldest},
    )
    return Missing([xero_id for xero_id, _ in rows], oldest, since)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would come in by the settings, from what Xero showed last: how many of each kind, the calls that reading
    them takes beside the usual ones, and the day of the oldest document."""

    counts: Mapping[str, int]
    calls: int
    oldest: date | None


def foresee(connection: Connection) -> Foresight:
    calls = sum(missing(connection, resource).calls for resource, _ in LISTS)
    oldest = None
    if connection.load_invoices:
        statement = f"select min(x.date) from sync_xerorecord x where {UNKNOWN} and {IS_DOCUMENT}"  # noqa: S608 - as above
        ((oldest,),) = _rows(statement, values(connection))
    return Foresight(known(connection), calls, oldest)


def known(connection: Connection) -> Mapping[str, int]:
    """How many of each would come in by these settings, from what Xero showed last."""
    counts: dict[str, int] = {}
    kinds = loaded(connection)
    for resource, names in LISTS:
        if kinds & set(names):
            statement = f"""select x.kind, count(*) from sync_xerorecord x
                             where {UNKNOWN} and {_IS[resource]} group by x.kind"""  # noqa: S608 - of this module
            counts |= dict(_rows(statement, values(connection)))
    return counts


def tidy(connection: Connection) -> None:
    """Drop what is in Core now, and what the settings load no more."""
    _rows(_TIDY, {"connection": connection.pk, "kinds": sorted(loaded(connection))})


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with database.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
