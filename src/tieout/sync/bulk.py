"""Many rows in one statement: they travel as one JSON text and are unfolded by PostgreSQL.

In: dataclasses or dicts, and a statement that reads `json_to_recordset(%(rows)s)`. Out: the cursor after it ran.
Always: inside Django's connection and transaction; money goes as text, so it stays exact. A thousand rows cost one
parameter to build and no quoting, several times cheaper than arrays per column. Statements are planned each time: the
tables grow while a run lasts, and a plan made while one was small would read all of it, and be kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from django.db import connection as database

_encoder = msgspec.json.Encoder(decimal_format="string")


def run(statement: str, rows: Sequence[Any] = (), **values: Any) -> psycopg.Cursor[Any]:
    """Run it with these rows as `%(rows)s`, and these values by name."""
    database.ensure_connection()
    with database.wrap_database_errors:
        cursor = psycopg.Cursor(database.connection)
        if rows:
            values["rows"] = _encoder.encode(rows).decode()
        cursor.execute(statement, values, prepare=False)
    return cursor


@contextmanager
def together() -> Iterator[None]:
    """Send the statements inside without waiting for each one's answer; an error of any is raised at the end."""
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.pipeline():
        yield


# One of a statement's `with`: its commit does not wait for the disk. The statement must ask for `no_flush.done`.
NO_FLUSH = "no_flush as (select set_config('synchronous_commit', 'off', true) as done)"
