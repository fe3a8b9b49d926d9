"""Is what Xero shows the same as what was sent? Field by field, for any of Xero's types.

In: what was expected and what came back, of one type. Out: the differences, as paths with both values. Always: only
fields that were expected count (Xero adds many of its own); numbers compare as numbers, dates as calendar days,
addresses and phones by their type, lines by position.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import astuple

from tieout.xero import wire

# Xero hands out new numbers for these, or shows them in a form of its own.
_UNCOMPARED = {"status_attribute_string", "validation_errors", "warnings", "updated_date_utc", "line_item_id"}
_BY_TYPE = {"phones": "phone_type", "addresses": "address_type"}
_DATES = {"date", "due_date", "delivery_date"}
_SIX_DECIMALS = {"currency_rate"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its path, what Core says, what Xero says (both as text)."""

    field: str
    core: str
    xero: str


def differences(expected: msgspec.Struct, seen: msgspec.Struct, path: str = "") -> list[Difference]:
    """Every expected field of `seen` that does not hold the expected value."""
    found: list[Difference] = []
    for name, ours, theirs in zip(expected.__struct_fields__, astuple(expected), astuple(seen), strict=True):
        if ours is not None and ours != theirs and name not in _UNCOMPARED:
            found += _field(f"{path}{name}", name, ours, theirs)
    return found


def _field(path: str, name: str, expected: Any, seen: Any) -> list[Difference]:
    if isinstance(expected, msgspec.Struct):
        if seen is None:
            return [Difference(path, "present", "missing")]
        return differences(expected, seen, f"{path}.")
    if isinstance(expected, list):
        return _list(path, name, expected, seen or [])
    if _same(name, expected, seen):
        return []
    return [Difference(path, _text(expected), _text(seen))]


def _list(path: str, name: str, expected: list[Any], seen: list[Any]) -> list[Difference]:
    if kind := _BY_TYPE.get(name):
        by_type = {getattr(each, kind): each for each in seen}
        pairs = [(each, by_type.get(getattr(each, kind))) for each in expected]
    elif len(expected) != len(seen):
        return [Difference(path, f"{len(expected)} of them", f"{len(seen)} of them")]
    else:
        pairs = list(zip(expected, seen, strict=True))
    return [
        difference
        for number, (ours, theirs) in enumerate(pairs, 1)
        for difference in _field(f"{path}[{number}]", name, ours, theirs)
    ]


def _same(name: str, expected: Any, seen: Any) -> bool:
    if isinstance(expected, Decimal):
        if seen is None:
            return not expected
        return bool(abs(expected - seen) < Decimal("0.000001") if name in _SIX_DECIMALS else expected == seen)
    if isinstance(expected, str):
        if name in _DATES:
            return bool(seen) and wire.as_date(expected) == wire.as_date(seen)
        return bool(expected == (seen or ""))
    return bool(expected == seen)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
