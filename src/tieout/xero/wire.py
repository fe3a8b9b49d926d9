"""The forms of Xero's JSON: bytes in and out, dates, exact numbers.

Always: money goes out as a JSON number with the digits of its Decimal and comes in as Decimal from the text, never
through float. A document's date is a calendar day: the UTC part is taken as it stands, never converted.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")

_encoder = msgspec.json.Encoder(decimal_format="number")


def encode(value: object) -> bytes:
    """JSON bytes; the same value always gives the same bytes."""
    return _encoder.encode(value)


@lru_cache(maxsize=4096)  # the elements of one answer share a few times and days
def as_datetime(text: str) -> datetime:
    """An aware UTC time from `/Date(ms+0000)/` or ISO text. Raises ValueError for anything else."""
    if match := MILLISECONDS.match(text):
        return EPOCH + timedelta(milliseconds=int(match[1]))
    moment = datetime.fromisoformat(text.rstrip("Z")[:26])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def as_date(text: str) -> date:
    """The calendar day of a document date."""
    return as_datetime(text).date()


def modified_since(moment: datetime) -> str:
    """`If-Modified-Since` as Xero reads it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
