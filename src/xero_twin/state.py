"""A twin's state in a file: saved when it stops, taken up again when it starts.

In: a twin, or a file. Out: the file, written beside the old one and put in its place at once, so that a kill leaves one
or the other whole; or the twin filled from it. Kept are organisations with their books, files and notes, apps,
connections, tokens and webhooks. Not kept are the journal, faults, idempotency keys and what was counted against the
limits. A file of another version, or none of ours, is a StateError that names it.
"""

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from xero_twin.identity import Access, App, Connection, Refresh
from xero_twin.organisation import RECORDS, Organisation
from xero_twin.records import Posting
from xero_twin.webhooks import Subscription

if TYPE_CHECKING:
    from xero_twin.twin import Twin

VERSION = 2


class StateError(ValueError):
    """The file cannot be taken up."""


class _Books(msgspec.Struct, kw_only=True):
    """One organisation. The records of each table are read by their own types later."""

    name: str
    country: str
    base_currency: str
    demo: bool
    period_lock_date: date | None
    end_of_year_lock_date: date | None
    tenant_id: str
    short_code: str
    created: int
    payment_terms: dict[str, dict[str, Any]] = {}
    numbers: dict[str, int]
    emails: tuple[int, int]
    tables: dict[str, msgspec.Raw]


class _State(msgspec.Struct, kw_only=True):
    version: int
    guids: int
    user_id: str
    signing: bytes
    apps: list[App]
    connections: list[Connection]
    refresh: dict[str, Refresh]
    access: dict[str, Access]
    subscriptions: list[Subscription]
    organisations: list[_Books]


def save(twin: "Twin", path: Path) -> None:
    """Write everything to the file. Each organisation is whole; calls wait while it is read."""
    written = msgspec.json.encode(_taken(twin))
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(written)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def restore(twin: "Twin", path: Path) -> None:
    """Fill a new twin from the file. Raises StateError."""
    try:
        written = path.read_bytes()
    except OSError as error:
        raise StateError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        state = msgspec.json.decode(written, type=_State)
        tables = [_records(books) for books in state.organisations]
    except msgspec.DecodeError as error:
        raise StateError(f"{path} does not hold the state of a twin: {error}") from error
    if state.version != VERSION:
        raise StateError(f"{path} was written by another version of the twin ({state.version}, not {VERSION}).")
    twin.guids.go_on(state.guids)
    for books, records in zip(state.organisations, tables, strict=True):
        twin.take(_organisation(twin, books, records))
    twin.identity.take(state)
    twin.webhooks.subscriptions = state.subscriptions


def _taken(twin: "Twin") -> _State:
    identity = twin.identity
    return _State(
        version=VERSION,
        guids=twin.guids.made,
        user_id=identity.user_id,
        signing=identity.signing,
        apps=list(identity.apps.values()),
        connections=list(identity.connections.values()),
        refresh=dict(identity.refresh),
        access=dict(identity.access),
        subscriptions=list(twin.webhooks.subscriptions),
        organisations=[_books(org) for org in list(twin.organisations.values())],
    )


def _books(org: Organisation) -> _Books:
    with org.lock:
        return _Books(
            name=org.name,
            country=org.country,
            base_currency=org.base_currency,
            demo=org.demo,
            period_lock_date=org.period_lock_date,
            end_of_year_lock_date=org.end_of_year_lock_date,
            tenant_id=org.tenant_id,
            short_code=org.short_code,
            created=org.created,
            payment_terms=dict(org.payment_terms),
            numbers=dict(org.numbers),
            emails=org.emails,
            tables={name: msgspec.Raw(msgspec.json.encode(list(table))) for name, table in org.tables().items()},
        )


def _records(books: _Books) -> dict[str, list[Any]]:
    records: dict[str, list[Any]] = {
        name: [msgspec.convert(row, RECORDS[name], strict=False) for row in msgspec.json.decode(rows)]
        for name, rows in books.tables.items()
        if name in RECORDS
    }
    known: dict[Posting, Posting] = {}  # lines that say the same share one
    for line in (line for found in records.values() for record in found for line in getattr(record, "lines", ())):
        if line.posting.can_be_shared:
            line.posting = known.setdefault(line.posting, line.posting)
    return records


def _organisation(twin: "Twin", books: _Books, records: dict[str, list[Any]]) -> Organisation:
    org = Organisation(
        books.name,
        clock=twin.clock,
        guids=twin.guids,
        country=books.country,
        base_currency=books.base_currency,
        demo=books.demo,
        period_lock_date=books.period_lock_date,
        end_of_year_lock_date=books.end_of_year_lock_date,
    )
    org.tenant_id, org.short_code, org.created = books.tenant_id, books.short_code, books.created
    org.payment_terms = dict(books.payment_terms)
    org.numbers, org.emails = dict(books.numbers), books.emails
    org.refill(records)
    return org
