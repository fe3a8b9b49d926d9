"""Core's trial balance: what its records post to the accounts of the ledger, added up.

In: an organisation, the last day that counts. Out: per account code its balance, debits positive, in base currency.
Always: sums to zero; counts what is authorised in Core, whether it stands in Xero yet or not; takes the accounts that
the mapping gives, as sending does. The gains and losses that settling foreign documents realises are computed as Xero
books them, and told apart, because they stand on no record of Core's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection as database

from tieout.core import store
from tieout.core.models import Organisation
from tieout.core.records import AllocationRecord, DepositRecord, DocumentRecord, RecordKey, SettlementRecord
from tieout.kinds import postings
from tieout.kinds.books import Books
from tieout.kinds.kind import AnyKind
from tieout.kinds.postings import GAIN, Posting
from tieout.kinds.registry import KINDS
from tieout.sync.connect import open_connection
from tieout.sync.ledger import Ledger

CHUNK = 1000
NOTHING = Decimal("0.00")
_BOOKED = ("AUTHORISED",)
_TABLES = {
    "core_document": ("sale_invoice", "bill", "sale_credit_note", "purchase_credit_note"),
    "core_deposit": ("customer_credit", "supplier_deposit"),
    "core_journal": ("journal",),
    "core_moneytask": ("money_task",),
    "core_settlement": ("payment", "refund"),
    "core_allocation": ("allocation",),
}
_WITHOUT_KIND = {"journal", "money_task", "allocation"}
Poster = Callable[[Any, Books], list[Posting]]
_POSTERS: dict[str, Poster] = {
    **dict.fromkeys(_TABLES["core_document"], postings.of_document),
    **dict.fromkeys(_TABLES["core_deposit"], postings.of_deposit),
    "journal": postings.of_journal,
    "money_task": postings.of_money_task,
}


@dataclass(slots=True)
class TrialBalance:
    """`balances` by account code, zeros left out; `realised`: of it, what settling foreign documents gained (credit,
    below zero) or lost, by the number of what settled them."""

    balances: dict[str, Decimal] = field(default_factory=dict)
    realised: Decimal = NOTHING


def trial_balance(organisation: Organisation, day: date | None = None) -> TrialBalance:
    """Raises nothing: without a connection the accounts that the mapping would give are empty."""
    connection = open_connection(organisation)
    if connection is None:
        return TrialBalance()
    return _Adding(organisation, Ledger(connection), day).add()


@dataclass(slots=True)
class _Settled:
    """What is left to be shared out of a document: the whole that settling takes back, and the day it is from."""

    whole: list[Posting]
    total: Decimal
    day: date
    taken: Decimal = NOTHING


class _Adding:
    """One pass over an organisation's records."""

    def __init__(self, organisation: Organisation, ledger: Ledger, day: date | None) -> None:
        self._organisation, self._ledger, self._day = organisation, ledger, day
        self._base = ledger.base_books()
        self._sums: dict[str, Decimal] = defaultdict(lambda: NOTHING)
        self._open: dict[RecordKey, _Settled] = {}

    def add(self) -> TrialBalance:
        for name in _POSTERS:
            for records, books in self._chunks(KINDS[name]):
                for record in records:
                    self._post(record, books)
        settling: list[Posting] = []
        for name in ("payment", "refund", "allocation"):
            for records, _ in self._chunks(KINDS[name], bare=True):
                settling += [posting for record in records for posting in self._settle(record)]
        for each in self._open.values():
            settling += postings.share(each.whole, each.taken, each.total)
        settling = postings.gain(settling, self._base)
        self._sum(settling)
        gains = postings.system(GAIN, self._base)
        realised = sum((amount for account, amount in settling if account == gains), NOTHING)
        return TrialBalance({code: amount for code, amount in sorted(self._sums.items()) if amount}, realised)

    def _sum(self, found: Iterable[Posting]) -> None:
        for account, amount in found:
            self._sums[account] += amount

    def _post(self, record: Any, books: Books) -> None:
        posted = _POSTERS[record.key.kind](record, books)
        if self._day is None or record.date <= self._day:
            self._sum(posted)
        if posted and isinstance(record, DocumentRecord | DepositRecord):
            total = record.total if isinstance(record, DocumentRecord) else record.amount
            self._open[record.key] = _Settled(postings.whole(posted, record), total, record.date)

    def _settle(self, record: SettlementRecord | AllocationRecord) -> Iterator[Posting]:
        """Take so much off what it settles; a payment's own account is posted at once."""
        if isinstance(record, SettlementRecord):
            if self._day is None or record.date <= self._day:
                self._open[record.held_as or record.document].taken += record.amount
                yield postings.of_settlement(record)
            return
        giver, taker = self._open[record.held_as or record.source], self._open[record.target]
        if self._day is None or max(giver.day, taker.day) <= self._day:  # Xero dates it as the later of the two
            giver.taken += record.amount
            taker.taken += record.amount

    def _chunks(self, kind: AnyKind, *, bare: bool = False) -> Iterator[tuple[list[Any], Books]]:
        """The booked records of a kind, with what their mapping looks at."""
        ids = self._ids(kind.name)
        for begin in range(0, len(ids), CHUNK):
            records = list(store.load(self._organisation.pk, kind.name, ids[begin : begin + CHUNK]).values())
            books = self._base if bare else self._ledger.books_for(self._base, kind, records)
            yield records, books

    def _ids(self, kind: str) -> list[UUID]:
        table = next(table for table, kinds in _TABLES.items() if kind in kinds)
        of_kind = "" if kind in _WITHOUT_KIND else "and kind = %(kind)s"
        with database.cursor() as cursor:
            cursor.execute(
                f"""select id from {table} where organisation_id = %(organisation)s
                       and status = any(%(booked)s) {of_kind}""",  # noqa: S608 - names of this module
                {"organisation": self._organisation.pk, "kind": kind, "booked": list(_BOOKED)},
            )
            return [key for (key,) in cursor.fetchall()]
