"""What every kind of record answers, in the same few names.

A kind knows how a Core record becomes a Xero document, how that document is found again, when it may be changed, and
what the reports show. It is pure: records and books in, values out.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from tieout.core.records import RecordKey
from tieout.kinds.books import Books, Seen
from tieout.kinds.comparison import Difference, differences
from tieout.kinds.problems import Problem
from tieout.xero import wire
from tieout.xero.resources import Resource
from tieout.xero.types import Element

R = TypeVar("R")
E = TypeVar("E", bound=Element)


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What Sync History shows of a record: columns of its entry. `amount` in `currency`, or None for records without
    money."""

    label: str
    party: str
    date: date | None
    amount: Decimal | None
    currency: str
    channel: str = ""


JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a write goes. `many`: up to 50 elements in one call, in the resource's envelope. A content type other than
    JSON means the raw bytes of a file. What follows a `?` in the path goes as query."""

    method: str
    path: str
    many: bool = True
    content_type: str = JSON


class Kind(ABC, Generic[R, E]):
    """One kind of record. `rank`: lower ranks go first. `editable`: Xero lets it be changed once it exists.

    `reads`: the lists that show such documents. `verified_by`: the lists that are read again after some were sent.
    `always`: read and tied out for every company, not only where Core has such a record.
    `proven_by_echo`: Xero's answer to the write shows all that a read would; nothing else changes it in the same run.
    `shared_keys`: several documents may stand under one key, each for a record of its own.
    `maps_what_it_needs`: its mapping looks at the content of the contacts and products that it depends on.
    `carries`: the kind whose records it stands for, many in one document; Xero shows it as that kind.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    plural: ClassVar[str]
    rank: ClassVar[int]
    id_field: ClassVar[str]
    editable: ClassVar[bool] = True
    has_money: ClassVar[bool] = True
    always: ClassVar[bool] = False
    shared_keys: ClassVar[bool] = False
    proven_by_echo: ClassVar[bool] = False
    maps_what_it_needs: ClassVar[bool] = False
    carries: ClassVar[str] = ""
    resource: Resource[E]

    @property
    def seen_as(self) -> str:
        """The kind as which Xero's documents of this one are remembered."""
        return self.carries or self.name

    @property
    def reads(self) -> tuple[Resource[Any], ...]:
        return (self.resource,)

    @property
    def verified_by(self) -> tuple[Resource[Any], ...]:
        return () if self.proven_by_echo else self.reads

    @abstractmethod
    def facts(self, record: R) -> Facts: ...

    @abstractmethod
    def is_gone(self, record: R) -> bool:
        """Voided, deleted or deprecated in Core."""

    def is_needed(self, record: R) -> bool:
        """Gone in Core and never sent, yet something that goes to Xero refers to it."""
        return False

    def is_ready(self, record: R) -> bool:
        """False for what is not meant for Xero yet, such as a draft."""
        return True

    def left_out(self, record: R, books: Books) -> tuple[str, str] | None:
        """The rule (code and reason) by which such a record stays in Core, by the settings or by what it is."""
        return None

    def depends_on(self, record: R) -> Iterable[RecordKey]:
        """What must stand in Xero before this one."""
        return ()

    @abstractmethod
    def keys(self, record: R, books: Books) -> tuple[str, ...]:
        """What the document can be found by in Xero, the strongest first; each is unique there."""

    @abstractmethod
    def check(self, record: R, books: Books) -> Problem | None:
        """What would be refused, known without asking Xero."""

    @abstractmethod
    def payload(self, record: R, books: Books) -> E:
        """The document as it is sent to create it; an update adds the id."""

    def computed(self, record: R) -> dict[str, Decimal]:
        """What Xero must compute from the payload (totals), by field, for comparison with the answer."""
        return {}

    def moves(self, record: R, books: Books) -> Mapping[str, Decimal]:
        """What it takes of the balance of other documents, by Xero's id; voiding it gives that back."""
        return {}

    @abstractmethod
    def void_payload(self, record: R, seen: Seen | None) -> E:
        """What makes it void, deleted or archived in Xero; the id is added."""

    def check_change(self, record: R, seen: Seen | None, books: Books) -> Problem | None:
        """Why Xero would not let the existing document be changed now."""
        return None

    def check_void(self, record: R, seen: Seen | None, books: Books) -> Problem | None:
        """Why Xero would not let the existing document be voided now."""
        return self.check_change(record, seen, books)

    def adoptable(self, record: R, seen: Seen, books: Books) -> Problem | None:
        """None where a document found in Xero is this record; otherwise why it is not."""
        return None

    @abstractmethod
    def seen(self, element: E) -> Seen | None:
        """Xero's element as the last-seen view; None where it belongs to another kind."""

    def sees(self, element: Any) -> Iterator[Seen]:
        """The last-seen views that one element of the lists in `reads` shows."""
        if seen := self.seen(element):
            yield seen

    def shown_as(self, path: str, sent: E) -> Seen | None:
        """What was sent there, as a view of it would show it: by this it is found although its record changed since."""
        return self.seen(sent)

    def whole_of(self, element: Any) -> str:
        """For parts of another document: the id of the one whose parts `sees` has just told completely."""
        return ""

    # -- the same for nearly all kinds ------------------------------------------------------------------------------

    def resource_at(self, path: str) -> Resource[Any]:
        """Whose elements an address of a write takes and answers."""
        return self.resource

    def decode(self, content: bytes) -> E:
        """A payload out of what was stored of it."""
        return msgspec.json.decode(content, type=self.resource.element)

    def sent(self, path: str, body: bytes, count: int) -> list[E]:
        """The elements of a body that was sent."""
        elements: list[E] = self.resource_at(path).read_bytes(body)
        if not elements and count == 1:  # a single object without the envelope
            elements = [msgspec.json.decode(body, type=self.resource_at(path).element)]
        return elements

    def identify(self, payload: E, xero_id: str) -> E:
        """The payload aimed at an existing document."""
        return msgspec.structs.replace(payload, **{self.id_field: xero_id})

    def without_id(self, payload: E) -> bytes:
        """The content of a payload as JSON, whichever document it was aimed at."""
        return wire.encode(msgspec.structs.replace(payload, **{self.id_field: None}))

    def xero_id(self, element: E) -> str:
        return getattr(element, self.id_field) or ""

    def fingerprint(self, content: bytes) -> str:
        """A short digest of the content that Xero would hold (a payload as JSON); equal content, equal digest."""
        return hashlib.blake2b(content, digest_size=16).hexdigest()

    def compare(self, expected: E, seen: E) -> Sequence[Difference]:
        return differences(expected, seen)

    def route(self, action: str, record: R, books: Books, xero_id: str) -> Route:
        """Where the write goes, for "create", "update" or "void"."""
        return Route("PUT" if action == "create" else "POST", self.resource.path)


AnyKind = Kind[Any, Any]
