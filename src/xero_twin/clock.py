"""The twin's own time: every date, expiry and window is read from one clock.

In: seconds to wait. Out: aware UTC datetimes. A `ManualClock` moves only when told to (or when something
sleeps on it), so a test lives through six minutes or sixty days at once; a `SystemClock` follows the
machine, faster if asked. Time never runs backwards.
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the twin asks of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Let that many seconds of this clock's time go by."""


class ManualClock:
    """A clock that stands still until it is advanced; sleeping advances it. Safe to share between threads."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("A clock starts at an aware datetime, e.g. datetime(2026, 11, 2, tzinfo=UTC).")
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, which may not be negative."""
        if seconds < 0:
            raise ValueError("Time does not run backwards.")
        with self._lock:
            self._now += timedelta(seconds=seconds)


class SystemClock:
    """The machine's clock. With `speed=60` an hour of the twin's time passes in a minute."""

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("The speed of a clock is above zero.")
        self._speed = speed
        self._start = time.time()
        self._zero = time.monotonic()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._start + (time.monotonic() - self._zero) * self._speed, UTC)

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds / self._speed)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, as Xero counts them."""
    return int(moment.timestamp() * 1000)
