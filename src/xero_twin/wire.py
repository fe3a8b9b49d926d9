"""How values look on Xero's wire, both ways.

In: bytes of JSON from a client. Out: bytes of JSON as Xero writes them: money with its two decimals
(`55.00`), dates as `\\/Date(1789344000000+0000)\\/` with the slashes escaped, nothing that is null. Numbers
with a point are read into `Decimal` from their text and never pass through a float.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

JSON = "application/json; charset=utf-8"


class _Numbers(dict[str, Decimal]):
    """Numbers by their text, as `read` reads it. Equal ones are one object: less memory, and a Decimal works out its
    hash once, which takes longer than all else."""

    def __init__(self, read: Callable[[str], Decimal]) -> None:
        self._read = read

    def __missing__(self, text: str) -> Decimal:
        if len(self) >= 65536:
            self.clear()
        found = self[text] = self._read(text)
        return found


_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=_Numbers(Decimal).__getitem__)
_encoder = msgspec.json.Encoder(decimal_format="number")


class Headers(dict[str, str]):
    """Headers whose names are in lower case already."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """One HTTP request. `path` is percent-decoded, `query` is the raw text after the question mark."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """A header's value, its name taken without regard to case."""
        wanted = name.lower()
        if type(self.headers) is Headers:
            return self.headers.get(wanted)
        for key, value in self.headers.items():
            if key.lower() == wanted:
                return value
        return None


class Response(msgspec.Struct):
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def json_response(status: int, value: object) -> Response:
    return Response(status, {"Content-Type": JSON}, encode(value))


def encode(value: object) -> bytes:
    """JSON bytes; a Decimal keeps exactly the digits it has."""
    return _encoder.encode(value)


def decode(body: bytes) -> Any:
    """Plain values with Decimals; raises `msgspec.DecodeError` when the bytes are not JSON."""
    return _decoder.decode(body)


def decoder(kind: Any, number: Callable[[str], Decimal]) -> msgspec.json.Decoder[Any]:
    """Reads bodies of one kind; what is Any in it comes as `decode` gives it, but that `number` reads a number with a
    point. Raises `msgspec.DecodeError`, and what `number` raises."""
    return msgspec.json.Decoder(kind, float_hook=_Numbers(number).__getitem__)


_DATE_HEAD = b'"\\/Date('


@lru_cache(maxsize=8192)
def day(value: date | None) -> msgspec.Raw | None:
    """A document's date: midnight UTC of the calendar day, with an offset."""
    if value is None:
        return None
    ms = int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()) * 1000
    return msgspec.Raw(b'"\\/Date(%d+0000)\\/"' % ms)


@lru_cache(maxsize=8192)
def day_string(value: date | None) -> str | None:
    """The companion of a document's date: `2026-09-14T00:00:00`."""
    return None if value is None else f"{value.isoformat()}T00:00:00"


@lru_cache(maxsize=8192)
def dates(*values: date | None) -> tuple[Any, ...]:
    """For each of a document's dates its companion and itself."""
    return tuple(written for value in values for written in (day_string(value), day(value)))


@lru_cache(maxsize=1024)
def instant(ms: int) -> msgspec.Raw:
    """A moment with an offset, as `UpdatedDateUTC` is written."""
    return msgspec.Raw(b'"\\/Date(%d+0000)\\/"' % ms)


def instant_without_offset(ms: int) -> msgspec.Raw:
    """A moment as the envelope's `DateTimeUTC` and an organisation's `CreatedDateUTC` are written."""
    return msgspec.Raw(b'"\\/Date(%d)\\/"' % ms)


@lru_cache(maxsize=1024)
def instant_string(ms: int) -> str:
    """The companion of `UpdatedDateUTC`: `2026-09-14T09:29:59Z`."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def without_nulls(element: dict[str, Any]) -> dict[str, Any]:
    """Xero leaves null values out; empty lists and empty texts stay."""
    return {key: value for key, value in element.items() if value is not None}


def written_name(field: str) -> str:
    """A field of ours as Xero writes it: `account_id` is `AccountID`."""
    return "".join(part.upper() if part in ("id", "utc") else part.capitalize() for part in field.split("_"))


class Element(msgspec.Struct, omit_defaults=True, rename=written_name):
    """A record in an answer, in Xero's order; what is None is left out. What became of a write goes before all."""

    status_attribute_string: str | None = None


def keys(value: dict[str, Any] | msgspec.Struct) -> dict[str, Any]:
    """What is written of an element or of a struct that leaves out its Nones, under the names it is written with."""
    if isinstance(value, dict):
        return value
    kind = type(value)
    names = zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True)
    return {name: found for name, field in names if (found := getattr(value, field)) is not None}


def plain(element: dict[str, Any] | msgspec.Struct) -> dict[str, Any]:
    """An element as a test would like to read it: Decimals, dates as `2026-09-14`, moments as
    `2026-09-14T09:29:59.100Z`."""
    return {key: _plain_value(key, value) for key, value in keys(element).items()}


def _plain_value(name: str, value: Any) -> Any:
    if isinstance(value, msgspec.Raw):
        return _plain_date(bytes(value), name.endswith("UTC"))
    if isinstance(value, msgspec.Struct):
        return plain(value)
    if isinstance(value, dict):
        return {key: _plain_value(key, inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_value(name, inner) for inner in value]
    return value


@lru_cache(maxsize=8192)
def _plain_date(raw: bytes, with_time: bool) -> str:
    """The text of a date on the wire: `"\\/Date(1789378199100+0000)\\/"`."""
    found = moment(int(raw[len(_DATE_HEAD) :].split(b"+")[0].split(b")")[0]))
    if with_time:
        return found.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return found.date().isoformat()


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 as an aware datetime."""
    return datetime.fromtimestamp(ms / 1000, UTC)
