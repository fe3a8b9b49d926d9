"""The clock as a port: tests put a clock of their own in its place.

Always: what the engine writes down is dated by the clock of the database, which all machines share. A worker whose own
clock is wrong would take the key of a write for younger than it is, and send after Xero forgot it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from django.db import connection as database


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait that long."""


class DatabaseClock:
    """The database's clock. It is asked once; from then on this machine's own is corrected by the difference."""

    def __init__(self) -> None:
        self._ahead: timedelta | None = None

    def now(self) -> datetime:
        if self._ahead is None:
            with database.cursor() as cursor:
                cursor.execute("select clock_timestamp()")
                self._ahead = cursor.fetchone()[0] - datetime.now(UTC)
        return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
