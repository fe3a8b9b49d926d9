"""Xero's call limits, counted per app and organisation.

In: each accounting call as it comes and goes. Out: what remains, or which limit is hit and for how long.
Minute and day are fixed windows whose start differs per organisation; at most `concurrent` calls are in
flight at once. A refused call is not counted. Only the minute and day limits say when to come back.
"""

import threading
from dataclasses import dataclass
from zlib import crc32

from xero_twin.wire import Response

MINUTE, DAY = 60, 86_400


@dataclass
class Limits:
    """Calls allowed: per minute, day and at once for an app on one organisation; per minute for an app on
    all."""

    minute: int = 60
    day: int = 5000
    concurrent: int = 5
    app_minute: int = 10_000


@dataclass
class _Use:
    in_flight: int = 0
    minute: int = 0
    minute_window: int = -1
    day: int = 0
    day_window: int = -1


@dataclass(frozen=True)
class Verdict:
    """What the limits say to one call: `problem` is None when it may go on."""

    headers: dict[str, str]
    problem: str | None = None

    def refusal(self) -> Response:
        """429: an empty body and an empty content type."""
        return Response(429, {**self.headers, "Content-Type": ""}, b"")


class Limiter:
    """Counts the calls of every app. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[tuple[str, str], _Use] = {}

    def enter(self, limits: Limits, app: str, tenant: str, timestamp: float) -> Verdict:
        """A call arrives. Unless refused it is counted, and `leave` must follow."""
        with self._lock:
            use = self._use(app, tenant, timestamp)
            whole = self._use(app, "", timestamp)
            problem, wait = self._problem(limits, use, whole, tenant, timestamp)
            if problem is None:
                use.in_flight += 1
                for counted in (use, whole):
                    counted.minute += 1
                    counted.day += 1
            headers = {
                "X-DayLimit-Remaining": str(max(0, limits.day - use.day)),
                "X-MinLimit-Remaining": str(max(0, limits.minute - use.minute)),
                "X-AppMinLimit-Remaining": str(max(0, limits.app_minute - whole.minute)),
            }
            if problem is not None:
                headers["X-Rate-Limit-Problem"] = problem
            if wait is not None:
                headers["Retry-After"] = str(wait)
            return Verdict(headers, problem)

    def leave(self, app: str, tenant: str) -> None:
        with self._lock:
            self._uses[app, tenant].in_flight -= 1

    def _use(self, app: str, tenant: str, timestamp: float) -> _Use:
        use = self._uses.setdefault((app, tenant), _Use())
        minute, day = _windows(tenant, timestamp)
        if use.minute_window != minute:
            use.minute_window, use.minute = minute, 0
        if use.day_window != day:
            use.day_window, use.day = day, 0
        return use

    @staticmethod
    def _problem(
        limits: Limits, use: _Use, whole: _Use, tenant: str, timestamp: float
    ) -> tuple[str | None, int | None]:
        if use.in_flight >= limits.concurrent:
            return "concurrent", None
        if use.day >= limits.day:
            return "day", _seconds_left(tenant, timestamp, DAY)
        if use.minute >= limits.minute:
            return "minute", _seconds_left(tenant, timestamp, MINUTE)
        if whole.minute >= limits.app_minute:
            return "appminute", None
        return None, None


def _offset(tenant: str, length: int) -> int:
    return crc32(tenant.encode()) % length


def _windows(tenant: str, timestamp: float) -> tuple[int, int]:
    whole = int(timestamp)
    return (whole + _offset(tenant, MINUTE)) // MINUTE, (whole + _offset(tenant, DAY)) // DAY


def _seconds_left(tenant: str, timestamp: float, length: int) -> int:
    return length - (int(timestamp) + _offset(tenant, length)) % length
