"""One organisation's books in Xero: its settings and its tables of records.

In: a name, a country, currencies, lock dates. Out: typed tables with the indexes that writes and reads look
things up by, fresh GUIDs, running document numbers and the time of a change. Whoever reads or writes the
tables holds `lock`.
"""

import random
import threading
from collections.abc import Hashable, Iterator
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Raw

from xero_twin import charts
from xero_twin.clock import Clock, milliseconds
from xero_twin.records import (
    Account,
    Allocation,
    Attachment,
    BankTransaction,
    BankTransfer,
    BatchPayment,
    Contact,
    ContactGroup,
    Credit,
    Currency,
    Invoice,
    Item,
    Line,
    LinkedTransaction,
    ManualJournal,
    Note,
    Payment,
    PurchaseOrder,
    StockMovement,
    TaxRate,
    TrackingCategory,
)
from xero_twin.store import Table

_ZONES = {
    "NZ": ("NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
    "AU": ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
    "GB": ("GMTSTANDARDTIME", "Europe/London"),
    "US": ("EASTERNSTANDARDTIME", "America/New_York"),
}

# foreign units per unit of base currency, as if every base currency were the NZ dollar: invented day rates
_DAY_RATES = {"NZD": "1", "AUD": "0.92", "USD": "0.60", "GBP": "0.45", "EUR": "0.52", "CAD": "0.83", "JPY": "91.5"}
_RATE_DIGITS = Decimal("0.0000000001")
_EVEN = Decimal(1).quantize(_RATE_DIGITS)
_AT_ONCE = 256  # GUIDs drawn in one go
# where each of a GUID's own digits is among those drawn for it, and where it is written
_COLUMNS = tuple(zip((*range(16), *range(20, 24)), (*range(8), *range(24, 36)), strict=True))


class Guids:
    """New GUIDs, the same ones for the same seed. Safe to share between threads."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._drawn = 0
        self._start(random.Random(seed))  # noqa: S311 - repeatable on purpose, guards nothing

    @property
    def made(self) -> int:
        return self._drawn - len(self._ready) + self._taken

    def go_on(self, made: int) -> None:
        """Go on where so many were made before, without making one of them again."""
        self._drawn = self.made + made + 1
        self._start(random.Random(f"{self._seed} after {self._drawn}"))  # noqa: S311 - as above

    def new(self) -> str:
        with self._lock:
            if self._taken == len(self._ready):
                self._draw()
            self._taken += 1
            return self._ready[self._taken - 1]

    def some(self, count: int) -> list[str]:
        """So many new ones."""
        with self._lock:
            while len(self._ready) - self._taken < count:
                self._draw()
            begin = self._taken
            self._taken += count
            return self._ready[begin : self._taken]

    def _start(self, source: random.Random) -> None:
        self._random = source
        self._ready: list[str] = []
        self._taken = 0  # of those that are ready
        text = source.randbytes(5).hex()
        # what all of them share: 80 bits of their own are enough
        middle = f"-{text[:4]}-4{text[4:7]}-a{text[7:]}-"
        self._blank = f"{'':8}{middle}{'':12},".encode()

    def _draw(self) -> None:
        """Many in one go, written column by column: each takes 80 of the 96 bits drawn for it."""
        digits = self._random.randbytes(12 * _AT_ONCE).hex().encode()
        text = bytearray(self._blank * _AT_ONCE)
        for drawn, written in _COLUMNS:
            text[written :: len(self._blank)] = digits[drawn::24]
        self._ready = self._ready[self._taken :] + text.decode().split(",")[:-1]
        self._taken = 0
        self._drawn += _AT_ONCE


def _folded(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _customer_number(note: Credit) -> Hashable:
    return _folded(note.number) if note.type == "ACCRECCREDIT" else None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:  # a slim container without time zones still gets a working twin
        return UTC


RECORDS: dict[str, type] = {
    "accounts": Account,
    "allocations": Allocation,
    "attachments": Attachment,
    "bank_transactions": BankTransaction,
    "bank_transfers": BankTransfer,
    "batch_payments": BatchPayment,
    "contact_groups": ContactGroup,
    "contacts": Contact,
    "credit_notes": Credit,
    "currencies": Currency,
    "invoices": Invoice,
    "items": Item,
    "linked_transactions": LinkedTransaction,
    "manual_journals": ManualJournal,
    "notes": Note,
    "overpayments": Credit,
    "payments": Payment,
    "prepayments": Credit,
    "purchase_orders": PurchaseOrder,
    "stock_movements": StockMovement,
    "tax_rates": TaxRate,
    "tracking": TrackingCategory,
}


class Organisation:
    """One organisation; made by `Twin.add_organisation`."""

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        guids: Guids,
        country: str = "NZ",
        base_currency: str = "NZD",
        currencies: tuple[str, ...] = (),
        demo: bool = True,
        period_lock_date: date | None = None,
        end_of_year_lock_date: date | None = None,
    ) -> None:
        self.name = name
        self.country = country
        self.base_currency = base_currency
        self.demo = demo
        self.period_lock_date = period_lock_date
        self.end_of_year_lock_date = end_of_year_lock_date
        self.payment_terms: dict[str, dict[str, Any]] = {}
        # whether a prepayment or overpayment keeps the Reference it was sent with: Xero's pages speak of SPEND and
        # RECEIVE only, yet both are listed with a reference and can be filtered by it
        self.references_on_deposits = True
        self.lock = threading.RLock()
        self.clock = clock
        self.new_id, self.new_ids = guids.new, guids.some
        self.tenant_id = guids.new()
        self.short_code = "!" + self.tenant_id[:5]
        self.created = milliseconds(clock.now())
        self.year_ends = charts.YEAR_ENDS[charts.edition(country)]  # month and day
        self.timezone, zone = _ZONES[charts.edition(country)]
        self._zone = _zone(zone)
        self.numbers = {"INV-": 1}
        self.emails = (0, 0)  # the day (since 1970), and how many were sent on it
        self._make_tables()
        self.changes = [0]
        for table in self.tables().values():
            table.changes = self.changes
        self.shown: dict[tuple[str, str, str | None], tuple[int, bytes]] = {}  # single reads, as of a count of changes
        # as of a count of changes, and with whether they have files
        self.written_contacts: dict[str, tuple[int, tuple[Contact, bool], Raw]] = {}
        self._fill(currencies)

    def _make_tables(self) -> None:
        self.line_settings: dict[tuple[Any, ...], Any] = {}  # what documents say about their lines
        self.accounts: Table[Account] = Table(
            {"code": lambda account: account.code, "name": lambda account: _folded(account.name)}
        )
        self.tax_rates: Table[TaxRate] = Table({"name": lambda rate: _folded(rate.name)})
        self.currencies: Table[Currency] = Table()
        self.tracking: Table[TrackingCategory] = Table({"name": lambda category: _folded(category.name)})
        self.contacts: Table[Contact] = Table(
            {
                "active_name": lambda contact: _folded(contact.name) if contact.status == "ACTIVE" else None,
                "number": lambda contact: contact.contact_number,
            }
        )
        self.items: Table[Item] = Table(
            {"code": lambda item: _folded(item.code), "tracked": lambda item: item.is_tracked or None}
        )
        self.invoices: Table[Invoice] = Table(
            {
                "sales_number": lambda one: one.number.casefold() if one.number and one.type == "ACCREC" else None,
                "bill_number": lambda one: one.number.casefold() if one.number and one.type == "ACCPAY" else None,
                "contact": attrgetter("contact_id"),
            }
        )
        self.payments: Table[Payment] = Table(
            {"invoice": lambda payment: payment.invoice_id, "credit": lambda payment: payment.credit_id}
        )
        self._make_tables_of_credits()
        self.purchase_orders: Table[PurchaseOrder] = Table(
            {"number": lambda order: _folded(order.number), "contact": lambda order: order.contact_id}
        )
        self.manual_journals: Table[ManualJournal] = Table({"narration": lambda journal: _folded(journal.narration)})
        self.attachments: Table[Attachment] = Table({"owner": lambda file: file.owner})
        self.notes: Table[Note] = Table({"owner": lambda note: note.owner})

    def refill(self, records: dict[str, list[Any]]) -> None:
        """Hold these records, by their tables, and no others."""
        self._make_tables()
        for name, table in self.tables().items():
            table.changes = self.changes
            for record in records.get(name, ()):
                table.put(record)

    def tables(self) -> dict[str, Table[Any]]:
        """Every table by its attribute's name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Table)}

    def _make_tables_of_credits(self) -> None:
        self.credit_notes: Table[Credit] = Table(
            {
                "number": lambda note: _folded(note.number),
                "sales_number": _customer_number,
                "contact": lambda note: note.contact_id,
            }
        )
        self.prepayments: Table[Credit] = Table({"contact": lambda credit: credit.contact_id})
        self.overpayments: Table[Credit] = Table({"contact": lambda credit: credit.contact_id})
        self.allocations: Table[Allocation] = Table(
            {"invoice": lambda one: one.invoice_id, "credit": lambda one: one.credit_id}
        )
        self.bank_transactions: Table[BankTransaction] = Table(
            {"contact": lambda one: one.contact_id, "reference": lambda one: _folded(one.reference)}
        )
        self.bank_transfers: Table[BankTransfer] = Table()
        self.batch_payments: Table[BatchPayment] = Table()
        self.contact_groups: Table[ContactGroup] = Table({"name": lambda group: _folded(group.name)})
        self.linked_transactions: Table[LinkedTransaction] = Table(
            {"source": lambda one: one.source_id, "target": lambda one: one.target_id}
        )
        self.stock_movements: Table[StockMovement] = Table(
            {"document": lambda one: one.document, "item": lambda one: one.item_id}
        )

    def _fill(self, currencies: tuple[str, ...]) -> None:
        for account in charts.accounts(self.country, self.base_currency):
            account.id, account.updated = self.new_id(), self.created
            self.accounts.put(account)
        for rate in charts.tax_rates(self.country):
            rate.updated = self.created
            self.tax_rates.put(rate)
        for code in dict.fromkeys((self.base_currency, *currencies)):
            self.currencies.put(Currency(id=code, description=code, updated=self.created))

    def now_ms(self) -> int:
        return milliseconds(self.clock.now())

    def today(self) -> date:
        """The calendar day in the organisation's own zone."""
        return self.clock.now().astimezone(self._zone).date()

    def offset_ms(self, moment_ms: int) -> int:
        """How far the organisation's own time is ahead of UTC at a moment; both in milliseconds."""
        offset = datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone(self._zone).utcoffset()
        return 0 if offset is None else int(offset.total_seconds() * 1000)

    def day_rate(self, currency: str) -> Decimal:
        """Foreign units per base unit, "of the day" (invented, and the same every day)."""
        if currency == self.base_currency:
            return _EVEN
        foreign = Decimal(_DAY_RATES.get(currency, "1"))
        return (foreign / Decimal(_DAY_RATES.get(self.base_currency, "1"))).quantize(_RATE_DIGITS)

    def default_tax(self, sales: bool) -> str:
        """The tax type that sales or purchases have in this country unless told otherwise."""
        return charts.DEFAULT_TAX[charts.edition(self.country)][0 if sales else 1]

    def lock_message(self, day: date | None) -> str | None:
        """Why nothing may be dated on `day`, or None. Lock dates include their own day."""
        if self.period_lock_date is None and self.end_of_year_lock_date is None:
            return None
        for label, locked in (
            ("period lock date", self.period_lock_date),
            ("end of year lock date", self.end_of_year_lock_date),
        ):
            if day is not None and locked is not None and day <= locked:
                # how the date is written is not known: invented
                return f"The document date cannot be before the {label}, currently set at {locked:%d %B %Y}"
        return None

    def credits(self, kind: str) -> Table[Credit]:
        """The table of one kind of credit, by its resource: CreditNotes, Prepayments, Overpayments."""
        return {"CreditNotes": self.credit_notes, "Prepayments": self.prepayments}.get(kind, self.overpayments)

    def system_account(self, name: str) -> Account:
        """The account with that role, e.g. DEBTORS. System accounts cannot be deleted, so it is there."""
        return next(account for account in self.accounts if account.system_account == name)

    def lines(self) -> Iterator[Line]:
        """The lines of all documents and journals."""
        tables: tuple[Table[Any], ...] = (
            self.invoices,
            self.credit_notes,
            self.purchase_orders,
            self.bank_transactions,
            self.manual_journals,
        )
        for table in tables:
            for document in table:
                yield from document.lines

    def next_number(self, prefix: str, taken: Table[Any], index: str) -> str:
        """The next free running number, e.g. INV-0055."""
        number = self.numbers.setdefault(prefix, 1)
        while taken.first(index, f"{prefix}{number:04d}".casefold()) is not None:
            number += 1
        self.numbers[prefix] = number + 1
        return f"{prefix}{number:04d}"
