"""What truly happened: one line per call, kept for tests and demos to hold a client against.

In: each call as it is answered. Out: lines in the order the calls ended, and counts by resource. A call
whose answer was lost has its line too: `lost` is set, and `created` and `updated` tell what was done all
the same.
"""

import threading
from collections import Counter
from datetime import datetime

import msgspec

Touched = tuple[str, str, str | None]  # resource, id, number


class JournalLine(msgspec.Struct):
    """`status` is 0 when the connection broke before anything was done. `resource` is `Invoices`, `token`,
    `connections`, …"""

    at: datetime
    method: str
    path: str
    app: str | None = None
    tenant: str | None = None
    resource: str = ""
    status: int = 0
    key: str | None = None
    replayed: bool = False
    lost: bool = False
    elements: int = 0
    created: list[Touched] = []
    updated: list[Touched] = []
    refused: list[tuple[str, str | None, str]] = []  # resource, number, sentences
    bytes_in: int = 0
    bytes_out: int = 0


class Journal:
    """The lines so far. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.lines: list[JournalLine] = []
        self._counts: Counter[str] = Counter()

    def add(self, line: JournalLine) -> None:
        with self._lock:
            self.lines.append(line)
            self._counts[line.resource] += 1

    def calls(self, resource: str | None = None) -> int:
        return len(self.lines) if resource is None else self._counts[resource]

    def calls_by_resource(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)
