"""Payment → Xero payment of an invoice or bill.

Xero has no key for payments, so Core's own number travels in the reference: document, date, amount and reference
together then name exactly one payment, even where a customer pays the same sum twice on one day.
A payment cannot be edited in Xero, only deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tieout.core.money import said
from tieout.core.records import RecordKey, SettlementRecord
from tieout.kinds.books import Books, Seen
from tieout.kinds.dating import locked
from tieout.kinds.kind import Facts, Kind, Route
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire


def reference_of(record: SettlementRecord) -> str:
    """What the bank reconciliation shows: the payer's reference, then Core's number of the payment."""
    return f"{record.reference} {record.number}".strip()


def payment_key(document_id: str, day: date, amount: Decimal, reference: str) -> str:
    return f"{document_id}|{day.isoformat()}|{amount:.2f}|{reference}"


class PaymentKind(Kind[SettlementRecord, types.Payment]):
    name = "payment"
    title = "Payment"
    plural = "Payments"
    rank = 2
    id_field = "payment_id"
    editable = False
    always = True
    resource = resources.PAYMENTS

    @property
    def verified_by(self) -> tuple[resources.Resource[Any], ...]:
        return (resources.INVOICES,)

    def settled(self, record: SettlementRecord) -> RecordKey:
        """The record whose document in Xero this pays."""
        return record.document

    def facts(self, record: SettlementRecord) -> Facts:
        return Facts(record.number, record.contact_name, record.date, record.amount, record.currency)

    def is_gone(self, record: SettlementRecord) -> bool:
        return record.status == "VOIDED"

    def left_out(self, record: SettlementRecord, books: Books) -> tuple[str, str] | None:
        if books.settings.payments == "pull":
            return ("payments-from-xero", "Payments come from Xero only; the connection's settings can change that.")
        return None

    def depends_on(self, record: SettlementRecord) -> Iterable[RecordKey]:
        yield self.settled(record)

    def keys(self, record: SettlementRecord, books: Books) -> tuple[str, ...]:
        document_id = books.xero_id(self.settled(record))
        return (payment_key(document_id, record.date, record.amount, reference_of(record)),)

    def check(self, record: SettlementRecord, books: Books) -> Problem | None:
        if problem := locked(record.date, books) or _account_problem(record, books):
            return problem
        document = books.seen.get(books.xero_id(self.settled(record)))
        if document is None:
            return None
        if document.status not in {"AUTHORISED", "PAID"}:
            return Problem(
                "document-not-authorised",
                f"{record.document_number} is {document.status.lower()} in Xero; only approved documents can be paid.",
                "Approve it in Xero, then sync again.",
            )
        if document.due is not None and record.amount > document.due:
            return Problem(
                "above-due",
                f"The payment of {said(record.amount)} {record.currency} is above the {said(document.due)} still due "
                f"on {record.document_number} in Xero.",
                "Correct the amount in Core, or record the rest as a credit.",
            )
        return None

    def payload(self, record: SettlementRecord, books: Books) -> types.Payment:
        foreign = record.currency != books.base_currency
        return types.Payment(
            invoice=types.InvoiceRef(invoice_id=books.xero_id(self.settled(record))),
            account=types.AccountRef(code=record.account),
            date=record.date.isoformat(),
            amount=record.amount,
            currency_rate=record.rate if foreign else None,
            reference=reference_of(record),
        )

    def moves(self, record: SettlementRecord, books: Books) -> Mapping[str, Decimal]:
        return {books.xero_id(self.settled(record)): record.amount}

    def void_payload(self, record: SettlementRecord, seen: Seen | None) -> types.Payment:
        return types.Payment(status="DELETED")

    def identify(self, payload: types.Payment, xero_id: str) -> types.Payment:
        return payload  # the id stands in the path

    def check_change(self, record: SettlementRecord, seen: Seen | None, books: Books) -> Problem | None:
        return Problem(
            "payment-not-editable",
            f"Xero cannot change a payment that exists ({record.number}).",
            "Void the payment in Core and record it again.",
        )

    def check_void(self, record: SettlementRecord, seen: Seen | None, books: Books) -> Problem | None:
        return None if seen and seen.gone else locked(record.date, books)

    def seen(self, element: types.Payment) -> Seen | None:
        document_id = (element.invoice.invoice_id if element.invoice else "") or ""
        if not document_id or not element.date or element.amount is None:
            return None
        day = wire.as_date(element.date)
        reference = element.reference or ""
        gone = element.status == "DELETED"
        return Seen(
            kind=self.name,
            xero_id=element.payment_id or "",
            key="" if gone else payment_key(document_id, day, element.amount, reference),
            other_key="",
            number=reference,
            status=element.status or "AUTHORISED",
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
            date=day,
            total=element.amount,
            currency=(element.invoice.currency_code if element.invoice else "") or "",
            foreign_number=document_id,
            rate=element.currency_rate,
            account=account_of(element),
        )

    def route(self, action: str, record: SettlementRecord, books: Books, xero_id: str) -> Route:
        if action == "create":
            return Route("PUT", self.resource.path)
        return Route("POST", f"{self.resource.path}/{xero_id}", many=False)


def account_of(element: types.Payment) -> str:
    """The code of its account; the id of one without a code."""
    account = element.account
    return (account.code or account.account_id or "") if account else ""


def _account_problem(record: SettlementRecord, books: Books) -> Problem | None:
    account = books.accounts.get(record.account)
    if account is None:
        return Problem(
            "account-unknown",
            f"The payment account {record.account} does not exist in Xero.",
            "Create it in Xero with this code, or void the payment and record it on another account.",
        )
    if not account.active:
        return Problem(
            "account-archived",
            f"The payment account {account.code} {account.name} is archived in Xero.",
            "Restore it in Xero, or void the payment and record it on another account.",
        )
    if not account.takes_payments:
        return Problem(
            "account-unfit",
            f"Account {account.code} {account.name} does not take payments in Xero.",
            "Tick “Enable payments to this account” in Xero, or record the payment on a bank account.",
        )
    return None
