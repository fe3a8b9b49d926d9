"""Money task → money spent or received (a bank transaction), or a transfer between two bank accounts.

The reference ends with Core's number, and they are found again by that. A transfer cannot be edited in Xero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from tieout.core.money import said
from tieout.core.records import MoneyTaskRecord, RecordKey
from tieout.kinds.bank import bank_problem, contact_problem
from tieout.kinds.books import Books, Seen
from tieout.kinds.dating import locked
from tieout.kinds.deposit import WORDS
from tieout.kinds.kind import Facts, Kind, Route
from tieout.kinds.lines import line_items, lines_problem
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire

Element = types.BankTransaction | types.BankTransfer
_TYPES = {"spend": "SPEND", "receive": "RECEIVE"}
TRANSFER = "transfer"


def reference_of(record: MoneyTaskRecord) -> str:
    return f"{record.reference} {record.number}".strip()


def reference_key(word: str, reference: str) -> str:
    return f"{word.casefold()}|{reference.casefold()}"


class MoneyTaskKind(Kind[MoneyTaskRecord, Any]):
    name = "money_task"
    title = "Money task"
    plural = "Money tasks"
    rank = 1
    maps_what_it_needs = True
    id_field = "bank_transaction_id"
    proven_by_echo = True
    resource = resources.BANK_TRANSACTIONS

    @property
    def reads(self) -> tuple[resources.Resource[Any], ...]:
        return (resources.BANK_TRANSACTIONS, resources.BANK_TRANSFERS)

    def resource_at(self, path: str) -> resources.Resource[Any]:
        return resources.BANK_TRANSFERS if path.startswith("BankTransfers") else resources.BANK_TRANSACTIONS

    def facts(self, record: MoneyTaskRecord) -> Facts:
        return Facts(record.number, record.contact_name, record.date, record.total, record.currency)

    def is_gone(self, record: MoneyTaskRecord) -> bool:
        return record.status == "VOIDED"

    def depends_on(self, record: MoneyTaskRecord) -> Iterable[RecordKey]:
        if record.contact_id:
            yield RecordKey("contact", record.contact_id)
        for line in record.lines:
            if line.product_id:
                yield RecordKey("product", line.product_id)

    def keys(self, record: MoneyTaskRecord, books: Books) -> tuple[str, ...]:
        return (reference_key(record.type, reference_of(record)),)

    def check(self, record: MoneyTaskRecord, books: Books) -> Problem | None:
        problem = locked(record.date, books) or bank_problem(record.account, record.currency, books)
        if problem or record.type == TRANSFER or record.contact_id is None:
            return problem or (bank_problem(record.to_account, record.currency, books) if record.to_account else None)
        return contact_problem(record.contact_id, record.contact_name, books) or lines_problem(
            record, books, _side(record)
        )

    def payload(self, record: MoneyTaskRecord, books: Books) -> Element:
        if record.type == TRANSFER or record.contact_id is None:
            return types.BankTransfer(
                from_bank_account=types.AccountRef(code=record.account),
                to_bank_account=types.AccountRef(code=record.to_account),
                amount=record.total,
                date=record.date.isoformat(),
                reference=reference_of(record),
            )
        return types.BankTransaction(
            type=_TYPES[record.type],
            contact=types.ContactRef(contact_id=books.xero_id(RecordKey("contact", record.contact_id))),
            bank_account=types.AccountRef(code=record.account),
            date=record.date.isoformat(),
            reference=reference_of(record),
            line_amount_types=record.tax_treatment,
            currency_rate=record.rate if record.currency != books.base_currency else None,
            line_items=list(line_items(record, books, _side(record), discounts=False)),
        )

    def computed(self, record: MoneyTaskRecord) -> dict[str, Decimal]:
        if record.type == TRANSFER:
            return {}
        return {"sub_total": record.subtotal, "total_tax": record.tax, "total": record.total}

    def void_payload(self, record: MoneyTaskRecord, seen: Seen | None) -> Element:
        return (types.BankTransfer if record.type == TRANSFER else types.BankTransaction)(status="DELETED")

    def check_change(self, record: MoneyTaskRecord, seen: Seen | None, books: Books) -> Problem | None:
        if seen and seen.gone:
            return Problem(
                "gone-in-xero",
                f"{record.number} was deleted in Xero.",
                "Void it in Core too, or enter it anew with another number.",
            )
        if record.type == TRANSFER:
            return Problem(
                "transfer-not-editable",
                f"Xero cannot change a bank transfer that exists ({record.number}).",
                "Void it in Core and enter it again.",
            )
        return locked(seen.date if seen and seen.date else record.date, books)

    def check_void(self, record: MoneyTaskRecord, seen: Seen | None, books: Books) -> Problem | None:
        return locked(seen.date if seen and seen.date else record.date, books)

    def adoptable(self, record: MoneyTaskRecord, seen: Seen, books: Books) -> Problem | None:
        if (seen.date, seen.total) == (record.date, record.total):
            return None
        return Problem(
            "reference-in-use",
            f"Xero has money of the reference {seen.number} that differs: {said(seen.total)} of {seen.date}.",
            "Change the one that is wrong, then sync again.",
        )

    def route(self, action: str, record: MoneyTaskRecord, books: Books, xero_id: str) -> Route:
        resource = resources.BANK_TRANSFERS if record.type == TRANSFER else resources.BANK_TRANSACTIONS
        return Route("PUT" if action == "create" else "POST", resource.path)

    def identify(self, payload: Element, xero_id: str) -> Element:
        return msgspec.structs.replace(payload, **{_id_field(payload): xero_id})

    def without_id(self, payload: Element) -> bytes:
        return wire.encode(msgspec.structs.replace(payload, **{_id_field(payload): None}))

    def xero_id(self, element: Element) -> str:
        return getattr(element, _id_field(element)) or ""

    def seen(self, element: Element) -> Seen | None:
        if isinstance(element, types.BankTransfer):
            return _seen(self.name, element, TRANSFER, element.amount)
        word = {theirs: ours for ours, theirs in _TYPES.items()}.get(element.type or "")
        description = (element.line_items[0].description or "") if element.line_items else ""
        if word is None or description.startswith(WORDS):  # not plain money, or a deposit's
            return None
        return _seen(self.name, element, word, element.total)

    def sees(self, element: Any) -> Iterator[Seen]:
        if seen := self.seen(element):
            yield seen


def _side(record: MoneyTaskRecord) -> str:
    return "sale" if record.type == "receive" else "purchase"


def _id_field(element: Element) -> str:
    return "bank_transfer_id" if isinstance(element, types.BankTransfer) else "bank_transaction_id"


def _seen(kind: str, element: Element, word: str, total: Decimal | None) -> Seen:
    reference = element.reference or ""
    plain = element if isinstance(element, types.BankTransaction) else types.BankTransaction()
    gone = element.status in {"DELETED", "VOIDED"}
    return Seen(
        kind=kind,
        xero_id=(getattr(element, _id_field(element)) or ""),
        key="" if gone else reference_key(word, reference),
        other_key="",
        number=reference,
        status=element.status or "AUTHORISED",
        updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
        date=wire.as_date(element.date) if element.date else None,
        currency=plain.currency_code or "",
        total=total,
        contact_id=(plain.contact.contact_id if plain.contact else "") or "",
        foreign_number="BankTransfers" if word == TRANSFER else "BankTransactions",
        rate=plain.currency_rate,
    )
