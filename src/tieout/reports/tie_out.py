"""The tie-out: the proof that Core and Xero agree for a period, or the row-by-row reason why not.

In: an organisation, a period. Out: per kind the count and total in Core and in Xero, in base currency to the cent and
per currency, and an explanation for every record that stands on one side only or differs. Always: Xero's side counts
everything that Xero showed, also what did not come from Core; voided and deleted documents count on neither side; one
that corrects another counts with that one; a difference without an explanation cannot occur, since both come from one
query. A consolidated document counts as the records that it carries, each with its share; what it holds beyond their
shares is a difference of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection as database

from tieout.core.models import Organisation
from tieout.kinds.kind import AnyKind
from tieout.kinds.registry import KINDS
from tieout.reports.synchronization import Column
from tieout.sync.connect import open_connection
from tieout.sync.models import Connection, Status
from tieout.sync.pull import in_use

MOST_EXPLANATIONS = 1000
NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class CurrencyLine:
    """Totals of one kind in one currency, in that currency."""

    currency: str
    core_count: int
    core_total: Decimal
    xero_count: int
    xero_total: Decimal

    @property
    def difference(self) -> Decimal:
        return self.core_total - self.xero_total


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind. Totals are in base currency; None for kinds without money."""

    kind: str
    title: str
    core_count: int
    xero_count: int
    core_total: Decimal | None = None
    xero_total: Decimal | None = None
    currencies: tuple[CurrencyLine, ...] = ()

    @property
    def difference(self) -> Decimal | None:
        if self.core_total is None or self.xero_total is None:
            return None
        return self.core_total - self.xero_total

    @property
    def agrees(self) -> bool:
        """Same count, and the same total in every currency."""
        same = all(line.core_total == line.xero_total for line in self.currencies)
        return self.core_count == self.xero_count and not self.difference and same


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one record makes a difference. `core` and `xero` are amounts in `currency`, None where it is missing."""

    kind: str
    label: str
    party: str
    date: date | None
    currency: str
    core: Decimal | None
    xero: Decimal | None
    why: str
    status: str
    record_id: str
    xero_id: str

    @property
    def type(self) -> str:
        return KINDS[self.kind].title


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A kind in all, in base currency, or what of it is in one currency. Totals are None for kinds without money."""

    kind: str
    currency: str
    core_count: int
    xero_count: int
    core_total: Decimal | None
    xero_total: Decimal | None
    difference: Decimal | None


TOTALS = (
    Column("kind", "Kind"),
    Column("currency", "Currency"),
    Column("core_count", "Core", "whole"),
    Column("xero_count", "Xero", "whole"),
    Column("core_total", "Core total", "amount"),
    Column("xero_total", "Xero total", "amount"),
    Column("difference", "Difference", "amount"),
)
DIFFERENCES = (
    Column("type", "Kind"),
    Column("label", "Record"),
    Column("party", "Contact"),
    Column("date", "Date", "day"),
    Column("core", "Core", "amount"),
    Column("xero", "Xero", "amount"),
    Column("currency", "Currency"),
    Column("why", "Why"),
    Column("xero_id", "ID in Xero"),
)


@dataclass(frozen=True, slots=True)
class TieOut:
    organisation: str
    base_currency: str
    first: date | None
    last: date | None
    lines: tuple[KindLine, ...]
    explanations: tuple[Explanation, ...]
    explanation_count: int = field(default=0)

    @property
    def agrees(self) -> bool:
        return not self.explanation_count and all(line.agrees for line in self.lines)

    def total_rows(self) -> Iterator[TotalRow]:
        """The totals as a table: each kind in base currency, then by currency where there are several."""
        for line in self.lines:
            base = "" if line.core_total is None else f"all, in {self.base_currency}"
            counts = (line.core_count, line.xero_count)
            yield TotalRow(line.title, base, *counts, line.core_total, line.xero_total, line.difference)
            for each in line.currencies if len(line.currencies) > 1 else ():
                yield TotalRow(
                    line.title, each.currency, each.core_count, each.xero_count, each.core_total, each.xero_total,
                    each.difference,
                )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Plain values; amounts as text with two decimals."""
        return {
            "organisation": self.organisation,
            "base_currency": self.base_currency,
            "from": self.first and self.first.isoformat(),
            "to": self.last and self.last.isoformat(),
            "agrees": self.agrees,
            "kinds": {line.kind: _line_json(line) for line in self.lines},
            "explanations": [_plain(asdict(each)) for each in self.explanations],
            "explanation_count": self.explanation_count,
        }


# Both sides of one kind, one row a record: id, label, party, date, currency, amount, rate.
_CORE = {
    "contact": """select id, name as label, name as party, null::date as date, '' as currency, null::numeric as amount,
                         null::numeric as rate
                    from core_contact where organisation_id = %(organisation)s and (status = 'ACTIVE' or id in (
                         select record_id from sync_binding
                          where connection_id = %(connection)s and kind = %(kind)s and not gone))
                     and id not in (select record_id from sync_entry where organisation_id = %(organisation)s
                                       and kind = %(kind)s and status = 'skipped'
                                       and reason_code = 'customer-consolidated')""",
    "product": """select id, sku as label, name as party, null::date as date, '' as currency, null::numeric as amount,
                         null::numeric as rate
                    from core_product where organisation_id = %(organisation)s and (status = 'ACTIVE' or id in (
                         select record_id from sync_binding
                          where connection_id = %(connection)s and kind = %(kind)s and not gone))""",
    "payment": """select s.id, s.number as label, c.name as party, s.date, d.currency, s.amount, s.rate
                    from core_settlement s join core_document d on d.id = s.document_id
                    join core_contact c on c.id = d.contact_id
                   where s.organisation_id = %(organisation)s and s.status = 'AUTHORISED' and s.kind = 'payment'""",
    "refund": """select s.id, s.number as label, c.name as party, s.date, coalesce(d.currency, p.currency) as currency,
                        s.amount, s.rate
                   from core_settlement s
                   left join core_document d on d.id = s.document_id
                   left join core_deposit p on p.id = s.deposit_id
                   join core_contact c on c.id = coalesce(d.contact_id, p.contact_id)
                  where s.organisation_id = %(organisation)s and s.status = 'AUTHORISED' and s.kind = 'refund'""",
    "allocation": """select a.id, a.number as label, c.name as party, a.date, d.currency, a.amount,
                            coalesce(n.rate, p.rate) as rate
                       from core_allocation a join core_document d on d.id = a.document_id
                       join core_contact c on c.id = d.contact_id
                       left join core_document n on n.id = a.credit_note_id
                       left join core_deposit p on p.id = a.deposit_id
                      where a.organisation_id = %(organisation)s and a.status = 'AUTHORISED'""",
    "journal": """select j.id, j.number as label, '' as party, j.date, '' as currency,
                         (select coalesce(sum(l.amount), 0) from core_journalline l
                           where l.journal_id = j.id and l.amount > 0) as amount, null::numeric as rate
                    from core_journal j where j.organisation_id = %(organisation)s and j.status = 'AUTHORISED'""",
    "money_task": """select t.id, t.number as label, coalesce(c.name, '') as party, t.date,
                            case when t.type = 'transfer' then '' else t.currency end as currency, t.total as amount,
                            case when t.type = 'transfer' then null else t.rate end as rate
                       from core_moneytask t left join core_contact c on c.id = t.contact_id
                      where t.organisation_id = %(organisation)s and t.status = 'AUTHORISED'""",
    "attachment": """select id, file_name as label, '' as party, null::date as date, '' as currency,
                            null::numeric as amount, null::numeric as rate
                       from core_attachment where organisation_id = %(organisation)s and status = 'ATTACHED'""",
}
# What was made from a credit note stands in Xero as that credit note.
_DEPOSITS = """select p.id, p.number as label, c.name as party, p.date, p.currency, p.amount, p.rate
                 from core_deposit p join core_contact c on c.id = p.contact_id
                where p.organisation_id = %(organisation)s and p.kind = %(kind)s and p.status = 'AUTHORISED'
                  and p.origin <> 'credit_note'"""
_CORE |= {"customer_credit": _DEPOSITS, "supplier_deposit": _DEPOSITS}
_DOCUMENTS = """select d.id, d.number as label, c.name as party, d.date, d.currency, d.total as amount, d.rate
                  from core_document d join core_contact c on c.id = d.contact_id
                 where d.organisation_id = %(organisation)s and d.kind = %(kind)s and d.status = 'AUTHORISED'"""

_QUERY = """
with core as (select * from ({core}) c
               where date is null or date between coalesce(%(first)s, '-infinity'::date)
                                              and coalesce(%(last)s, 'infinity'::date)),
     correcting as (select xero_id, record_id, kind, sign from sync_differencedocument
                     where connection_id = %(connection)s),
     corrected as (select c.record_id, sum(c.sign * x.total) as amount
                     from correcting c
                     join sync_xerorecord x on x.connection_id = %(connection)s and x.xero_id = c.xero_id
                    where c.kind = %(kind)s and x.status not in ('VOIDED', 'DELETED') group by c.record_id),
     carried as (select m.record_id, m.counted, m.amount, m.date, m.current, d.id as document_id, d.number, x.xero_id,
                        x.kind, x.total, x.date as document_date, x.rate, m.kind as member_kind,
                        coalesce(nullif(x.currency, ''), %(base)s) as currency
                   from sync_consolidateddocument d
                   join sync_binding b on b.connection_id = d.connection_id and b.kind = d.kind and b.record_id = d.id
                   join sync_xerorecord x on x.connection_id = d.connection_id and x.xero_id = b.xero_id
                        and x.status not in ('VOIDED', 'DELETED', 'ARCHIVED')
                   join sync_consolidatedmember m on m.document_id = d.id
                  where d.connection_id = %(connection)s),
     xero as (select * from (
                select x.xero_id, x.number as label, x.date, x.total + coalesce(d.amount, 0) as amount,
                       coalesce(nullif(x.currency, ''), %(base)s) as currency, x.rate, b.record_id, false as beyond
                  from sync_xerorecord x
                  left join sync_binding b on b.connection_id = x.connection_id and b.xero_id = x.xero_id
                  left join corrected d on d.record_id = b.record_id
                 where x.connection_id = %(connection)s and x.kind = %(kind)s {apart}
                   and not (d.amount is not null and b.gone and x.total + d.amount = 0)
                   and x.status not in ('VOIDED', 'DELETED', 'ARCHIVED') and coalesce(b.kind, x.kind) = x.kind
                union all
                select (array_agg(xero_id order by current desc))[1], min(number), max(date), sum(counted), currency,
                       rate, record_id, false
                  from carried where member_kind = %(kind)s group by record_id, currency, rate
                having sum(counted) <> 0 or bool_or(current)
                union all
                select xero_id, number, document_date, total - sum(amount), currency, rate, null, true
                  from carried where kind = %(kind)s
                 group by document_id, xero_id, number, document_date, total, currency, rate
                having total <> sum(amount)) x
               where date is null or date between coalesce(%(first)s, '-infinity'::date)
                                              and coalesce(%(last)s, 'infinity'::date)),
     both_sides as (select core.id, xero.xero_id, coalesce(core.label, xero.label) as label, core.party,
                           coalesce(core.date, xero.date) as date,
                           coalesce(nullif(core.currency, ''), xero.currency) as currency,
                           core.amount as core_amount, xero.amount as xero_amount,
                           round(core.amount / round(coalesce(core.rate, 1), 6), 2) as core_base,
                           round(xero.amount / round(coalesce(xero.rate, 1), 6), 2) as xero_base,
                           core.currency as core_currency, xero.currency as xero_currency, xero.beyond,
                           xero.record_id is not null as bound
                      from core full join xero on xero.record_id = core.id
                     where core.id is not null or xero.record_id is null or xero.amount is distinct from 0)
"""
# A document over a difference counts with the document that it corrects, not for itself.
_APART = "and x.xero_id not in (select xero_id from correcting)"
# Xero archives no items: one that is off both lists is gone.
_APART_PRODUCT = "and not coalesce(b.gone, false)"
_APART_ALLOCATION = """and x.foreign_number not in (select xero_id::text from correcting)
                 and split_part(x.key, '|', 2) not in (select xero_id::text from correcting)"""
_TOTALS = """
select currency, count(id), coalesce(sum(core_amount), 0), coalesce(sum(core_base), 0),
       count(xero_id), coalesce(sum(xero_amount), 0), coalesce(sum(xero_base), 0)
  from both_sides group by currency order by currency"""
_DIFFERING = """
select v.bound, v.beyond, v.label, v.party, v.date, v.currency, v.core_amount, v.xero_amount, v.core_base, v.xero_base,
       v.id, v.xero_id, e.status, e.reason, count(*) over ()
  from both_sides v
  left join sync_entry e on e.organisation_id = %(organisation)s and e.kind = %(kind)s and e.record_id = v.id
 where v.id is null or v.xero_id is null or v.core_amount is distinct from v.xero_amount
    or v.core_base is distinct from v.xero_base
 order by v.date nulls last, v.label limit %(most)s"""


def tie_out(
    organisation: Organisation,
    first: date | None = None,
    last: date | None = None,
    most: int = MOST_EXPLANATIONS,
) -> TieOut:
    """Compare both sides as last seen. `first` and `last` are days, both included; None leaves that end open. `most`:
    how many differences are explained at most; all are counted."""
    connection = open_connection(organisation)
    lines: list[KindLine] = []
    explanations: list[Explanation] = []
    total = 0
    for kind in _shown(organisation, connection):
        values: dict[str, Any] = {
            "organisation": organisation.pk,
            "connection": connection.pk if connection else 0,
            "kind": kind.name,
            "first": first,
            "last": last,
            "base": organisation.base_currency,
            "most": most - len(explanations),
        }
        apart = {"allocation": _APART_ALLOCATION, "product": _APART_PRODUCT}.get(kind.name, _APART)
        query = _QUERY.format(core=_CORE.get(kind.name, _DOCUMENTS), apart=apart)
        with database.cursor() as cursor:
            cursor.execute(query + _TOTALS, values)
            lines.append(_kind_line(kind.name, kind.plural, kind.has_money, cursor.fetchall()))
            cursor.execute(query + _DIFFERING, values)
            rows = cursor.fetchall()
        total += rows[0][-1] if rows else 0
        explanations += [_explanation(kind.name, row) for row in rows]
    return TieOut(organisation.slug, organisation.base_currency, first, last, tuple(lines), tuple(explanations), total)


def _shown(organisation: Organisation, connection: Connection | None) -> list[AnyKind]:
    """The kinds of every company, and those that this one has records of and wants in Xero."""
    used = in_use(organisation.pk)
    off = set()
    if connection is None or not connection.export_purchase_orders:
        off.add("purchase_order")
    if connection is None or not connection.export_attachments:
        off.add("attachment")
    shown = [kind for kind in KINDS.values() if not kind.carries]  # what is carried counts as what it is
    return [kind for kind in shown if kind.always or (kind.name in used and kind.name not in off)]


def _kind_line(kind: str, title: str, has_money: bool, rows: Iterable[tuple[Any, ...]]) -> KindLine:
    found: dict[str, Any] = defaultdict(int)
    currencies = []
    for currency, core_count, core_total, core_base, xero_count, xero_total, xero_base in rows:
        currencies.append(CurrencyLine(currency, core_count, core_total, xero_count, xero_total))
        found["core_count"] += core_count
        found["xero_count"] += xero_count
        found["core_base"] += core_base
        found["xero_base"] += xero_base
    if not has_money:
        return KindLine(kind, title, found["core_count"], found["xero_count"])
    return KindLine(
        kind,
        title,
        found["core_count"],
        found["xero_count"],
        NOTHING + found["core_base"],
        NOTHING + found["xero_base"],
        tuple(currencies),
    )


def _explanation(kind: str, row: tuple[Any, ...]) -> Explanation:
    (
        bound,
        beyond,
        label,
        party,
        day,
        currency,
        core,
        xero,
        core_base,
        xero_base,
        record_id,
        xero_id,
        status,
        reason,
        _,
    ) = row
    if beyond:
        why = "The consolidated document in Xero holds something else than the records that it carries."
    elif record_id is None and bound:
        why = "In Core it is gone, or stands on a day outside of this period."
    elif record_id is None:
        why = "In Xero only: it did not come from Core."
    elif xero_id is None and status == Status.COMPLETED:
        why = "Not in Xero on a day of this period: removed there, or it stands on another day."
    elif xero_id is None:
        shown = Status(status).label if status else "Not queued"
        why = f"Not in Xero. {shown}: {reason}" if reason else f"Not in Xero. {shown}."
    elif core != xero:
        why = f"The amounts differ. {Status(status).label}: {reason}" if status and reason else "The amounts differ."
    else:
        why = f"The currency rates differ: {core_base} in base currency in Core, {xero_base} in Xero."
    return Explanation(
        kind, label or "", party or "", day, currency or "", core, xero, why, status or "",
        str(record_id or ""), str(xero_id or ""),
    )  # fmt: skip


def _line_json(line: KindLine) -> dict[str, Any]:
    plain = _plain(asdict(line)) | {"difference": _text(line.difference), "agrees": line.agrees}
    plain["currencies"] = {
        each.currency: _plain(asdict(each)) | {"difference": _text(each.difference)} for each in line.currencies
    }
    return plain


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {key: _text(value) for key, value in values.items()}


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value
