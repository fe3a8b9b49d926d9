"""What a client may send: declared fields, converted the way Xero's JSON reader does it.

In: plain JSON values under keys of any case. Out: a dictionary of our own names with converted values;
unknown keys, read-only keys and nulls are left out. A value that cannot be converted refuses the whole call
(400, error 14), naming its path.
"""

import re
import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

import msgspec

from xero_twin import wire
from xero_twin.errors import Refusal, internal_error, post_data_invalid

Convert = Callable[[Any, str], Any]
Fields = Mapping[str, tuple[str, Convert]]
Sent = dict[str, Any]

_TOO_LONG = 12  # digits before the point
LIMIT = Decimal(10) ** _TOO_LONG
_FEW, _MINUS_FEW = 10**_TOO_LONG, -(10**_TOO_LONG)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_XERO_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_ISO_DAY = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)


def declare(fields: Mapping[str, tuple[str, Convert]]) -> Fields:
    """Fields by their name as documented and in lower case, so that any case is found."""
    return {**{name.lower(): field for name, field in fields.items()}, **fields}


def read(sent: object, fields: Fields, path: str) -> Sent:
    """The known fields of one object. Hardly any value fails, so paths are only written for one that does: everything
    is read without them first, and read again with them to say where it failed."""
    try:
        return _read(sent, fields)
    except Refusal:
        if not path:
            raise  # inside something that knows its path
        return _read_at(sent, fields, path)


def _read(sent: object, fields: Fields) -> Sent:
    if not isinstance(sent, dict):
        raise unconvertible(sent, "object", "")
    found: Sent = {}
    for key, value in sent.items():
        if value is not None and (field := fields.get(key) or fields.get(key.lower())) is not None:
            name, convert = field
            found[name] = value if convert is text and type(value) is str else convert(value, "")
    return found


def _read_at(sent: object, fields: Fields, path: str) -> Sent:
    if not isinstance(sent, dict):
        raise unconvertible(sent, "object", path)
    found: Sent = {}
    for key, value in sent.items():
        if value is None:
            continue
        field = fields.get(key) or fields.get(key.lower())
        if field is not None:
            found[field[0]] = field[1](value, f"{path}.{key}")
    return found


def unconvertible(value: object, kind: str, path: str) -> Refusal:
    """The sentence is the JSON reader's; its `kind` is exact only for enumerations."""
    shown = value if isinstance(value, str) else str(value)
    return post_data_invalid(f"Error converting value \"{shown}\" to type '{kind}'. Path '{path}'.")


def text(value: Any, path: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, dict, list)):
        raise unconvertible(value, "System.String", path)
    return str(value)


def number(value: Any, path: str) -> Decimal:
    """A number, or a text that holds one."""
    if type(value) is Decimal:
        return value if value.adjusted() < _TOO_LONG else _sensible(value, path)
    if type(value) is int and _MINUS_FEW < value < _FEW:
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise unconvertible(value, "System.Decimal", path)
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise unconvertible(value, "System.Decimal", path) from None
    return _sensible(found, path)


def _sensible(found: Decimal, path: str) -> Decimal:
    """Xero's largest amount has ten digits before the point; anything beyond twelve is refused (inferred)."""
    if not found.is_finite() or abs(found) >= LIMIT:
        raise unconvertible(found, "System.Decimal", path)
    return found


def check_whole(value: object) -> None:
    """A whole number of a sensible size passes as it is. Raises Refusal for all else."""
    if type(value) is not int or not _MINUS_FEW < value < _FEW:
        raise unconvertible(value, "System.Decimal", "")


def whole(value: Any, path: str) -> int:
    """A number without decimals."""
    found = number(value, path)
    if found != int(found):
        raise unconvertible(value, "System.Int32", path)
    return int(found)


def boolean(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise unconvertible(value, "System.Boolean", path)


def guid(value: Any, path: str) -> str:
    found = as_guid(value) if isinstance(value, str) else None
    if found is None:
        raise post_data_invalid(
            f"Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx). Path '{path}'."
        )
    return found


@lru_cache(maxsize=4096)
def as_guid(value: str) -> str | None:
    """A GUID in its lower-case form with dashes, or None."""
    lowered = value.strip().lower()
    if not _GUID.fullmatch(lowered):
        return None
    bare = lowered.replace("-", "")
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


def day(value: Any, path: str) -> date:
    try:
        return written_day(value)
    except (TypeError, ValueError, OverflowError):
        raise unconvertible(value, "System.DateTime", path) from None


@lru_cache(maxsize=4096)
def written_day(value: str) -> date:
    """`2026-09-14`, an ISO date-time or `/Date(ms)/`: the calendar day written in it, of the UTC moment for
    the last. Raises ValueError or OverflowError when it is none of them."""
    if match := _ISO_DAY.fullmatch(value):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _XERO_DATE.fullmatch(value):
        return datetime.fromtimestamp(int(match[1]) / 1000, UTC).date()
    raise ValueError(value)


class OneOf:
    """An enumeration, matched without regard to case (inferred)."""

    def __init__(self, allowed: tuple[str, ...], kind: str) -> None:
        self.allowed, self._kind = allowed, kind
        self._known = {value.lower(): value for value in allowed}

    def __call__(self, value: Any, path: str) -> str:
        found = self._known.get(value.lower()) if isinstance(value, str) else None
        if found is None:
            raise unconvertible(value, f"Xero.API.Library..{self._kind}", path)
        return found


def one_of(*allowed: str, kind: str) -> OneOf:
    return OneOf(allowed, kind)


class Nested:
    """An object."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def __call__(self, value: Any, path: str) -> Sent:
        return read(value, self._fields, path)

    def read(self, value: Any) -> Sent:
        return _read(value, self._fields)


def nested(fields: Fields) -> Nested:
    return Nested(fields)


def nested_list(fields: Fields, *, breaks: bool = False) -> Convert:
    """A list of objects. Where Xero breaks on something else it answers with a 500."""

    def convert(value: Any, path: str) -> list[Sent]:
        if not isinstance(value, list):
            raise internal_error() if breaks else unconvertible(value, "System.Collections.List", path)
        if not path:
            return [_read(entry, fields) for entry in value]
        return [read(entry, fields, f"{path}[{at}]") for at, entry in enumerate(value)]

    return convert


class StructList:
    """A list of objects as structs, whose fields have our names and are written under Xero's; None is "not sent".

    `settle` converts what structs that were decoded as they stand still hold as it was sent, and raises Refusal when it
    cannot be converted. It comes to the same as reading each object field by field, which is how it is called.
    """

    def __init__(self, kind: type[Any], fields: Fields, settle: Callable[[list[Any]], None]) -> None:
        self.kind, self.settle = kind, settle
        self._one_by_one = nested_list(fields)

    def __call__(self, value: Any, path: str) -> list[Any]:
        return [self.kind(**each) for each in self._one_by_one(value, path)]

    def settled(self, found: list[Any]) -> list[Any]:
        self.settle(found)
        return found


class InOneGo:
    """Reads a body that is by the book (the collection's name and all keys as documented, no unknown ones, texts that
    are texts, enumerations in their own case) into its elements at once, and comes to the same as decoding it and
    reading field by field."""

    def __init__(self, collection: str, fields: Fields) -> None:
        documented = {name: field for name, field in fields.items() if not name.islower()}
        by_the_book = {own: _by_the_book(convert) for own, convert in documented.values()}
        element = msgspec.defstruct(
            "Element",
            [(own, kind | None, None) for own, (kind, _) in by_the_book.items()],
            rename={own: name for name, (own, _) in documented.items()},
            forbid_unknown_fields=True,
        )
        elements = types.GenericAlias(list, element)
        body = msgspec.defstruct(
            "Body", [("elements", elements)], rename={"elements": collection}, forbid_unknown_fields=True
        )
        self._decoder = wire.decoder(body, lambda text: number(Decimal(text), ""))
        self._fields = tuple((own, convert) for own, (_, convert) in by_the_book.items())

    def read(self, body: bytes) -> list[Sent] | None:
        """The elements, or None if the body has to be read field by field: it is not by the book, or not right."""
        try:
            return [self._converted(one) for one in self._decoder.decode(body).elements]
        except (msgspec.DecodeError, ValueError, OverflowError, Refusal):  # also of bytes that are no text, and of days
            return None

    def _converted(self, element: msgspec.Struct) -> Sent:
        """What was sent of an element. Raises what its conversions raise."""
        found: Sent = {}
        for (name, convert), value in zip(self._fields, msgspec.structs.astuple(element)):  # noqa: B905 - as many of both
            if value is not None:
                found[name] = value if convert is None else convert(value)
        return found


def _by_the_book(convert: Convert) -> tuple[Any, Callable[[Any], Any] | None]:
    """What a value of a field is decoded to that is sent as documented, and how that is converted further."""
    if convert is text:
        return str, None
    if convert is day:
        return str, written_day
    if isinstance(convert, OneOf):
        return Literal[convert.allowed], None
    if isinstance(convert, StructList):
        return types.GenericAlias(list, convert.kind), convert.settled
    if isinstance(convert, Nested):
        return Any, convert.read
    return Any, lambda value: convert(value, "")
