"""Money that moved, from a file: what these kinds have in common.

Always: each record is booked through Core's own operation, one after another in the order of the file, so that a
balance is never overdrawn; a record is never edited by a file: it is voided, and entered anew under another number.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable
from typing import Any, ClassVar, TypeVar

from tieout.core.importing.columns import Column, one_of
from tieout.core.importing.sheet import Existing, Item, Sheet
from tieout.core.models import Booked
from tieout.core.rules import Problem, Refused

F = TypeVar("F")
AUTHORISED, VOIDED = Booked.values
ELSEWHERE = "ELSEWHERE"
"""The status of a record that Core has for other documents, so that it is not taken for unchanged."""


def status_column(what: str) -> Column:
    return Column(
        "status",
        f"Authorised, or Voided (of {what} that is in Core); empty: Authorised",
        "Authorised",
        read=one_of({"Authorised": AUTHORISED, "Voided": VOIDED}),
        missing=AUTHORISED,
    )


class BookedSheet(Sheet[F]):
    """The importer of a kind that is booked at once and never edited."""

    what: ClassVar[str]
    """The record in words: `a payment`."""

    @abstractmethod
    def book(self, item: Item[F]) -> None:
        """Book a new record through its operation. May raise Refused."""

    @abstractmethod
    def void(self, key: Any) -> None:
        """Void the record of that id through its operation. May raise Refused."""

    @abstractmethod
    def match(self, item: Item[F]) -> Hashable: ...

    def key(self, item: Item[F]) -> Hashable:
        return self.match(item)

    def only_voided(self, item: Item[F]) -> list[Problem]:
        """A record that Core has not got cannot be voided."""
        if item.status != VOIDED:
            return []
        return [Problem("status", item.status, f"is only for {self.what} that Core has; leave this one out")]

    def create(self, items: list[Item[F]]) -> None:
        for item in items:
            try:
                self.book(item)
            except Refused as refusal:
                self.accept(item, refusal.problems)

    def change(self, item: Item[F], existing: Existing[F]) -> None:
        if existing.fields == item.fields and existing.status == AUTHORISED and item.status == VOIDED:
            self.void(existing.id)
            return
        reason = f"is {self.what} that Core has with other values; void that one and use a new number"
        if existing.status == VOIDED:
            reason = f"is {self.what} that was voided in Core; leave it out, or enter it anew under another number"
        raise Refused([Problem("number", str(item.first["number"]), reason)])
