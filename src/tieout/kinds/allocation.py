"""Allocation → a part of a credit note, prepayment or overpayment set off against an invoice or bill.

Xero has no list of allocations: they show inside their credit. So they are found again by credit, document and amount,
and one that its credit shows no more was removed in Xero. The date is Xero's own: the later of the two documents'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tieout.core.money import said
from tieout.core.records import AllocationRecord, RecordKey
from tieout.kinds.books import Books, Seen
from tieout.kinds.credit import credit_id, endpoint_of, plain_money
from tieout.kinds.dating import locked
from tieout.kinds.kind import Facts, Kind, Route
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire


def source_of(record: AllocationRecord) -> RecordKey:
    """The record whose document in Xero gives the credit."""
    return record.held_as or record.source


def allocation_key(credit: str, document: str, amount: Decimal) -> str:
    return f"{credit}|{document}|{amount:.2f}"


class AllocationKind(Kind[AllocationRecord, types.Allocation]):
    name = "allocation"
    title = "Use of credit"
    plural = "Uses of credit"
    rank = 2
    id_field = "allocation_id"
    editable = False
    shared_keys = True
    resource = resources.ALLOCATIONS

    @property
    def reads(self) -> tuple[resources.Resource[Any], ...]:
        return (resources.CREDIT_NOTES, resources.PREPAYMENTS, resources.OVERPAYMENTS)

    @property
    def verified_by(self) -> tuple[resources.Resource[Any], ...]:
        return (resources.INVOICES, *self.reads)

    def facts(self, record: AllocationRecord) -> Facts:
        return Facts(record.number, record.contact_name, record.date, record.amount, record.currency, record.channel)

    def is_gone(self, record: AllocationRecord) -> bool:
        return record.status == "VOIDED"

    def depends_on(self, record: AllocationRecord) -> Iterable[RecordKey]:
        yield source_of(record)
        yield record.target

    def keys(self, record: AllocationRecord, books: Books) -> tuple[str, ...]:
        source, target = _ids(record, books)
        return (allocation_key(source, target, record.amount),)

    def check(self, record: AllocationRecord, books: Books) -> Problem | None:
        source, target = _ids(record, books)
        if problem := (
            plain_money(source, record.source_number, books)
            or _locked(record, books)
            or _of_another_contact(record, books, source, target)
        ):
            return problem
        for xero_id, number in ((source, record.source_number), (target, record.target_number)):
            if problem := _unable(books.seen.get(xero_id), number, record):
                return problem
        return None

    def payload(self, record: AllocationRecord, books: Books) -> types.Allocation:
        _, target = _ids(record, books)
        return types.Allocation(amount=record.amount, invoice=types.InvoiceRef(invoice_id=target))

    def moves(self, record: AllocationRecord, books: Books) -> Mapping[str, Decimal]:
        return dict.fromkeys(_ids(record, books), record.amount)

    def void_payload(self, record: AllocationRecord, seen: Seen | None) -> types.Allocation:
        return types.Allocation()

    def identify(self, payload: types.Allocation, xero_id: str) -> types.Allocation:
        return payload  # the id stands in the path

    def check_change(self, record: AllocationRecord, seen: Seen | None, books: Books) -> Problem | None:
        return Problem(
            "allocation-not-editable",
            f"Xero cannot change a use of credit that exists ({record.number}).",
            "Void it in Core and allocate the credit again.",
        )

    def check_void(self, record: AllocationRecord, seen: Seen | None, books: Books) -> Problem | None:
        return _locked(record, books)

    def route(self, action: str, record: AllocationRecord, books: Books, xero_id: str) -> Route:
        source, _ = _ids(record, books)
        path = f"{endpoint_of(source, source_of(record), books)}/{source}/Allocations"
        return Route("PUT", path) if action == "create" else Route("DELETE", f"{path}/{xero_id}", many=False)

    def seen(self, element: types.Allocation) -> Seen | None:
        """The answer to a write need not name the credit; the credit itself is read after the push."""
        return None

    def sees(self, element: Any) -> Iterator[Seen]:
        credit = credit_id(element)
        for each in element.allocations or ():
            document = (each.invoice.invoice_id if each.invoice else "") or ""
            amount = each.amount or Decimal(0)
            if each.allocation_id:
                yield Seen(
                    kind=self.name,
                    xero_id=each.allocation_id,
                    key=allocation_key(credit, document, amount),
                    other_key="",
                    number="",
                    status="AUTHORISED",
                    updated_at=None,
                    date=wire.as_date(each.date) if each.date else None,
                    currency=element.currency_code or "",
                    total=amount,
                    foreign_number=credit,
                    rate=element.currency_rate,
                )

    def shown_as(self, path: str, sent: types.Allocation) -> Seen | None:
        _, credit, _ = path.split("/")
        document = (sent.invoice.invoice_id if sent.invoice else "") or ""
        key = allocation_key(credit, document, sent.amount or Decimal(0))
        return Seen(self.name, "", key, "", "", "AUTHORISED", None, total=sent.amount)

    def whole_of(self, element: Any) -> str:
        return "" if element.allocations is None else credit_id(element)


def _ids(record: AllocationRecord, books: Books) -> tuple[str, str]:
    return books.xero_id(source_of(record)), books.xero_id(record.target)


def _locked(record: AllocationRecord, books: Books) -> Problem | None:
    """Xero dates it as the later of the two documents."""
    days = [seen.date for xero_id in _ids(record, books) if (seen := books.seen.get(xero_id)) and seen.date]
    return locked(max(days, default=record.date), books)


def _of_another_contact(record: AllocationRecord, books: Books, source: str, target: str) -> Problem | None:
    """A consolidated document stands under its channel's contact, and Xero lets credit be used on its own only."""
    if not {source_of(record), record.target} & set(books.carried):
        return None
    giving, taking = books.seen.get(source), books.seen.get(target)
    if giving is None or taking is None or giving.contact_id == taking.contact_id:
        return None
    return Problem(
        "contact-differs",
        f"{record.source_number} stands in Xero under another contact than {taking.number}, which carries "
        f"{record.target_number}; Xero lets a credit be used on its own contact's documents only.",
        "Group the channel by customer, or set the credit off in Xero by hand and skip this.",
    )


def _unable(seen: Seen | None, number: str, record: AllocationRecord) -> Problem | None:
    if seen is None:
        return None
    if seen.status not in {"AUTHORISED", "PAID"}:
        return Problem(
            "document-not-authorised",
            f"{number} is {seen.status.lower()} in Xero; only approved documents give or take credit.",
            "Approve it in Xero, then sync again.",
        )
    if seen.due is not None and record.amount > seen.due:
        return Problem(
            "above-due",
            f"The {said(record.amount)} {record.currency} is above the {said(seen.due)} that is left on {number} in "
            "Xero.",
            "Look what was paid or allocated in Xero, then correct the amount in Core.",
        )
    return None
