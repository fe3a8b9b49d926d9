"""Writing many rows at once through COPY, and what goes with each new record: its event and its touch.

In: rows as tuples. Out: rows in the database, inside the caller's transaction. Always: the columns are spelt out here,
once; defaults that Django would fill are filled by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql
from psycopg.types.json import JsonbDumper

EVENT = ("organisation_id", "at", "actor", "action", "kind", "record_id", "label", "detail")
TOUCH = ("organisation_id", "kind", "record_id", "at")


@dataclass(frozen=True, slots=True)
class Created:
    """A record that was just written. `touch` is False for what Xero has no interest in, such as drafts."""

    kind: str
    id: UUID | None
    label: str
    touch: bool = True


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append `rows` to `table`."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
    with connection.cursor() as cursor:
        cursor.adapters.register_dumper(dict, JsonbDumper)  # named texts
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def announce(organisation_id: UUID, actor: str, at: datetime, detail: str, created: Sequence[Created]) -> None:
    """The audit event and the touch of each new record. `detail` is JSON text, the same for all."""
    copy_rows(
        "people_event",
        EVENT,
        ((organisation_id, at, actor, "created", each.kind, each.id, each.label[:300], detail) for each in created),
    )
    copy_rows("core_touch", TOUCH, ((organisation_id, each.kind, each.id, at) for each in created if each.touch))
