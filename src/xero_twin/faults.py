"""Trouble on command: lost answers, delays, errors and rubbish.

In: a fault with the calls it is meant for. Out: at most one fault for each call, taken in the order they
were added and used up after `times`. `drop_before` breaks the connection before anything is done,
`drop_after` and `timeout_after` when all is done; `delay` waits; `500`, `503`, `429`, `garbage` and `html`
replace the answer, instead of doing the work or, with `done=True`, after it.
"""

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from xero_twin.errors import LostAnswer, internal_error, plain_text
from xero_twin.wire import JSON, Request, Response

KINDS = ("drop_before", "drop_after", "timeout_after", "delay", "500", "503", "429", "garbage", "html")
REPLACING = ("500", "503", "429", "garbage", "html")


@dataclass
class Fault:
    what: str
    method: str | None = None
    path: str | None = None
    times: int = 1
    after: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    def matches(self, request: Request) -> bool:
        if self.method is not None and self.method.upper() != request.method:
            return False
        return self.path is None or re.search(self.path, request.path, re.IGNORECASE) is not None

    @property
    def done(self) -> bool:
        """Whether the work is done before the answer is spoilt."""
        return bool(self.options.get("done")) or self.what in ("drop_after", "timeout_after")

    @property
    def loses(self) -> bool:
        """Whether the client gets no answer."""
        return self.what in ("drop_before", "drop_after", "timeout_after")

    @property
    def replaces(self) -> bool:
        """Whether another answer is given instead of doing the work."""
        return self.what in REPLACING and not self.done

    def lose(self) -> LostAnswer:
        """The lost answer this fault stands for; `seconds` is how long a silent connection stays open."""
        kind = "timeout" if self.what == "timeout_after" else "drop"
        return LostAnswer(kind, float(self.options.get("seconds", 30)))

    def answer(self) -> Response:
        """The answer that takes the place of Xero's."""
        if self.what == "500":
            return internal_error().answer(lambda: "5d5b5d5b-0000-4000-a000-500500500500")
        if self.what == "503":
            text = self.options.get("text", "The Xero API is temporarily unavailable")
            answer = plain_text(503, text).answer(str)
            if "retry_after" in self.options:
                answer.headers["Retry-After"] = str(self.options["retry_after"])
            return answer
        if self.what == "429":
            headers = {"Content-Type": "", "X-Rate-Limit-Problem": self.options.get("problem", "minute")}
            if headers["X-Rate-Limit-Problem"] in ("minute", "day"):
                headers["Retry-After"] = str(self.options.get("retry_after", 26))
            return Response(429, headers, b"")
        if self.what == "garbage":
            return Response(self.options.get("status", 200), {"Content-Type": JSON}, b'{"Id": "5d5b5d5b-')
        page = b"<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>"
        return Response(self.options.get("status", 502), {"Content-Type": "text/html; charset=utf-8"}, page)


class Faults:
    """The faults waiting for their calls. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.taken = 0  # how many calls had a fault

    def add(
        self,
        what: str,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int = 1,
        after: int = 0,
        **options: Any,
    ) -> Fault:
        """Have `what` happen to the next `times` calls of that method and path (a prefix or a regex),
        leaving `after` of them alone first. Raises ValueError for a kind of trouble that does not exist."""
        if what not in KINDS:
            raise ValueError(f"No fault is called {what!r}: there are {', '.join(KINDS)}.")
        fault = Fault(what, method, path, times, after, options)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, request: Request) -> Fault | None:
        """The fault for this call, used up by one."""
        if not self._waiting:
            return None
        with self._lock:
            for fault in self._waiting:
                if not fault.matches(request):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                self.taken += 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None
