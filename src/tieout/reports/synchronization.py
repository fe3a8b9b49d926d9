"""The Xero Synchronization Report: every record of Core, and where it stands with Xero.

In: an organisation, a `Selection`, an order. Out: rows as frozen values, streamed, and totals by status and currency.
Always: all statuses are in it, Warning and Skipped too; every kind has its type; amounts are Decimal in the record's
own currency, never added across currencies; memory does not grow with the number of rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from tieout.core.models import Account, Organisation, Settlement
from tieout.kinds.registry import KINDS
from tieout.reports.history import SHOWN, Selection, blockers, next_action
from tieout.sync.connect import open_connection
from tieout.sync.entries import shown_status
from tieout.sync.models import Attempt, Binding, Connection, Entry, Status, XeroRecord

CHUNK = 1000
ORDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "latest": ("Latest first", ("-updated_at", "-id")),
    "date": ("Effective date", ("date", "id")),
    "-date": ("Effective date, newest first", ("-date", "-id")),
    "number": ("Core number", ("label", "id")),
    "amount": ("Amount, largest first", ("-amount", "-id")),
    "oldest": ("Waiting longest first", ("queued_at", "id")),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`sort`: what is in it — text, day, moment, amount or whole (number)."""

    name: str
    title: str
    sort: str = "text"


COLUMNS = (
    Column("core_number", "Core number"),
    Column("xero_number", "Xero number"),
    Column("synced_at", "Sync date", "moment"),
    Column("status", "Sync status"),
    Column("type", "Type"),
    Column("contact", "Contact"),
    Column("payment_account", "Payment account"),
    Column("document", "Document link"),
    Column("effective_date", "Effective date", "day"),
    Column("amount", "Amount", "amount"),
    Column("currency", "Currency"),
    Column("reason", "Reason"),
    Column("age", "Age in days", "whole"),
    Column("attempts", "Attempts", "whole"),
    Column("next_action", "Next action"),
    Column("acted_by", "Who acted"),
    Column("channel", "Channel"),
    Column("link", "Link to Xero"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `age`: whole days since it was queued, None once completed; `amount` is in `currency`."""

    entry_id: int
    shown: str
    core_number: str
    xero_number: str
    synced_at: datetime | None
    status: str
    type: str
    contact: str
    payment_account: str
    document: str
    effective_date: date | None
    amount: Decimal | None
    currency: str
    reason: str
    age: int | None
    attempts: int
    next_action: str
    acted_by: str
    channel: str
    link: str


@dataclass(frozen=True, slots=True)
class Total:
    """How many records show a status in one currency, and their sum in it."""

    status: str
    currency: str
    count: int
    amount: Decimal


def synchronization(
    organisation: Organisation, selection: Selection, order: str = "latest", now: datetime | None = None
) -> Iterator[Row]:
    """The rows, read in chunks through a cursor of the database."""
    found = _ordered(organisation, selection, order)
    yield from _rows(organisation, found.iterator(chunk_size=CHUNK), now or datetime.now(UTC))


def first_rows(
    organisation: Organisation, selection: Selection, order: str, most: int, now: datetime | None = None
) -> list[Row]:
    """The first `most` rows, for a screen."""
    found = _ordered(organisation, selection, order)[:most]
    return list(_rows(organisation, iter(found), now or datetime.now(UTC)))


def totals(organisation: Organisation, selection: Selection) -> list[Total]:
    """Counts and sums by status and currency. Records without money are counted under the currency ""."""
    found = (
        selection.entries(organisation)
        .annotate(shown=shown_status())
        .values_list("shown", "currency")
        .annotate(Count("id"), Sum("amount"))
    )
    rank = [str(each) for each in SHOWN]
    lines = [Total(shown, currency, count, amount or Decimal("0.00")) for shown, currency, count, amount in found]
    return sorted(lines, key=lambda line: (rank.index(line.status), line.currency))


def xero_link(connection: Connection | None, kind: str, xero_id: object) -> str:
    """Where the document stands in Xero's own pages, "" where that is not known."""
    pages = {"sale_invoice": "AccountsReceivable", "bill": "AccountsPayable", "journal": "Journal"}
    if connection is None or not connection.short_code or not xero_id or kind not in pages:
        return ""
    page = f"/{pages[kind]}/View.aspx?InvoiceID={xero_id}"
    return f"https://go.xero.com/organisationlogin/default.aspx?shortcode={connection.short_code}&redirecturl={page}"


def _ordered(organisation: Organisation, selection: Selection, order: str) -> QuerySet[Entry]:
    return selection.entries(organisation).order_by(*ORDERS.get(order, ORDERS["latest"])[1])


def _rows(organisation: Organisation, entries: Iterator[Entry], now: datetime) -> Iterator[Row]:
    connection = open_connection(organisation)
    accounts = dict(Account.objects.filter(organisation=organisation).exclude(code="").values_list("code", "name"))
    chunk: list[Entry] = []
    for entry in entries:
        chunk.append(entry)
        if len(chunk) == CHUNK:
            yield from _chunk(connection, accounts, chunk, now)
            chunk = []
    if chunk:
        yield from _chunk(connection, accounts, chunk, now)


def _chunk(connection: Connection | None, accounts: dict[str, str], chunk: list[Entry], now: datetime) -> Iterator[Row]:
    """Four queries for a thousand rows: what Xero calls them, payments, tries, blockers."""
    xero = _in_xero(connection, chunk)
    paid = _payments([entry.record_id for entry in chunk if entry.kind in ("payment", "refund")])
    tries = Attempt.objects.filter(entry__in=[entry.pk for entry in chunk]).order_by().values_list("entry")
    attempts = dict(tries.annotate(Count("id")))
    waiting_for = blockers(chunk)
    for entry in chunk:
        number, xero_id = xero.get((entry.kind, entry.record_id), ("", None))
        account, document = paid.get(entry.record_id, ("", ""))
        shown = entry.shown_status
        yield Row(
            entry_id=entry.pk,
            shown=str(shown),
            core_number=entry.label,
            xero_number=number,
            synced_at=entry.completed_at,
            status=shown.label,
            type=KINDS[entry.kind].title,
            contact=entry.party,
            payment_account=f"{account} {accounts.get(account, '')}".strip(),
            document=document,
            effective_date=entry.date,
            amount=entry.amount,
            currency=entry.currency,
            reason=entry.reason,
            age=None if shown is Status.COMPLETED else max((now - entry.queued_at).days, 0),
            attempts=attempts.get(entry.pk, 0),
            next_action=next_action(entry, waiting_for.get(entry.blocked_id, "") if entry.blocked_id else ""),
            acted_by=entry.acted_by,
            channel=entry.channel,
            link=xero_link(connection, entry.kind, xero_id),
        )


def _in_xero(connection: Connection | None, chunk: list[Entry]) -> dict[tuple[str, UUID], tuple[str, UUID]]:
    """Per record: its number in Xero and its id there."""
    if connection is None:
        return {}
    records = [entry.record_id for entry in chunk]
    bindings = list(
        Binding.objects.filter(connection=connection, kind__in={entry.kind for entry in chunk}, record_id__in=records)
        .values_list("kind", "record_id", "xero_id")
    )  # fmt: skip
    seen = XeroRecord.objects.filter(connection=connection, xero_id__in=[xero_id for *_, xero_id in bindings])
    numbers: dict[Any, str] = defaultdict(str, seen.values_list("xero_id", "number"))
    return {(kind, record_id): (numbers[xero_id], xero_id) for kind, record_id, xero_id in bindings}


def _payments(record_ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Per payment: its account's code and the number of the document it pays."""
    if not record_ids:
        return {}
    found = Settlement.objects.filter(pk__in=record_ids).order_by().values_list("pk", "account", "document__number")
    return {pk: (account, number or "") for pk, account, number in found}
