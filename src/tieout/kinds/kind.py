"""What every kind of record answers, in the same few names.

A kind knows how a Core record becomes a Xero document, how that document is found again, when it may be changed, and
what the reports show. It is pure: records and books in, values out.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class Facts:
    """What Sync History shows of a record. `amount` in `currency`, or None for records without money."""

    label: str
    party: str
    date: date | None
    amount: Decimal | None
    currency: str
    channel: str = ""


class Kind(ABC, Generic[R, E]):
    """One kind of record. `rank`: lower ranks go first. `editable`: Xero lets it be changed once it exists."""

    name: ClassVar[str]
    title: ClassVar[str]
    plural: ClassVar[str]
    rank: ClassVar[int]
    id_field: ClassVar[str]
    editable: ClassVar[bool] = True
    has_money: ClassVar[bool] = True
    resource: Resource[E]

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

    def depends_on(self, record: R) -> Iterable[RecordKey]:
        """What must stand in Xero before this one."""
        return ()

    def refers_to(self, record: R) -> Iterable[tuple[str, UUID]]:
        """Core records whose content the mapping looks at: (kind, id)."""
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

    # -- the same for all kinds -------------------------------------------------------------------------------------

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

    def write_path(self, action: str, xero_id: str) -> tuple[str, str, bool]:
        """Verb, path and whether many fit in one call, for "create", "update" or "void"."""
        return ("PUT" if action == "create" else "POST", self.resource.path, True)


AnyKind = Kind[Any, Any]
