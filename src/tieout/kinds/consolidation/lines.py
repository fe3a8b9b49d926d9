"""Lines that can be added up: merging them, and what is left between two sets of them.

In: lines of members. Out: lines of a document. Always: amounts and taxes are only ever added, never computed anew, so
that sums per account, tax and tracking hold to the cent; the result does not depend on the order of the lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

NOTHING = Decimal("0.00")
Key = tuple[Any, ...]


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One line. `role`: what a journal's account is for, where it has no code. `detail` keeps lines apart that agree in
    account, tax and tracking: an order's number, say. `alone`: never merged, because Xero computes its tax itself."""

    account: str
    tax_rule_id: int | None
    amount: Decimal
    tax: Decimal
    description: str
    tracking: tuple[tuple[str, str], ...] = ()
    detail: str = ""
    role: str = ""
    product_id: UUID | None = None
    quantity: Decimal = Decimal(0)
    alone: bool = False

    @property
    def key(self) -> Key:
        """What lines that may be merged have in common."""
        return (self.account, self.role, self.tax_rule_id, self.tracking, self.detail, self.product_id)

    def negated(self) -> Line:
        return msgspec.structs.replace(self, amount=-self.amount, tax=-self.tax, quantity=-self.quantity)


_many = msgspec.json.Decoder(tuple[Line, ...])
_encoder = msgspec.json.Encoder(decimal_format="string")


def dump(lines: Iterable[Line]) -> str:
    """As JSON text, for keeping."""
    return _encoder.encode(list(lines)).decode()


def read(text: str) -> tuple[Line, ...]:
    """What `dump` kept."""
    return _many.decode(text)


def merged(lines: Iterable[Line], *, by_side: bool = False, tax_first: bool = False) -> tuple[Line, ...]:
    """One line per key, in a fixed order. `by_side`: debits and credits stay apart. Lines of nothing are left out, as
    long as one remains."""
    sums: dict[Key, list[Line]] = {}
    alone: list[Line] = []
    for line in lines:
        if line.alone:
            alone.append(line)
        else:
            sums.setdefault((*line.key, by_side and line.amount < 0), []).append(line)
    found = alone + [_sum(together) for together in sums.values()]
    kept = [line for line in found if line.amount or line.tax] or found[:1]
    return tuple(sorted(kept, key=lambda line: _order(line, tax_first=tax_first)))


def difference(now: Iterable[Line], booked: Iterable[Line]) -> tuple[Line, ...]:
    """The lines that bring what is `booked` to what is wanted `now`; none where they agree."""
    now, booked = tuple(now), tuple(booked)
    rest: list[Line] = []
    alone = Counter(line for line in now if line.alone)
    for line in booked:
        if line.alone:
            alone[line.negated()] += 1
    for line, times in alone.items():
        over = times - alone[line.negated()]
        rest += [line] * max(over, 0)
    sums: dict[Key, list[Line]] = {}
    for line in (*now, *(each.negated() for each in booked)):
        if not line.alone:
            sums.setdefault(line.key, []).append(line)
    rest += [_sum(together) for together in sums.values()]
    found = [line for line in rest if line.amount or line.tax]
    return tuple(sorted(found, key=lambda line: _order(line, tax_first=False)))


def sums(lines: Iterable[Line]) -> dict[Key, tuple[Decimal, Decimal]]:
    """Amount and tax per account, role, tax rule and tracking: what a consolidation must keep."""
    found: dict[Key, tuple[Decimal, Decimal]] = {}
    for line in lines:
        key = (line.account, line.role, line.tax_rule_id, line.tracking)
        amount, tax = found.get(key, (NOTHING, NOTHING))
        found[key] = (amount + line.amount, tax + line.tax)
    return {key: both for key, both in found.items() if any(both)}


def _sum(together: list[Line]) -> Line:
    if len(together) == 1:
        return together[0]
    return msgspec.structs.replace(
        together[0],
        amount=sum((line.amount for line in together), NOTHING),
        tax=sum((line.tax for line in together), NOTHING),
        quantity=sum((line.quantity for line in together), Decimal(0)),
        description=min(line.description for line in together),
    )


def _order(line: Line, *, tax_first: bool) -> Key:
    rule = -1 if line.tax_rule_id is None else line.tax_rule_id
    lead = (rule, line.account) if tax_first else (line.account, rule)
    product = str(line.product_id or "")
    rest = (line.role, line.tracking, line.detail, product, line.description, line.amount, line.tax, line.quantity)
    return (*lead, *rest)
