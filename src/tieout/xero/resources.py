"""The resources of the accounting API: how a list is read, how elements are written, how an answer becomes values.

In: a `Xero` and typed elements. Out: typed elements, one by one. Always: an element that cannot be read never costs
the others (it comes back as bytes in `unreadable`); a written element's answer stands at the position it was sent in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from tieout.xero import types, wire
from tieout.xero.client import Answer
from tieout.xero.errors import AnswerLost

T = TypeVar("T", bound=msgspec.Struct)

PAGE_SIZE = 1000
MAX_ELEMENTS = 50
MAX_BYTES = 3_500_000
NO_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `last` says that no page follows; `told_at`: the time at Xero when it answered."""

    elements: list[T]
    unreadable: list[bytes]
    last: bool
    told_at: datetime | None = None


class _Head(msgspec.Struct):
    """What an answer says beside its elements."""

    pagination: types.Pagination | None = None
    told_at: str = msgspec.field(default="", name="DateTimeUTC")


def _envelope(name: str, element: Any) -> type[_Head]:
    """The type of an answer with a list of these elements under that name."""
    elements: tuple[str, Any, Any] = (name, list[element], msgspec.field(default_factory=list))
    made: Any = msgspec.defstruct(f"{name}Answer", [elements], bases=(_Head,))
    return made  # type: ignore[no-any-return]


class Caller(Protocol):
    """What a list is read through: a `Xero`, or something around one."""

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        modified_since: datetime | None = None,
    ) -> Answer: ...


class Resource(Generic[T]):
    """One collection of the API. `paged`: takes page and pageSize. `query` goes with every read and write of it,
    `reading` with reads alone."""

    def __init__(
        self,
        name: str,
        element: type[T],
        *,
        path: str | None = None,
        paged: bool = False,
        since: bool = True,
        query: dict[str, str] | None = None,
        reading: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self.element = element
        self.path = path or name
        self.paged = paged
        self.since = since
        self.query = query or {}
        self.reading = reading or {}
        self._envelope = msgspec.json.Decoder(_envelope(name, element))
        self._raw = msgspec.json.Decoder(_envelope(name, msgspec.Raw))
        self._element = msgspec.json.Decoder(element)

    def pages(self, xero: Caller, since: datetime | None = None, **query: str) -> Iterator[Page[T]]:
        """Every element changed since then, page by page; each page is one call, made when it is asked for."""
        number = 1
        while True:
            parameters = {**self.query, **self.reading, **query}
            if self.paged:
                parameters |= {"page": str(number), "pageSize": str(PAGE_SIZE), "order": "UpdatedDateUTC ASC"}
            answer = xero.call("GET", self.path, query=parameters, modified_since=since if self.since else None)
            page = self.read(answer)
            yield page
            if page.last:
                return
            number += 1

    def read(self, answer: Answer) -> Page[T]:
        """The elements of an answer. Raises AnswerLost where the body is not Xero's JSON at all."""
        if answer.status == 304 or not answer.body:
            return Page([], [], last=True)
        unreadable: list[bytes] = []
        try:
            head = self._envelope.decode(answer.body)
            elements: list[T] = getattr(head, self.name)
        except msgspec.ValidationError:
            head = self._raw.decode(answer.body)
            elements, unreadable = self._one_by_one(getattr(head, self.name))
        except msgspec.DecodeError as error:
            raise AnswerLost("GET", self.path, "the answer was not JSON") from error
        more = self.paged and head.pagination is not None and head.pagination.page < head.pagination.page_count
        told_at = wire.as_datetime(head.told_at) if head.told_at else None
        return Page(elements, unreadable, last=not more, told_at=told_at)

    def _one_by_one(self, raws: Sequence[msgspec.Raw]) -> tuple[list[T], list[bytes]]:
        elements: list[T] = []
        unreadable: list[bytes] = []
        for raw in raws:
            try:
                elements.append(self._element.decode(raw))
            except msgspec.ValidationError:
                unreadable.append(bytes(raw))
        return elements, unreadable

    def read_bytes(self, body: bytes) -> list[T]:
        """The elements of a body that we made ourselves."""
        elements: list[T] = getattr(self._envelope.decode(body), self.name)
        return elements

    def body(self, fragments: Sequence[bytes]) -> bytes:
        """The envelope around elements that are encoded already."""
        return b'{"' + self.name.encode() + b'":[' + b",".join(fragments) + b"]}"


ORGANISATION = Resource("Organisations", types.Organisation, path="Organisation", since=False)
ACCOUNTS = Resource("Accounts", types.Account)
TAX_RATES = Resource("TaxRates", types.TaxRate, since=False)
CURRENCIES = Resource("Currencies", types.Currency, since=False)
TRACKING_CATEGORIES = Resource("TrackingCategories", types.TrackingCategory, since=False)
CONTACTS = Resource("Contacts", types.Contact, paged=True, reading={"includeArchived": "true"})
ITEMS = Resource("Items", types.Item, query={"unitdp": "4"})
INVOICES = Resource("Invoices", types.Invoice, paged=True, query={"unitdp": "4"})
PAYMENTS = Resource("Payments", types.Payment, paged=True)
CREDIT_NOTES = Resource("CreditNotes", types.CreditNote, paged=True, query={"unitdp": "4"})
PREPAYMENTS = Resource("Prepayments", types.Prepayment, paged=True, query={"unitdp": "4"})
OVERPAYMENTS = Resource("Overpayments", types.Overpayment, paged=True, query={"unitdp": "4"})
ALLOCATIONS = Resource("Allocations", types.Allocation, since=False)
BANK_TRANSACTIONS = Resource("BankTransactions", types.BankTransaction, paged=True, query={"unitdp": "4"})
BANK_TRANSFERS = Resource("BankTransfers", types.BankTransfer, reading={"includeDeleted": "true"})
PURCHASE_ORDERS = Resource("PurchaseOrders", types.PurchaseOrder, paged=True)
MANUAL_JOURNALS = Resource("ManualJournals", types.ManualJournal, paged=True)
ATTACHMENTS = Resource("Attachments", types.Attachment, since=False)
