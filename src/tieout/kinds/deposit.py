"""What customer credits and supplier deposits share: money in hand, ahead of its invoice.

By the settings they are prepayments (overpayments, where that is what they come from), made by a bank transaction whose
answer names the credit's own id; or plain money received and spent. Xero may drop the reference of a prepayment, so
the number stands in the line's text too, and they are found again by that, the contact, the day and the amount.
Xero lets nobody void a prepayment from outside; plain money it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import msgspec

from tieout.core.records import DepositRecord, RecordKey
from tieout.kinds.bank import bank_problem, contact_problem
from tieout.kinds.books import Books, Seen
from tieout.kinds.comparison import Difference, differences
from tieout.kinds.credit import credit_id
from tieout.kinds.dating import locked
from tieout.kinds.kind import Facts, Kind
from tieout.kinds.lines import account_problem
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire

WORDS = ("Customer credit ", "Supplier deposit ")


def deposit_key(words: str, contact_id: str, day: date, amount: Decimal) -> str:
    return f"{words.casefold()}|{contact_id}|{day.isoformat()}|{amount:.2f}"


class DepositKind(Kind[DepositRecord, types.BankTransaction]):
    """`verb`: RECEIVE or SPEND; `ledger`: Xero's other word for that side; `role`: what the mapped account is for."""

    verb: ClassVar[str]
    ledger: ClassVar[str]
    role: ClassVar[str]
    rank = 1
    maps_what_it_needs = True
    id_field = "bank_transaction_id"
    proven_by_echo = True
    editable = False
    resource = resources.BANK_TRANSACTIONS

    @property
    def reads(self) -> tuple[resources.Resource[Any], ...]:
        return (resources.BANK_TRANSACTIONS, resources.PREPAYMENTS, resources.OVERPAYMENTS)

    def facts(self, record: DepositRecord) -> Facts:
        return Facts(record.number, record.contact_name, record.date, record.amount, record.currency, record.channel)

    def is_gone(self, record: DepositRecord) -> bool:
        return record.status == "VOIDED"

    def left_out(self, record: DepositRecord, books: Books) -> tuple[str, str] | None:
        if record.origin == "credit_note":
            return ("held-as-credit-note", f"It stands in Xero as the credit note {record.document_number}.")
        return None

    def depends_on(self, record: DepositRecord) -> Iterable[RecordKey]:
        yield RecordKey("contact", record.contact_id)

    def words(self, record: DepositRecord) -> str:
        """What its one line says."""
        return f"{self.title} {record.number}"

    def keys(self, record: DepositRecord, books: Books) -> tuple[str, ...]:
        contact_id = books.xero_id(RecordKey("contact", record.contact_id))
        return (deposit_key(self.words(record), contact_id, record.date, record.amount),)

    def check(self, record: DepositRecord, books: Books) -> Problem | None:
        problem = (
            locked(record.date, books)
            or contact_problem(record.contact_id, record.contact_name, books)
            or bank_problem(record.account, record.currency, books)
        )
        if problem or self.type(record, books).endswith("OVERPAYMENT"):
            return problem
        code = books.role(self.role)
        if not code:
            return Problem(
                "account-missing",
                f"No account is mapped for {self.plural.lower()}.",
                "Map one on the page Mapping, then sync again.",
            )
        return account_problem(code, books)

    def type(self, record: DepositRecord, books: Books) -> str:
        """Xero's word for it."""
        if books.settings.deposits_as == "money":
            return self.verb
        return f"{self.verb}-{'OVERPAYMENT' if record.origin == 'overpayment' else 'PREPAYMENT'}"

    def payload(self, record: DepositRecord, books: Books) -> types.BankTransaction:
        over = self.type(record, books).endswith("OVERPAYMENT")  # Xero books that on its own control account
        line = types.LineItem(
            description=self.words(record),
            quantity=Decimal(1),
            unit_amount=record.amount,
            account_code=None if over else books.role(self.role),
            tax_type=None if over else "NONE",
        )
        return types.BankTransaction(
            type=self.type(record, books),
            contact=types.ContactRef(contact_id=books.xero_id(RecordKey("contact", record.contact_id))),
            bank_account=types.AccountRef(code=record.account),
            date=record.date.isoformat(),
            reference=f"{record.reference} {record.number}".strip(),
            line_amount_types="NoTax",
            currency_rate=record.rate if record.currency != books.base_currency else None,
            line_items=[line],
        )

    def computed(self, record: DepositRecord) -> dict[str, Decimal]:
        return {"total": record.amount}

    def compare(self, expected: types.BankTransaction, seen: types.BankTransaction) -> Sequence[Difference]:
        if expected.type != self.verb:  # whether a prepayment keeps its reference differs
            expected = msgspec.structs.replace(expected, reference=None)
        return differences(expected, seen)

    def void_payload(self, record: DepositRecord, seen: Seen | None) -> types.BankTransaction:
        return types.BankTransaction(status="DELETED")

    def check_change(self, record: DepositRecord, seen: Seen | None, books: Books) -> Problem | None:
        return Problem(
            "deposit-not-editable",
            f"Xero cannot change a prepayment or overpayment that exists ({record.number}).",
            "Void it in Core and record it again.",
        )

    def check_void(self, record: DepositRecord, seen: Seen | None, books: Books) -> Problem | None:
        plain = seen.foreign_number == "BankTransactions" if seen else books.settings.deposits_as == "money"
        if plain:
            return locked(record.date, books)
        return Problem(
            "void-by-hand",
            f"Xero lets no other system void a prepayment or overpayment ({record.number}).",
            "Void it in Xero (open it from the contact or the bank account), then sync again.",
        )

    def xero_id(self, element: types.BankTransaction) -> str:
        """The id of the credit that others refer to, where it made one."""
        return element.prepayment_id or element.overpayment_id or element.bank_transaction_id or ""

    def seen(self, element: types.BankTransaction) -> Seen | None:
        """The answer to a write."""
        if not (element.type or "").startswith(self.verb) or not _words(element).startswith(f"{self.title} "):
            return None
        ending = (element.type or "").rpartition("-")[2]
        held = {"PREPAYMENT": "Prepayments", "OVERPAYMENT": "Overpayments"}.get(ending, "BankTransactions")
        return self._seen(element, self.xero_id(element), held, element.total or Decimal(0))

    def sees(self, element: Any) -> Iterator[Seen]:
        """A list of bank transactions shows plain money only; what is left of a credit shows in its own list."""
        if isinstance(element, types.BankTransaction):
            if element.type == self.verb and (seen := self.seen(element)):
                yield seen
        elif (element.type or "").startswith((self.verb, self.ledger)):
            held = "Prepayments" if isinstance(element, types.Prepayment) else "Overpayments"
            left = element.remaining_credit
            yield self._seen(element, credit_id(element), held, element.total if left is None else left)

    def _seen(self, element: Any, xero_id: str, held: str, left: Decimal | None) -> Seen:
        contact_id = (element.contact.contact_id if element.contact else "") or ""
        day = wire.as_date(element.date) if element.date else date.min
        total = element.total or Decimal(0)
        status = element.status or "AUTHORISED"
        left = total if left is None else left
        gone = status in {"VOIDED", "DELETED"}
        return Seen(
            kind=self.name,
            xero_id=xero_id,
            key="" if gone else deposit_key(_words(element), contact_id, day, total),
            other_key="",
            number=element.reference or _words(element),
            status=status,
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
            date=day,
            currency=element.currency_code or "",
            total=total,
            paid=Decimal(0) if gone else total - left,
            due=left,
            contact_id=contact_id,
            foreign_number=held,
            rate=element.currency_rate,
        )


def _words(element: Any) -> str:
    lines = element.line_items or ()
    return (lines[0].description or "") if lines else ""
